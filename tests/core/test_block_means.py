"""Rounding that keeps the means of blocks."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import core
from core.block_means import round_keeping_means


def means_times_area(picture: np.ndarray, factor: int) -> np.ndarray:
    rows, columns, _ = picture.shape
    return picture.reshape(rows // factor, factor, columns // factor, factor, 3).astype(int).sum((1, 3))


@given(
    st.integers(1, 4), st.integers(1, 4), st.sampled_from([1, 2, 4, 8]), st.integers(0, 2**32 - 1), st.floats(0.01, 3)
)
def test_block_means_are_exact_and_no_value_moves_by_more_than_a_level(rows, columns, factor, seed, contrast):
    rng = np.random.default_rng(seed)
    small = rng.choice([0, 1, 127, 128, 254, 255], (rows, columns, 3)).astype(np.uint8)
    wild = torch.from_numpy(rng.normal(0, contrast, (1, 3, rows * factor, columns * factor)).astype(np.float32))
    x0 = core.SuperResolve(core.to_model(small), factor).project_in_range(wild.clamp(-1, 1))
    picture = round_keeping_means(x0, small, factor)
    assert (means_times_area(picture, factor) == small.astype(int) * factor**2).all()
    levels = ((x0[0].permute(1, 2, 0).numpy().astype(np.float64) + 1) * 127.5).clip(0, 255)
    assert abs(picture - levels).max() < 1.01


def test_sizes_that_do_not_fit_are_told():
    with pytest.raises(core.PictureError, match="is not 2 times"):
        round_keeping_means(torch.zeros(1, 3, 8, 8), np.zeros((3, 4, 3), np.uint8), 2)
