"""Seed, steps, strength, look; variations, history, compare; and the files that carry them."""

import io
import json

import numpy as np
import pytest
from PIL import Image

import core
from app.edits.record import KEY, read_record, record_text
from app.examples import load_examples
from tests.browser.studio import mustard
from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


EIGHT_STEPS = """
const painting = sessionStorage['onestroke.paint'];
if (painting) sessionStorage['onestroke.paint'] = painting.replace('"steps":4', '"steps":8');
"""
EIGHT_STEPS_IN_HISTORY = """() => new Promise((resolve) => {
  const opened = indexedDB.open('onestroke');
  opened.onsuccess = () => {
    const transaction = opened.result.transaction('entries', 'readwrite');
    transaction.objectStore('entries').openCursor().onsuccess = ({ target: { result: entry } }) => {
      if (!entry) return;
      const { settings } = entry.value;
      if (settings.steps === 4) entry.update({ ...entry.value, settings: { ...settings, steps: 8 } });
      entry.continue();
    };
    transaction.oncomplete = () => { opened.result.close(); resolve(); };
  };
})"""


DENY_STORAGE = """
for (const name of ['sessionStorage', 'localStorage', 'indexedDB']) {
  Object.defineProperty(window, name, { get() { throw new DOMException('Access is denied.', 'SecurityError'); } });
}"""


