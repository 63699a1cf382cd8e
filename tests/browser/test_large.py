"""The large download beside the exact one."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torch.nn.functional import interpolate

import core
from app.edits.record import read_record
from tests.browser.tab import Tab, photograph, png

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def pixels_of(path: Path) -> np.ndarray:
    """[H,W,3] uint8."""
    with Image.open(path) as picture:
        return np.array(picture.convert("RGB"))


def test_a_room_is_saved_large_with_its_settings_inside(studio, tmp_path):
    assert not studio.button("large").is_visible()
    studio.paint(seed=12, steps=2)
    exact = studio.download(tmp_path)
    button = studio.button("large", "#paint-result")
    assert button.get_attribute("aria-label") == "Large, 256 pixels"
    with studio.page.expect_download() as download:
        button.click()
    large = tmp_path / download.value.suggested_filename
    download.value.save_as(large)
    assert large.name == "onestroke-12-large.png"
    assert read_record(large.read_bytes()) == read_record(exact.read_bytes()) | {"enlarged": 4}
    small, pixels = map(pixels_of, (exact, large))
    assert pixels.shape == (256, 256, 3)
    x = core.to_model(small)
    cubic = interpolate(x, scale_factor=4, mode="bicubic", align_corners=False)
    expected = core.to_uint8(core.SuperResolve(x, 4).apply(cubic))[0]
    assert np.abs(pixels.astype(int) - expected).max() <= 2


def test_what_was_made_larger_before_is_not_enlarged_again_without_a_word(studio, tmp_path):
    studio.paint(seed=12, steps=1)
    with studio.page.expect_download() as download:
        studio.button("large", "#paint-result").click()
    large = tmp_path / "large.png"
    download.value.save_as(large)
    tab = Tab(studio, "super-resolve")
    tab.open(large.read_bytes())
    tab.says("It was made larger before")
    tab.find("result", ".os-banner [aria-label=Close]").click()
    tab.open(png(photograph(32, 32)))
    tab.done()
    assert not tab.find("result", ".os-banner").is_visible()


def test_a_picked_picture_of_a_grid_is_saved_large_and_a_photo_that_is_large_is_not(studio, tmp_path):
    grid = Tab(studio, "generate")
    grid.choose("count", 2)
    grid.click("generate", "settings")
    grid.until("refined")
    grid.find("result", ".os-grid .os-thumb").nth(1).click()
    path = grid.download(tmp_path, "large")
    with Image.open(path) as large:
        assert large.size == (256, 256)
    assert read_record(path.read_bytes())["seed"] == 2418
    photo = Tab(studio, "denoise")
    photo.open(png(photograph(300, 280)))
    photo.done()
    assert photo.find("result", "[data-do=download]").is_enabled()
    assert not photo.find("result", "[data-do=large]").is_visible()
