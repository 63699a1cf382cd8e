"""The tabs Super-resolve, Denoise and Deblur in a real browser."""

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.browser.tab import Tab, photograph, png
from tests.picture_files import encoded

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SMALL = photograph(16, 16)


def test_block_means_of_the_enlarged_picture_are_the_input_exactly(studio, tmp_path):
    tab = Tab(studio, "super-resolve")
    tab.open(png(SMALL))
    tab.done()
    picture = tab.picture(tmp_path)
    assert picture.shape == (64, 64, 3) and "16 to 64 pixels" in tab.status()
    assert np.array_equal(block_means(picture, 4), SMALL)
    assert tab.find("result", ".os-wipe").is_visible()  # from the start, without a click
    seen = tab.page.evaluate(
        f"""(() => {{ const c = {tab.js}.painting.sheet.ctx;
          return [...Array(16).keys()].map((x) => [...c.getImageData(32 * x + 16, 16, 1, 1).data].slice(0, 3)); }})()"""
    )
    assert np.array_equal(seen, SMALL[0])  # before: the very pixels
    tab.page.locator("#super-resolve-factor label", has_text="8 x").click()
    tab.page.wait_for_function(f"{tab.js}.settings.factor === 8")
    tab.done()
    assert np.array_equal(block_means(tab.picture(tmp_path), 8), SMALL)


def block_means(picture: np.ndarray, factor: int) -> np.ndarray:
    rows, columns = picture.shape[0] // factor, picture.shape[1] // factor
    return np.round(picture.reshape(rows, factor, columns, factor, 3).astype(float).mean((1, 3)))


def test_a_picture_of_any_size_becomes_larger_and_never_smaller(studio, tmp_path):
    wide = photograph(150, 100)
    tab = Tab(studio, "super-resolve")
    tab.page.locator("#super-resolve-factor label", has_text="2 x").click()
    tab.open(png(wide))
    tab.done()
    picture = tab.picture(tmp_path)
    assert picture.shape == (200, 300, 3) and "150 x 100 to 300 x 200 pixels" in tab.status()
    assert np.array_equal(block_means(picture, 2), wide)


def test_noise_is_estimated_then_chosen_by_hand(studio, tmp_path):
    clean = photograph(64, 64).astype(float)
    noisy = (clean + np.random.default_rng(3).normal(0, 20, clean.shape)).clip(0, 255).astype(np.uint8)
    tab = Tab(studio, "denoise")
    tab.open(png(noisy))
    tab.done()
    estimated = tab.settings()["sigma"]
    assert 0.1 < estimated < 0.22 and f"noise {estimated:.2f}" in tab.status()
    picture = tab.picture(tmp_path)
    assert np.abs(np.diff(picture.astype(int), axis=1)).mean() < np.abs(np.diff(noisy.astype(int), axis=1)).mean() / 2
    assert tab.settings()["estimate"] is True
    tab.choose("sigma", 0.5)
    tab.done()
    assert tab.settings()["estimate"] is False and "noise 0.50" in tab.status()
    tab.page.keyboard.press("Control+z")
    tab.until("idle")


def test_what_takes_long_says_how_long_before_it_begins_and_while_it_runs(visit, start):
    tab = Tab(visit(start("--delay", "0.6").address), "denoise")
    tab.open(png(photograph(300, 280)))
    tab.done()  # now it is known what an evaluation takes
    tab.page.evaluate(f"{tab.js}.set('auto', false)")
    tab.choose("sigma", 0.5)
    tab.until("ready")
    assert "Press Clean it. It takes about" in tab.status()
    tab.click("generate", "settings")
    status = "document.querySelector('#denoise-result .os-status').textContent"
    tab.page.wait_for_function(f"() => /Part 1 of \\d+, about \\d+ s left/.test({status})")
    tab.done()


def test_blur_is_estimated_then_chosen_by_hand(studio, tmp_path):
    soft = cv2.GaussianBlur(photograph(96, 64), (0, 0), 2.0)
    tab = Tab(studio, "deblur")
    tab.open(png(soft))
    tab.done()
    estimated = tab.settings()["blur"]
    assert 1.0 < estimated < 3.5 and f"blur {estimated:.1f}" in tab.status() and "1 step" in tab.status()
    assert tab.picture(tmp_path).shape == soft.shape
    tab.choose("blur", 1.2)
    tab.done()
    assert tab.settings()["estimate"] is False and "blur 1.2" in tab.status()


def test_an_enlarged_picture_brings_its_small_one_back(studio, tmp_path):
    tab = Tab(studio, "super-resolve")
    tab.open(png(SMALL))
    tab.choose("seed", 5)
    tab.done()
    saved, picture = tab.download(tmp_path).read_bytes(), tab.picture(tmp_path)
    tab.choose("seed", 6)
    tab.open(saved)
    assert tab.page.evaluate(f"{tab.js}.painting.photo.width") == 64
    tab.says("This picture carries its settings")
    tab.page.get_by_role("button", name="Use settings").click()
    tab.page.wait_for_function(f"{tab.js}.painting.photo.width === 16 && {tab.js}.settings.seed === 5")
    tab.done()
    assert np.array_equal(tab.picture(tmp_path), picture)


def cut_jpeg(share: float) -> bytes:
    whole = encoded(Image.fromarray(photograph(96, 96)), "JPEG", quality=95)
    return whole[: int(share * len(whole))]


def test_a_photo_that_is_cut_short_opens_and_is_told_once(studio, tmp_path):
    tab = Tab(studio, "denoise")
    tab.open(cut_jpeg(0.6), "image/jpeg", "cut.jpg")
    tab.says("The rest of this picture file is missing")
    tab.done()
    picture = tab.picture(tmp_path)
    assert picture.shape == (96, 96, 3) and (picture[-8:] > 200).all()
    tab.find("result", ".os-banner [aria-label=Close]").click()
    tab.open(png(photograph(96, 96)))
    tab.done()
    assert not tab.find("result", ".os-banner").is_visible()


def test_strokes_of_a_photo_that_is_cut_short_are_told_and_next_to_nothing_is_refused(studio):
    studio.bring(cut_jpeg(0.05), "image/jpeg")
    studio.says("This file is not a picture")
    studio.bring(cut_jpeg(0.6), "image/jpeg")
    studio.says("The rest of this picture file is missing")
    assert studio.canvas()[-20:].min() > 200 and studio.canvas()[:60].min() < 200


def test_strokes_of_a_photo_with_transparent_parts_are_told(studio):
    layer = np.dstack([photograph(96, 96), np.full((96, 96), 255, np.uint8)])
    studio.bring(png(layer))
    studio.says("Your photo became strokes")
    assert "Transparent" not in studio.find("#paint-result .os-banner").inner_text()
    layer[:, 60:, 3] = 0
    studio.bring(png(layer))
    studio.says("Transparent parts of this picture became white")
    assert studio.canvas()[:, 200:].min() > 200 and studio.canvas()[:, :120].min() < 200