def photo(seed: int = 0) -> bytes:
    """Half dark blue, half sand, with some noise, as a JPEG file that is wider than high."""
    pixels = np.full((300, 400, 3), (30, 40, 90), np.uint8)
    pixels[150:] = (210, 190, 150)
    pixels = pixels + np.random.default_rng(seed).integers(0, 12, pixels.shape, np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG")
    return stream.getvalue()


def test_the_step_slider_changes_the_number_of_evaluations(studio):
    studio.paint(steps=4)
    assert [each["kind"] for each in studio.pictures("refine")] == ["refine"] * 4
    assert "4 steps" in studio.find("#paint-result .os-status").inner_text()
    assert studio.find("#paint-result .os-progress i.done").count() == 4


def test_where_storage_is_denied_strokes_photos_and_the_history_of_the_visit_work(visit, start):
    studio = visit(start().address, script=DENY_STORAGE)
    studio.paint(steps=1)
    studio.find("#paint-history .os-thumb img").wait_for()
    tab = Tab(studio, "inpaint")
    tab.open(photo(), kind="image/jpeg")
    tab.stroke(100, 100, 140, 140)
    tab.done()
    tab.click("clear", "canvas")
    tab.find("history", ".os-thumb").first.click()
    tab.click("restore", "history")
    tab.page.wait_for_function(f"{tab.js}.painting.marked.any")


def test_at_one_step_the_live_picture_is_the_last(studio):
    studio.paint(steps=1)
    studio.find("#paint-history img").wait_for()
    assert studio.pictures("refine") == [] and len(studio.pictures("live")) == 1


def test_look_strength_and_seed_change_the_picture(studio):
    studio.paint(steps=1)
    seen = [studio.source()]
    studio.find("#paint-look label", has_text="Render").click()
    studio.page.wait_for_function("onestroke.task('paint').settings.look === 'render'")
    studio.refined()
    seen.append(studio.source())
    for name, value in (("strength", 0.2), ("seed", 5)):
        studio.choose(name, value)
        studio.refined()
        seen.append(studio.source())
    assert len(set(seen)) == 4


def test_another_room_is_another_seed_of_the_same_strokes(studio):
    studio.paint(steps=1)
    picture, canvas = studio.source(), studio.canvas()
    studio.find("#paint-reroll button").click()
    studio.page.wait_for_function("onestroke.task('paint').settings.seed !== 2417")
    studio.refined()
    assert studio.source() != picture and np.array_equal(studio.canvas(), canvas)
    assert studio.find("#paint-seed input").input_value() == str(studio.settings()["seed"])


def test_an_unlocked_seed_changes_with_every_stroke(studio):
    studio.paint(steps=1)
    studio.find("#paint-lock button").click()
    assert studio.find("#paint-lock button").get_attribute("aria-pressed") == "false"
    studio.stroke(40, 160, 120, 160)
    studio.refined()
    assert studio.settings()["seed"] != 2417


def test_a_downloaded_picture_holds_its_record(studio, tmp_path):
    studio.paint(seed=12, steps=2)
    path = studio.download(tmp_path)
    record = read_record(path.read_bytes())
    assert path.name == "onestroke-12.png" and core.read_image(path).size == (64, 64)
    assert (record["seed"], record["steps"], record["strength"], record["look"]) == (12, 2, 0.5, "photo")
    assert record["task"] == "paint" and record["strokes"].startswith("data:image/png;base64,")


def test_a_dropped_picture_restores_strokes_and_settings(studio, visit, start, tmp_path):
    studio.find("#paint-look label", has_text="Render").click()
    studio.choose("strength", 0.3)
    studio.paint(seed=12, steps=2)
    file = studio.download(tmp_path).read_bytes()
    other = visit(start().address)
    other.bring(file)
    other.says("This picture carries its settings")
    other.find("#paint-result .os-banner button", has_text="Use settings").click()
    other.refined()
    assert other.settings() == {"look": "render", "steps": 2, "strength": 0.3, "seed": 12}
    assert np.abs(other.canvas() - studio.canvas()).mean() < 1
    assert np.abs(other.result() - studio.result()).mean() < 4
    assert other.find("#paint-seed input").input_value() == "12"
    assert other.find("#paint-steps input[type=number]").input_value() == "2"


def test_a_dropped_picture_s_strokes_can_be_changed_one_by_one(studio, visit, start, tmp_path):
    studio.paint(seed=12, steps=1)
    studio.stroke(60, 150, 200, 150)
    studio.refined()
    painted = studio.canvas()
    file = studio.download(tmp_path)
    assert core.read_image(file).size == (64, 64)  # the strokes inside do not disturb
    other = visit(start().address)
    other.bring(file.read_bytes())
    other.find("#paint-result .os-banner button", has_text="Use settings").click()
    other.refined()
    assert np.array_equal(other.canvas(), painted)
    other.key("s")
    other.click(130, 150)
    other.key("Backspace")
    other.refined()
    changed = np.abs(other.canvas() - painted).max(axis=2) > 20
    assert changed[150, 70:190].all() and not changed[:120].any()


def test_a_picture_of_more_steps_than_there_are_now_is_painted_again_in_the_most(studio, tmp_path):
    studio.paint(seed=12, steps=4)
    canvas, picture = studio.canvas(), studio.result()
    record = read_record(studio.download(tmp_path).read_bytes()) | {"steps": 7}
    older = core.png_bytes(np.zeros((8, 8, 3), np.uint8), texts={KEY: record_text(record, ())})
    studio.choose("steps", 1)
    studio.choose("seed", 13)
    studio.key("Delete")
    studio.bring(older)
    studio.says("7 steps become 4")
    studio.find("#paint-result .os-banner button", has_text="Use settings").click()
    studio.page.wait_for_function("onestroke.task('paint').settings.steps === 4")
    studio.refined()
    assert studio.settings()["seed"] == 12 and "4 steps" in studio.find("#paint-result .os-status").inner_text()
    assert np.abs(studio.canvas() - canvas).mean() < 1
    assert np.abs(studio.result() - picture).mean() < 4


def test_an_older_visit_s_painting_and_history_come_back_in_the_most_steps(studio):
    """Both say eight steps, as they could when pages offered as many; in truth they were made in four."""
    studio.paint(seed=5, steps=4)
    studio.find("#paint-history img").wait_for()
    picture, canvas = studio.source(), studio.canvas()
    studio.page.evaluate(EIGHT_STEPS_IN_HISTORY)
    studio.page.add_init_script(EIGHT_STEPS)
    studio.reload()
    studio.refined()
    assert np.array_equal(studio.canvas(), canvas) and studio.source() == picture
    assert studio.settings()["steps"] == 4
    assert studio.find("#paint-steps input[type=number]").input_value() == "4"
    entry = studio.find("#paint-history .os-thumb").last
    assert "8 steps" in entry.get_attribute("aria-label")  # as it was made
    studio.choose("steps", 1)
    studio.stroke(40, 160, 120, 160)
    studio.refined()
    entry.click()
    studio.button("restore", "#paint-history").click()
    studio.page.wait_for_function("onestroke.task('paint').settings.steps === 4")
    studio.refined()
    assert np.array_equal(studio.canvas(), canvas) and studio.source() == picture


def test_of_a_dropped_picture_the_pixels_alone_can_be_taken(studio, tmp_path):
    studio.paint(seed=12, steps=1)
    file = studio.download(tmp_path).read_bytes()
    studio.choose("seed", 13)
    studio.key("Escape")
    studio.bring(file)
    studio.says("This picture carries its settings")
    studio.find("#paint-result .os-banner button", has_text="Only the picture").click()
    studio.page.wait_for_function("document.querySelector('#paint-canvas .os-canvas').onestroke.strokes() === 2")
    studio.refined()
    assert studio.settings()["seed"] == 13


@pytest.mark.parametrize("how", ["drop", "paste"])
def test_a_photo_becomes_strokes_or_paper(studio, how):
    studio.bring(photo(), "image/jpeg", how)
    studio.says("Your photo became strokes")
    studio.refined()
    strokes = studio.canvas()
    assert len(np.unique(strokes[20:100, 20:236].reshape(-1, 3), axis=0)) < 20  # flat areas of few colours
    studio.find("#paint-result .os-banner button", has_text="Use the photo").click()
    studio.page.wait_for_function("document.querySelector('#paint-canvas .os-canvas').onestroke.strokes() === 2")
    studio.refined()
    assert np.abs(studio.canvas()[20, 128] - (35, 45, 95)).max() < 20
    studio.key("Control+z")
    studio.refined()
    assert np.array_equal(studio.canvas(), strokes)


def test_what_is_said_of_a_photo_goes_with_its_strokes(studio):
    banner = studio.find("#paint-result .os-banner")
    studio.bring(photo(), "image/jpeg", "drop")
    studio.says("Your photo became strokes")
    studio.stroke(40, 60, 120, 60)
    assert banner.is_visible()
    studio.key("Control+z")
    studio.key("Control+z")
    banner.wait_for(state="hidden")


def test_what_is_no_picture_is_told_and_changes_nothing(studio):
    studio.paint(steps=1)
    canvas = studio.canvas()
    for kind, data in (("text/plain", b"hello"), ("image/png", b"\x89PNG\r\n\x1a\nrubbish" * 9)):
        studio.bring(data, kind)
        studio.says("This file is not a picture")
        studio.find("#paint-result .os-banner [aria-label=Close]").click()
    assert np.array_equal(studio.canvas(), canvas)


def test_a_hostile_record_cannot_do_more_than_a_wrong_setting(studio):
    """Huge numbers, markup and a foreign address in a record: dropped, and the page lives."""
    strokes = "data:image/png;base64," + "A" * 100
    record = {
        "format": 1,
        "task": "paint",
        "seed": 1e300,
        "steps": -4,
        "strength": "x",
        "look": "<b>",
        "strokes": strokes,
    }
    for strokes in (record["strokes"], "http://example.com/x.png", None):
        text = json.dumps(record | {"strokes": strokes})
        studio.bring(core.png_bytes(np.zeros((8, 8, 3), np.uint8), texts={"onestroke": text}))
        studio.find("#paint-result .os-banner").wait_for()
        choice = studio.find("#paint-result .os-banner button", has_text="Use settings")
        if choice.count():
            choice.click()
            studio.says("This file is not a picture")
    assert studio.settings()["seed"] == 2417
    studio.paint()


def test_four_variations_show_other_seeds_and_a_click_takes_one(studio):
    studio.paint(steps=2)
    picture = studio.source()
    studio.button("vary").click()
    studio.varied()
    sources = {image.get_attribute("src") for image in studio.find("#paint-variations img").all()}
    assert len(sources | {picture}) == 5
    studio.find("#paint-variations .os-thumb").nth(1).click()
    assert studio.settings()["seed"] == 2419
    assert studio.source() == studio.find("#paint-variations img").nth(1).get_attribute("src")
    studio.stroke(40, 160, 120, 160)
    studio.refined()
    studio.key("Control+z")
    studio.refined()
    assert np.abs(studio.result() - picture_pixels(studio, "#paint-variations img >> nth=1")).mean() < 3


def picture_pixels(studio, selector: str) -> np.ndarray:
    handle = studio.find(selector).evaluate_handle("(image) => { image.id = 'measured'; return image; }")
    pixels = studio._pixels("#measured")
    handle.evaluate("(image) => image.removeAttribute('id')")
    return pixels


def test_history_keeps_pictures_and_brings_strokes_and_settings_back(studio):
    studio.paint(seed=5, steps=1)
    studio.find("#paint-history img").wait_for()
    first, canvas = studio.source(), studio.canvas()
    studio.choose("seed", 6)
    studio.stroke(40, 160, 120, 160)
    studio.refined()
    studio.page.wait_for_function("document.querySelectorAll('#paint-history img').length >= 2")
    oldest = studio.find("#paint-history .os-thumb").last
    oldest.click()
    assert studio.source() == first
    studio.page.evaluate("onestroke.task('paint').on('settled', () => { window.settled = true; })")
    studio.button("restore", "#paint-history").click()
    studio.page.wait_for_function("onestroke.task('paint').settings.seed === 5")
    studio.refined()
    studio.page.wait_for_function("window.settled")  # and is in the history
    assert np.array_equal(studio.canvas(), canvas) and studio.source() == first
    count = studio.find("#paint-history img").count()
    studio.button("remove", "#paint-history").click()
    assert studio.find("#paint-history img").count() == count - 1
    studio.reload()
    studio.refined()
    assert studio.find("#paint-history img").count() >= count - 1


def test_compare_wipes_between_strokes_and_room(studio):
    studio.paint()
    assert not studio.find("#paint-result .os-wipe").is_visible()
    studio.button("compare").click()
    slider = studio.find("#paint-result .os-wipe input")
    slider.focus()
    studio.key("ArrowRight")
    assert slider.input_value() == "55" and "55%" in studio.find("#paint-result .os-result").get_attribute("style")
    before = studio._pixels("#paint-result .os-before")
    assert np.abs(before - studio.canvas()).mean() < 1
    studio.key("c")
    assert not studio.find("#paint-result .os-wipe").is_visible()


def test_every_example_paints_in_one_click(studio):
    names = studio.page.evaluate(
        "[...document.querySelectorAll('#os-examples [data-example]')].map((node) => node.dataset.example)"
    )
    assert names == [example["name"] for example in load_examples()]
    canvases = []
    for name in names:
        studio.page.evaluate("onestroke.open('examples')")
        studio.find(f"#os-examples [data-example='{name}']").click()
        studio.settled()
        canvases.append(studio.canvas())
    assert all(np.abs(a - b).mean() > 5 for i, a in enumerate(canvases) for b in canvases[:i])
    studio.key("Control+z")  # one entry for undo, whatever it consists of
    studio.settled()
    assert np.array_equal(studio.canvas(), canvases[-2])


def test_a_result_can_become_the_paper(studio):
    studio.paint()
    picture = studio.result()
    studio.button("menu", "#paint-result").click()
    studio.find("#paint-result [role=menuitem]", has_text="Onto the canvas").click()
    studio.refined()
    assert np.abs(studio.canvas() - picture).mean() < 6 and mustard(studio.canvas()[60, 80])
