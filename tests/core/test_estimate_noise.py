"""The noise of a picture is found under smooth and textured pictures, cut off at 8 bits or not."""

import cv2
import numpy as np
import pytest
import torch

from core import estimate_sigma, to_model, to_uint8

SIGMAS = (0.05, 0.1, 0.2, 0.4, 0.8)


def smooth(side: int) -> np.ndarray:
    ramp = np.linspace(20, 235, side)
    return np.stack([ramp[None] + 0 * ramp[:, None], ramp[::-1, None] + 0 * ramp, (ramp[None] + ramp[:, None]) / 2], 2)


def textured(side: int) -> np.ndarray:
    """Planks, a checkered cloth, grain on half of the picture: edges and texture up to the finest."""
    rows, columns = np.indices((side, side))
    planks = 90 + 60 * ((rows // 11) % 2) + 10 * np.sin(columns / 5)
    cloth = 120 + 50 * ((rows // 6 + columns // 6) % 2)
    picture = np.where(rows + columns < side, planks, cloth)
    grain = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 25, (side, side)), (0, 0), 1.0)
    return (picture + grain * (columns > side // 2))[..., None] * [1.0, 0.9, 0.8]


def room(side: int) -> np.ndarray:
    """Flat walls, some white and some black, where noise is cut off."""
    picture = np.full((side, side, 3), 235.0)
    picture[side // 2 :] = (140, 100, 60)
    picture[side // 4 : side // 2, side // 3 :] = 8
    return picture


def noisy(pixels: np.ndarray, sigma: float, seed: int = 0) -> torch.Tensor:
    x = to_model(pixels.round().clip(0, 255).astype(np.uint8))
    return x + sigma * torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("sigma", SIGMAS)
@pytest.mark.parametrize("side", [64, 128, 500])
@pytest.mark.parametrize("scene", [smooth, textured, room])
def test_noise_is_found_within_15_percent_in_model_range_and_in_8_bits(scene, side, sigma):
    x = noisy(scene(side), sigma)
    assert estimate_sigma(x) == pytest.approx(sigma, rel=0.15)
    assert estimate_sigma(to_uint8(x)[0]) == pytest.approx(sigma, rel=0.15)


def test_a_photo_and_the_same_picture_in_model_range_say_the_same():
    pixels = to_uint8(noisy(textured(64), 0.2))[0]
    assert estimate_sigma(pixels) == pytest.approx(estimate_sigma(to_model(pixels)), rel=1e-6)


def test_the_frame_around_a_noisy_photo_is_not_asked():
    framed = np.full((240, 240, 3), 90, np.uint8)
    framed[60:180, 60:180] = to_uint8(noisy(smooth(120), 0.1))[0]
    assert estimate_sigma(framed) == pytest.approx(0.1, rel=0.2)


def test_a_clean_smooth_picture_has_next_to_no_noise():
    assert estimate_sigma(smooth(128).astype(np.uint8)) < 0.01


@pytest.mark.parametrize("shape", [(1, 1), (2, 50), (3, 3), (5, 4), (9, 100)])
def test_pictures_of_every_size_have_an_answer(shape):
    for level in (0, 128, 255):
        assert estimate_sigma(np.full((*shape, 3), level, np.uint8)) == 0
    assert 0 <= estimate_sigma(np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)) < 3.01
