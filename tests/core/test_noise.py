"""Noise as a function of (seed, evaluation) alone."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import RequestError, SeededNoise

SEEDS = st.integers(0, 2**64 - 1)
SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9))


@given(st.lists(SEEDS, min_size=1, max_size=5), st.integers(0, 50), SHAPES)
def test_a_picture_gets_the_same_noise_alone_and_in_a_batch(seeds, evaluation, shape):
    together = SeededNoise(seeds).draw(evaluation, shape)
    alone = torch.cat([SeededNoise([seed]).draw(evaluation, shape) for seed in seeds])
    assert together.shape == (len(seeds), *shape)
    assert together.dtype == torch.float32
    assert torch.equal(together, alone)


@given(SEEDS, st.lists(st.integers(0, 20), min_size=1, max_size=6))
def test_what_was_drawn_before_does_not_matter(seed, evaluations):
    used = SeededNoise([seed])
    for evaluation in evaluations:
        used.draw(evaluation, (1, 3, 2))
    torch.rand(3)
    assert torch.equal(used.draw(7, (3, 4, 4)), SeededNoise([seed]).draw(7, (3, 4, 4)))


@given(SEEDS, SEEDS, st.integers(0, 99), st.integers(0, 99))
def test_another_seed_or_another_evaluation_is_other_noise(a, b, k, j):
    first, second = SeededNoise([a]).draw(k, (3, 4, 4)), SeededNoise([b]).draw(j, (3, 4, 4))
    assert torch.equal(first, second) == ((a, k) == (b, j))


def test_seed_and_evaluation_do_not_stand_for_each_other():
    assert not torch.equal(SeededNoise([1]).draw(2, (3, 4, 4)), SeededNoise([2]).draw(1, (3, 4, 4)))


def test_the_noise_is_standard_normal_and_independent_between_evaluations():
    first, second = (SeededNoise(range(50)).draw(k, (3, 32, 32)).double() for k in (0, 1))
    count = first.numel()
    assert abs(first.mean()) < 4 / count**0.5
    assert abs(first.square().mean() - 1) < 4 * (2 / count) ** 0.5
    assert abs((first * second).mean()) < 4 / count**0.5
    assert abs(first[0] * first[1]).mean() < 0.7  # 2/pi for independent pictures, 1 for equal ones


def test_seeds_of_numpy_serve_as_well():
    assert torch.equal(SeededNoise(list(np.arange(3))).draw(0, (1, 2, 2)), SeededNoise([0, 1, 2]).draw(0, (1, 2, 2)))


@pytest.mark.parametrize("seeds", [[], [-1], [2**64], [3, -5]])
def test_no_seeds_and_seeds_beyond_64_bits_are_refused(seeds):
    with pytest.raises(RequestError, match="seed"):
        SeededNoise(seeds)
