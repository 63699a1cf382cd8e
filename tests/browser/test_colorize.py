"""The Colorize tab in a real browser: colour comes, light stays."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from core.constraint import LUMA
from tests.browser.tab import Tab, photograph, png

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHOTO = photograph(420, 300)
SHAPE_SHOWN = """(() => { const image = document.querySelector('#colorize-result .os-frame > img');
  return [getComputedStyle(image).objectFit, image.naturalWidth / image.naturalHeight]; })()"""


def luminance(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(float) @ np.array(LUMA)


def chroma(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(float) - luminance(pixels)[..., None]


@pytest.fixture
def tab(studio):
    tab = Tab(studio, "colorize")
    tab.open(png(PHOTO))
    tab.done()
    return tab


def test_the_photo_is_shown_grey_and_comes_back_in_colour_with_its_own_light(tab, tmp_path):
    before = tab.page.evaluate(
        f"(() => {{ const c = {tab.js}.painting.sheet; return [...c.ctx.getImageData(100, 100, 1, 1).data]; }})()"
    )
    assert max(before[:3]) - min(before[:3]) <= 2
    picture = tab.picture(tmp_path)
    assert picture.shape == PHOTO.shape and tab.history() == 1
    free = ((picture > 2) & (picture < 253)).all(2)  # where a channel is full, colour gives way to light
    assert np.abs(luminance(picture) - luminance(PHOTO))[free].max() <= 1.5
    assert np.abs(chroma(picture)).mean() > 2


def test_a_dab_steers_the_colours_and_undo_takes_it_back(tab, tmp_path):
    plain, first = tab.source(), tab.picture(tmp_path)
    tab.page.locator("#colorize-canvas .os-swatch[aria-label^=Blue]").click()
    for y in (60, 90, 120):
        tab.stroke(60, y, 190, y)
    tab.done()
    dabbed = tab.picture(tmp_path)
    middle = np.s_[80:140, 150:270]
    assert (chroma(dabbed)[middle] - chroma(first)[middle]).mean((0, 1))[2] > 5
    for _ in range(3):
        tab.page.keyboard.press("Control+z")
    tab.done()
    assert tab.source() == plain


def test_several_files_are_one_batch_and_one_zip_and_a_bad_one_is_told(studio, start, tmp_path):
    tab = Tab(studio, "colorize")
    tab.choose("steps", 1)
    names, before = ("one.png", "two.png"), start().evaluations()
    tab.drop(
        *((name, "image/png", png(photograph(90, 60, seed))) for seed, name in enumerate(names)),
        ("three.png", "image/png", b"nothing"),
    )
    tab.says("2 of 3 pictures are ready")
    tab.says("three.png: This file is not a picture")
    assert start().evaluations() == before + 1  # both at once
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Download zip").click()
    download.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None and archive.namelist() == ["one-colorize.png", "two-colorize.png"]
        for seed, name in enumerate(archive.namelist()):
            picture = np.array(Image.open(io.BytesIO(archive.read(name))).convert("RGB"))
            assert np.abs(luminance(picture) - luminance(photograph(90, 60, seed))).mean() < 1
    assert tab.history() == 2
    tab.find("history", ".os-thumb").first.click()
    tab.click("restore", "history")
    tab.page.wait_for_function(f"{tab.js}.painting.photo?.name === 'two.png'")
    tab.done()


def test_the_whole_photo_is_worked_on_and_shown_until_a_square_of_it_is_placed(tab, tmp_path):
    longest = max(PHOTO.shape[:2])
    around = [(PHOTO.shape[1] - longest) // 2, (PHOTO.shape[0] - longest) // 2, longest]
    assert tab.page.evaluate(f"{tab.js}.painting.square") == around
    edge = np.s_[:, :20]
    assert np.abs(chroma(tab.picture(tmp_path)[edge])).mean() > 2
    box, shown = tab.find("result", ".os-frame > img").bounding_box(), tab.page.evaluate(SHAPE_SHOWN)
    assert box["width"] == box["height"] and shown == [
        "contain",
        pytest.approx(PHOTO.shape[1] / PHOTO.shape[0], rel=0.01),
    ]
    tab.page.keyboard.press("m")
    tab.page.keyboard.press("ArrowRight")
    tab.done()
    x, y, side = tab.page.evaluate(f"{tab.js}.painting.square")
    assert side == min(PHOTO.shape[:2]) and y == 0
    picture = tab.picture(tmp_path)
    assert np.array_equal(picture[:, :x], PHOTO[:, :x]) and np.array_equal(picture[:, x + side :], PHOTO[:, x + side :])
    assert tab.page.evaluate(SHAPE_SHOWN)[1] == 1
    tab.find("history", ".os-thumb").last.click()
    tab.click("restore", "history")
    tab.page.wait_for_function(f"square => String({tab.js}.painting.square) === String(square)", arg=around)
    tab.done()
