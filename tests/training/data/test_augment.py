"""Variations of pictures."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests import tiny
from training.data.augment import augment
from training.config import DataConfig
from training.draws import Draws

PIXELS = torch.stack([torch.from_numpy(tiny.picture(i)).permute(2, 0, 1) for i in range(6)])
PLAIN = PIXELS.float() / 127.5 - 1
SHARES = st.floats(0, 1)


def varied(seed: int = 0, pixels=PIXELS, **data):
    settings = {"flip": 0.0, "crop": 0.0, "tint": 0.0} | data
    return augment(pixels, DataConfig(**settings), Draws(torch.Generator().manual_seed(seed), len(pixels)))[0]


@given(SHARES, SHARES, st.floats(0, 0.3), st.integers(0, 1000))
def test_varied_pictures_stay_in_range_and_in_shape(flip, crop, tint, seed):
    x = varied(seed, flip=flip, crop=crop, tint=tint)
    assert x.shape == PIXELS.shape
    assert x.dtype == torch.float32
    assert x.abs().max() <= 1


def test_the_same_generator_gives_the_same_variations():
    options = {"flip": 0.5, "crop": 0.5, "tint": 0.1}
    assert torch.equal(varied(3, **options), varied(3, **options))
    assert not torch.equal(varied(3, **options), varied(4, **options))


def test_with_all_augmentation_off_pictures_are_unchanged():
    assert torch.equal(varied(), PLAIN)


def test_mirroring_is_left_to_right_and_as_frequent_as_asked():
    assert torch.equal(varied(flip=1.0), PLAIN.flip(-1))
    many = varied(flip=0.25, pixels=PIXELS[:1].expand(2000, -1, -1, -1))
    assert (many != PLAIN[0]).any(dim=(1, 2, 3)).float().mean().item() == pytest.approx(0.25, abs=0.05)


def test_a_crop_is_a_part_of_the_picture_at_most_a_fifth_smaller():
    ramp = torch.linspace(0, 255, 64).round().to(torch.uint8).expand(1, 3, 64, 64)
    for seed in range(20):
        row = varied(seed, ramp, crop=1.0)[0, 0, 32]
        steps = row[8:56].diff() / (2 / 63)
        assert 0.78 < steps.mean() < 1.01  # a smaller square, enlarged: a slower ramp
        assert row[-1] - row[0] > 0


def test_a_flat_picture_has_no_visible_crop():
    flat = torch.full((4, 3, 8, 8), 90, dtype=torch.uint8)
    torch.testing.assert_close(varied(1, flat, crop=1.0), flat.float() / 127.5 - 1)


def test_a_tint_is_one_gain_for_each_channel():
    pixels = PIXELS.clamp(20, 150)
    gains = ((varied(2, pixels, tint=0.1) + 1) / (pixels.float() / 127.5)).flatten(2)
    assert gains.std(dim=2).max() < 1e-4
    assert 0.7 < gains.min() < 1 < gains.max() < 1.33
    assert len(gains.mean(dim=2).unique()) == len(PIXELS) * 3


def test_a_tint_leaves_black_black():
    assert torch.equal(varied(2, torch.zeros_like(PIXELS), tint=0.1), torch.full_like(PLAIN, -1.0))
