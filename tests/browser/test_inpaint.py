"""The Inpaint tab in a real browser: what is marked changes, everything else is exact."""

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.browser.tab import Tab, photograph, png

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHOTO = photograph(300, 220)
GROWN = 8  # pixels by which the filled part may reach beyond what was brushed, with the edge as it is set at first


@pytest.fixture
def tab(studio):
    tab = Tab(studio, "inpaint")
    tab.open(png(PHOTO))
    return tab


def known(tab: Tab, photo: np.ndarray = PHOTO) -> np.ndarray:
    """Where nothing may change, [H,W] of bool."""
    mask = cv2.resize(tab.mask(), photo.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.dilate(mask, np.ones((2 * GROWN + 1, 2 * GROWN + 1))) == 0


def test_a_brushed_part_is_filled_and_every_other_pixel_is_exact(tab, tmp_path):
    tab.stroke(80, 100, 160, 120)
    tab.done()
    picture, outside = tab.picture(tmp_path), known(tab)
    assert picture.shape == PHOTO.shape
    assert np.array_equal(picture[outside], PHOTO[outside])
    inside = tab.mask() == 255
    assert np.abs(picture.astype(int) - PHOTO)[inside].mean() > 3
    assert tab.history() == 1 and "4 steps" in tab.status()


def test_erase_swap_clear_and_undo_change_the_mask_and_the_last_undo_gives_the_original(tab, tmp_path):
    tab.stroke(60, 128, 200, 128)
    brushed = tab.mask()
    tab.tool("eraser")
    tab.stroke(130, 90, 130, 170)
    erased = tab.mask()
    assert 0 < (erased > 127).sum() < (brushed > 127).sum()
    tab.click("invert", "canvas")
    assert np.abs(tab.mask().astype(int) - (255 - erased.astype(int))).mean() < 2
    tab.page.keyboard.press("Control+z")
    tab.page.keyboard.press("Control+z")
    assert np.array_equal(tab.mask(), brushed)
    tab.done()
    filled = tab.source()
    tab.click("clear", "canvas")
    assert tab.mask() is None
    tab.done()
    assert tab.source() != filled and "Brush over" in tab.status()
    tab.page.keyboard.press("Control+z")
    assert np.array_equal(tab.mask(), brushed)
    tab.done()
    assert tab.source() == filled


def test_a_box_a_wider_edge_and_another_seed(tab):
    tab.tool("box")
    tab.stroke(80, 80, 180, 160)
    tab.done()
    first = tab.source()
    mask = tab.mask() > 127
    rows, columns = np.nonzero(mask)
    box = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert box.mean() > 0.97 and abs(columns.max() - columns.min() - 100 * 300 / 256) < 4
    tab.choose("grow", 8)
    tab.done()
    wider = tab.source()
    tab.page.keyboard.press("n")
    tab.page.wait_for_function(f"{tab.js}.settings.seed !== 2417")
    tab.done()
    assert len({first, wider, tab.source()}) == 3 and tab.history() == 3


def test_a_mask_is_saved_and_loaded(tab, tmp_path):
    tab.stroke(80, 100, 160, 120)
    tab.done()
    mask = tab.mask()
    tab.advanced()
    saved = tab.download(tmp_path, "saveMask", "settings")
    assert np.array_equal(np.array(Image.open(saved).convert("L")), mask)
    tab.click("clear", "canvas")
    with tab.page.expect_file_chooser() as chooser:
        tab.click("openMask", "settings")
    chooser.value.set_files(saved)
    tab.page.wait_for_function(f"{tab.js}.painting.maskUrl()")
    tab.done()
    assert ((tab.mask() > 127) != (mask > 127)).mean() < 0.01
    banner = tab.find("result", ".os-banner")
    assert not banner.is_visible()
    Image.fromarray(mask[: len(mask) // 2]).save(tmp_path / "half.png")
    with tab.page.expect_file_chooser() as chooser:
        tab.click("openMask", "settings")
    chooser.value.set_files(tmp_path / "half.png")
    banner.filter(has_text="This mask has another shape than the photo").wait_for()


def test_strokes_of_colour_inside_the_mask_are_followed(tab, tmp_path):
    tab.tool("box")
    tab.stroke(70, 70, 190, 190)
    tab.done()
    without = tab.picture(tmp_path)[80:140, 120:180].mean((0, 1))
    tab.tool("paint")
    tab.page.locator("#inpaint-canvas .os-swatch[aria-label^=Blue]").click()
    for y in (90, 110, 130, 150, 170):
        tab.stroke(80, y, 180, y)
    tab.done()
    picture = tab.picture(tmp_path)
    blue = picture[80:140, 120:180].mean((0, 1))
    assert blue[2] - blue[0] > without[2] - without[0] + 30
    outside = known(tab)
    assert np.array_equal(picture[outside], PHOTO[outside])


def test_the_whole_photo_is_seen_and_filled_where_it_is_brushed_at_its_own_size(studio, tmp_path):
    tab = Tab(studio, "inpaint")
    wide = photograph(900, 300)
    tab.open(png(wide))
    seen = tab.find("canvas", ".os-view").bounding_box()
    paper = tab.find("canvas", ".os-paper").bounding_box()
    assert seen["width"] == pytest.approx(paper["width"], abs=1)
    assert seen["height"] == pytest.approx(paper["height"] / 3, abs=1)
    for x in (20, 230):  # of 256 across the whole photo, at both of its ends
        tab.stroke(x, 125, x + 8, 130)
    tab.done()
    picture, outside = tab.picture(tmp_path), known(tab, wide)
    assert picture.shape == wide.shape and np.array_equal(picture[outside], wide[outside])
    for x in (24, 234):
        column = round(x * 900 / 256)
        assert np.abs(picture.astype(int) - wide)[140:160, column - 10 : column + 10].mean() > 2
    shown = tab.find("result", ".os-frame > img").evaluate("(img) => [img.naturalWidth, img.naturalHeight]")
    assert shown[0] == pytest.approx(3 * shown[1], abs=3)
    assert "8 steps" in tab.status()  # holes far apart have a square each


def drag(tab: Tab, selector: str, dx: float, dy: float) -> None:
    box = tab.find("canvas", selector).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    tab.page.mouse.move(x + dx, y + dy, steps=5)
    tab.page.mouse.up()


def test_the_square_finds_its_place_is_seen_on_demand_and_stays_where_it_is_dragged(studio):
    tab = Tab(studio, "inpaint")
    tab.open(png(photograph(900, 600)))
    square = tab.find("canvas", ".os-square")
    tab.stroke(40, 90, 50, 100)
    tab.done()
    assert not square.is_visible() and tab.page.evaluate(f"{tab.js}.painting.square") is None
    found = tab.page.evaluate(f"{tab.js}.painting.found")[0]
    assert found[0] < 45 * 900 / 256 < found[0] + found[2]
    tab.page.keyboard.press("m")
    box, photo = square.bounding_box(), tab.find("canvas", ".os-view").bounding_box()
    assert box["width"] == pytest.approx(found[2] * photo["width"] / 900, abs=2)
    drag(tab, ".os-square", 30, 20)
    tab.done()
    moved = tab.page.evaluate(f"{tab.js}.painting.square")
    by = 900 / photo["width"]
    assert moved == pytest.approx([found[0] + 30 * by, found[1] + 20 * by, found[2]], abs=4)
    assert tab.page.evaluate(f"{tab.js}.painting.found") == [moved]
    tab.page.keyboard.press("Escape")
    assert square.is_visible()  # what a person has placed is seen
    tab.page.keyboard.press("m")
    tab.page.get_by_role("button", name="Find it by itself").click()
    tab.page.keyboard.press("Escape")
    tab.done()
    assert not square.is_visible() and tab.page.evaluate(f"{tab.js}.painting.found") == [found]


def test_a_dragged_edge_extends_the_photo_and_undo_takes_it_back(tab, tmp_path):
    grips = tab.find("canvas", ".os-edges")
    assert not grips.is_visible()
    tab.click("extend", "canvas")
    drag(tab, ".os-edges .se", 60, 40)
    tab.done()
    first = tab.page.evaluate(f"{tab.js}.painting.frame")
    assert first[:2] == [0, 0] and min(first[2:]) > 20
    drag(tab, ".os-edges .n", 30, -30)
    tab.done()
    left, top, right, bottom = tab.page.evaluate(f"{tab.js}.painting.frame")
    assert [left, right, bottom] == [0, *first[2:]] and top > 20
    tab.page.keyboard.press("Escape")
    assert not grips.is_visible()
    picture, (height, width) = tab.picture(tmp_path), PHOTO.shape[:2]
    assert picture.shape == (height + top + bottom, width + left + right, 3)
    inner = picture[top : top + height, left : left + width]
    assert np.array_equal(inner, PHOTO)
    assert picture[0].std() > 0
    tab.page.keyboard.press("Control+z")
    assert tab.page.evaluate(f"{tab.js}.painting.frame") == first
    tab.page.keyboard.press("Control+z")
    assert tab.page.evaluate(f"{tab.js}.painting.frame") == [0, 0, 0, 0]
    tab.done()
    assert "Brush over" in tab.status()


def test_an_edge_goes_out_by_arrow_keys_and_a_drag_on_the_photo_extends_nothing(tab):
    tab.stroke(10, 128, 2, 128)  # over the photo's edge
    assert tab.page.evaluate(f"{tab.js}.painting.frame") == [0, 0, 0, 0]
    tab.page.keyboard.press("g")
    tab.page.get_by_role("slider", name="Right edge").focus()
    tab.page.keyboard.press("ArrowRight")
    once = tab.page.evaluate(f"{tab.js}.painting.frame")
    tab.page.keyboard.press("Shift+ArrowRight")
    more = tab.page.evaluate(f"{tab.js}.painting.frame")
    assert 0 < once[2] < more[2] and [*more[:2], more[3]] == [0, 0, 0]
    tab.page.keyboard.press("ArrowLeft")
    tab.done()
    assert tab.page.evaluate(f"{tab.js}.painting.frame")[2] < more[2]


def test_the_button_that_asks_says_what_it_does(studio):
    tab = Tab(studio, "inpaint")
    tab.page.evaluate(f"{tab.js}.set('auto', false)")
    button = tab.find("settings", "[data-do=generate]")
    for how, tip in (("Erase", "Erase what is marked  (Enter)"), ("Fill", "Fill what is marked  (Enter)")):
        tab.find("how", "label").filter(has_text=how).click()
        tab.page.wait_for_function(f"{tab.js}.settings.how === '{how.lower()}'")
        assert (button.inner_text(), button.get_attribute("title")) == (how, tip)


def test_what_is_erased_goes_and_the_photo_comes_in_its_place(studio, start, tmp_path):
    tab, server = Tab(studio, "inpaint"), start()
    plain = np.full((240, 320, 3), (180, 150, 120), np.uint8)
    plain[100:130, 140:180] = (20, 30, 200)
    tab.open(png(plain))
    before = server.evaluations()
    tab.page.locator("#inpaint-how").get_by_text("Erase").click()
    tab.tool("box")
    tab.stroke(104, 100, 152, 142)
    tab.done()
    assert "Erased" in tab.status() and server.evaluations() == before
    assert (tab.picture(tmp_path) == (180, 150, 120)).all()
    tab.page.keyboard.press("m")
    assert tab.page.evaluate(f"{tab.js}.painting.found") == []  # no square: the model is not asked


def test_stop_ends_within_one_evaluation(visit, start):
    server = start("--delay", "0.5")
    tab = Tab(visit(server.address), "inpaint")
    tab.open(png(PHOTO))
    tab.page.evaluate(f"() => {{ {tab.js}.settings.steps = 8; }}")  # more than the control offers
    before = server.evaluations()
    tab.stroke(80, 100, 160, 120)
    tab.page.wait_for_function(f"{tab.js}.loop.state().step >= 2")
    tab.page.keyboard.press("Escape")
    tab.says("Stopped after step")
    tab.page.wait_for_timeout(1500)
    assert server.evaluations() - before <= 5
    assert tab.history() == 0 and tab.mask() is not None


def test_history_restores_photo_and_mask_and_a_reload_loses_nothing(tab):
    tab.stroke(80, 100, 160, 120)
    tab.done()
    first, mask = tab.source(), tab.mask()
    tab.stroke(60, 200, 200, 200)
    tab.done()
    assert tab.history() == 2
    tab.find("history", ".os-thumb").nth(1).click()
    tab.click("restore", "history")
    tab.page.wait_for_function(f"{tab.js}.painting.count === 4")
    tab.done()
    assert np.array_equal(tab.mask(), mask) and tab.source() == first
    tab.page.wait_for_timeout(400)
    tab.page.reload()
    tab.studio.ready()
    tab.show()
    tab.page.wait_for_function(f"{tab.js}.painting.photo")
    tab.done()
    assert np.array_equal(tab.mask(), mask) and tab.source() == first
    tab.find("history", ".os-thumb").first.wait_for()


def test_before_and_after_by_wipe_and_by_a_held_key(tab):
    tab.stroke(80, 100, 160, 120)
    tab.done()
    before = tab.find("result", ".os-before")
    assert not before.is_visible()
    tab.page.keyboard.down("o")
    assert before.is_visible()
    tab.page.keyboard.up("o")
    assert not before.is_visible()
    tab.page.keyboard.press("c")
    slider = tab.find("result", ".os-wipe input")
    slider.focus()
    tab.page.keyboard.press("ArrowRight")
    assert slider.input_value() == "55" and before.is_visible()


def test_variations_are_four_other_seeds_of_the_same_mask(tab):
    tab.stroke(80, 100, 160, 120)
    tab.done()
    tab.click("vary", "variations")
    thumbs = tab.find("variations", ".os-thumb img")
    tab.page.wait_for_function("document.querySelectorAll('#inpaint-variations .os-thumb img').length === 4")
    assert len({thumbs.nth(i).get_attribute("src") for i in range(4)}) == 4
    tab.page.wait_for_function(f"!{tab.js}.loop.state().busy")
    thumbs.nth(1).click()
    assert tab.settings()["seed"] == 2419 and tab.history() == 2


def test_what_is_no_picture_and_a_full_mask_are_told_in_a_sentence(tab):
    tab.drop(("notes.png", "image/png", b"not a picture at all"))
    tab.says("picture")
    assert tab.page.evaluate(f"{tab.js}.painting.count") == 1
    tab.tool("box")
    tab.stroke(2, 2, 254, 254)
    tab.click("clear", "canvas")
    tab.click("invert", "canvas")
    tab.says("Nothing is left to keep")


def test_a_finger_fills_on_a_phone(visit, start):
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
    tab = Tab(visit(start().address, **phone), "inpaint")
    tab.open(png(PHOTO))
    way = [tab.at(x, 120) for x in (80, 120, 160)]  # at once: a finger that waits picks a colour
    for kind, point in zip(("touchStart", "touchMove", "touchMove"), way, strict=True):
        tab.studio.touch(kind, point)
    tab.studio.touch("touchEnd")
    tab.done()
    assert (tab.mask() > 0).any() and tab.source()
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_large_photo_s_mask_is_as_sharp_as_painted_and_a_result_brings_everything_back(
    studio, visit, start, tmp_path
):
    y, x = np.mgrid[0:900, 0:1200]
    large = np.stack([x // 8, y // 6, (x + y) // 14], 2).astype(np.uint8)
    tab = Tab(studio, "inpaint")
    tab.open(png(large))
    tab.choose("seed", 5)
    tab.choose("steps", 3)
    tab.choose("grow", 8)
    tab.advanced()
    tab.choose("feather", 0)  # a soft edge would take in what the first filling left there
    tab.stroke(80, 100, 160, 120)
    tab.tool("paint")
    tab.page.locator("#inpaint-canvas .os-swatch[aria-label^=Blue]").click()
    tab.stroke(100, 180, 160, 180)
    tab.done()
    mask, saved = tab.mask(), tab.download(tmp_path)
    middle = mask[round((104 / 256) * 900)]
    assert mask.shape == (900, 1200) and (middle > 245).sum() > 100 > 6 >= ((middle > 10) & (middle < 245)).sum()
    filled = np.array(Image.open(saved).convert("RGB"))
    changed = np.nonzero((filled != large).any(2))[0]
    brushed = np.nonzero(mask > 127)[0]
    assert 20 < brushed.min() - changed.min() <= 30  # 8 of the 256 that are seen are 28 pixels
    other = Tab(visit(start().address), "inpaint")
    other.open(saved.read_bytes())
    assert other.mask() is None
    other.says("This picture carries its settings")
    other.page.get_by_role("button", name="Use settings").click()
    other.page.wait_for_function(f"{other.js}.settings.seed === 5 && {other.js}.settings.steps === 3")
    other.page.wait_for_function(f"{other.js}.painting.inkUrl()")
    other.done()
    assert other.mask().shape == mask.shape and (other.mask() > 127)[mask > 127].all()
    again = np.array(Image.open(other.download(tmp_path)).convert("RGB"))
    assert np.array_equal(again, filled)


ZOOM = "document.querySelector('#inpaint-canvas .os-layer').style.transform"


def test_the_view_stays_after_strokes_undo_and_another_size_of_the_page_and_goes_home_to_extend(tab):
    page = tab.page
    page.mouse.move(*tab.at(128, 128))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_function(f"{ZOOM} !== ''")
    zoomed = page.evaluate(ZOOM)
    tab.stroke(100, 100, 140, 140)
    assert page.evaluate(ZOOM) == zoomed
    page.keyboard.press("Control+z")
    page.wait_for_function(f"{tab.js}.painting.count === 1")
    page.set_viewport_size({"width": 1100, "height": 700})
    assert page.evaluate(ZOOM) == zoomed
    page.keyboard.press("g")
    page.wait_for_function(f"{ZOOM} !== {zoomed!r}")


def test_compare_shows_nothing_of_the_photo_before_a_new_one_of_another_shape(tab):
    tab.stroke(80, 100, 160, 120)
    tab.done()
    tab.page.keyboard.press("c")
    tab.open(png(photograph(100, 400)))
    tab.stroke(120, 100, 136, 120)
    tab.done()
    beside = "(canvas) => canvas.getContext('2d').getImageData(20, 256, 1, 1).data[3]"
    assert tab.find("result", ".os-before").evaluate(beside) == 0


def test_the_mask_has_the_colour_that_is_chosen_also_after_a_reload(tab):
    tab.stroke(80, 100, 160, 120)
    middle = """(canvas) => {
      const copy = new OffscreenCanvas(12, 12).getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, -340, -320); // reading the page's own canvas again and again makes the browser complain
      const { data } = copy.getImageData(0, 0, 12, 12);
      const sum = [0, 0, 0];
      for (let i = 0; i < data.length; i++) if (i % 4 < 3) sum[i % 4] += data[i];
      return sum;
    }"""
    overlay = tab.find("canvas", ".os-layer > canvas:not(.os-input)")
    red, green, _ = overlay.evaluate(middle)
    assert green > red
    tab.advanced()
    tab.page.locator("#inpaint-maskColour").get_by_text("Red").click()
    tab.page.wait_for_function(f"{tab.js}.settings.maskColour === 'red'")
    tab.page.wait_for_timeout(400)  # what is kept is written a moment later
    red, green, _ = overlay.evaluate(middle)
    assert red > green
    tab.page.reload()
    tab.studio.ready()
    tab.show()
    tab.page.wait_for_function(f"{tab.js}.painting.marked.any && {tab.js}.settings.maskColour === 'red'")
