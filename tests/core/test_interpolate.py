"""The arc between two noises."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import SeededNoise, slerp


def pair(count: int = 2, shape=(3, 8, 8)):
    return SeededNoise(range(count)).draw(0, shape), SeededNoise(range(count)).draw(1, shape)


def lengths(x):
    return x.flatten(1).norm(dim=1)


def test_the_ends_are_the_two_noises():
    first, second = pair()
    torch.testing.assert_close(slerp(first, second, 0.0), first)
    torch.testing.assert_close(slerp(first, second, 1.0), second)


@given(st.floats(0, 1))
def test_between_equal_lengths_the_length_stays(amount):
    first, second = pair()
    second = second * (lengths(first) / lengths(second))[:, None, None, None]
    torch.testing.assert_close(lengths(slerp(first, second, amount)), lengths(first), rtol=1e-5, atol=0)


@given(st.floats(0, 1))
def test_the_angle_grows_evenly(amount):
    first = torch.zeros(1, 1, 1, 2).index_fill(3, torch.tensor([0]), 1.0)
    second = torch.tensor([0.5, 3**0.5 / 2]).reshape(1, 1, 1, 2)
    angle = torch.tensor(amount * torch.pi / 3)
    expected = torch.stack([angle.cos(), angle.sin()]).reshape(1, 1, 1, 2)
    torch.testing.assert_close(slerp(first, second, amount), expected, rtol=0, atol=2e-6)


def test_every_picture_has_its_own_angle():
    first, second = pair(3)
    second[1] = first[1] * 2
    alone = torch.cat([slerp(first[i : i + 1], second[i : i + 1], 0.3) for i in range(3)])
    assert torch.equal(slerp(first, second, 0.3), alone)


@pytest.mark.parametrize("factor", [1.0, -1.0, 2.0, 1 + 1e-7])
@pytest.mark.parametrize("amount", [0.0, 0.2, 0.9, 1.0])
def test_parallel_noises_are_joined_by_a_line_of_the_right_length(factor, amount):
    first, _ = pair()
    between = slerp(first, factor * first, amount)
    expected = (1 - amount) * lengths(first) + amount * abs(factor) * lengths(first)
    torch.testing.assert_close(lengths(between), expected, rtol=1e-4, atol=0)


def test_noise_between_noises_is_still_standard_normal():
    first, second = pair(20, (3, 32, 32))
    middle = slerp(first, second, 0.5)
    assert abs(middle.std() - 1) < 0.01  # a straight line would give 0.71
