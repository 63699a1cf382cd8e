"""The rate over a run, and the clipping of gradients."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from training.config import OptimiserConfig
from training.loop.optimiser import Clipper, build_optimiser, rate_at


@given(st.integers(0, 200_000), st.floats(1, 200), st.floats(0, 20), st.floats(0, 1))
def test_the_rate_stays_between_zero_and_its_setting(seen, kimg, ramp, decay):
    config = OptimiserConfig(rate=1e-3, ramp_kimg=ramp, decay_from=decay)
    assert 0 <= rate_at(seen, kimg, config) <= 1e-3


def test_the_rate_ramps_rests_and_falls_to_zero_in_straight_lines():
    config = OptimiserConfig(rate=1.0, ramp_kimg=10.0, decay_from=0.75)
    seen = [0, 4_999, 9_999, 50_000, 75_000, 87_500, 95_000, 100_000, 120_000]
    expected = [1e-4, 0.5, 1, 1, 1, 0.5, 0.2, 0, 0]
    assert [rate_at(s, 100.0, config) for s in seen] == pytest.approx(expected)


def test_without_ramp_and_decay_the_rate_is_constant():
    config = OptimiserConfig(rate=2e-4, ramp_kimg=0.0, decay_from=1.0)
    assert {rate_at(seen, 1.0, config) for seen in (0, 500, 1000)} == {2e-4}


def test_after_its_time_the_rate_falls_with_the_root_of_the_pictures_seen():
    config = OptimiserConfig(rate=1.0, ramp_kimg=0.0, decay_from=1.0, root_after_kimg=10.0)
    assert [rate_at(seen, 1e6, config) for seen in (0, 10_000, 40_000, 1_000_000)] == [1, 1, 0.5, 0.1]


def test_a_fall_with_the_root_begins_on_the_ramp_and_ends_at_zero_like_any_other():
    config = OptimiserConfig(rate=1.0, ramp_kimg=40.0, decay_from=0.5, root_after_kimg=10.0)
    seen = [19_999, 90_000, 160_000, 250_000, 360_000]
    expected = [0.5 / 2**0.5, 1 / 3, 1 / 4, (110 / 180) / 5, 0]
    assert [rate_at(s, 360.0, config) for s in seen] == pytest.approx(expected, rel=1e-4)


def with_gradient(norm: float) -> nn.Module:
    network = nn.Linear(4, 4)
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    scale = norm / 20**0.5
    for parameter in network.parameters():
        parameter.grad.mul_(scale)
    return network


def norm_of(network: nn.Module) -> float:
    return float(torch.cat([p.grad.flatten() for p in network.parameters()]).norm())


@pytest.mark.parametrize(("norm", "after"), [(0.5, 0.5), (2.0, 1.0), (50.0, 1.0)])
def test_longer_gradients_are_shortened_to_the_fixed_norm(norm, after):
    network = with_gradient(norm)
    assert Clipper(OptimiserConfig(clip_norm=1.0)).clip(network) == pytest.approx(norm)
    assert norm_of(network) == pytest.approx(after, rel=1e-4)


def test_a_jump_is_shortened_to_a_multiple_of_the_median_before_it():
    clipper = Clipper(OptimiserConfig(clip_median=3.0))
    for norm in [2.0] * 9 + [4.0] * 2:
        clipper.clip(with_gradient(norm))
    network = with_gradient(100.0)
    assert clipper.clip(network) == pytest.approx(100.0)
    assert norm_of(network) == pytest.approx(6.0, rel=1e-4)


def test_before_there_is_a_median_and_without_limits_nothing_is_shortened():
    network = with_gradient(100.0)
    Clipper(OptimiserConfig(clip_median=3.0)).clip(network)
    Clipper(OptimiserConfig()).clip(network)
    assert norm_of(network) == pytest.approx(100.0, rel=1e-5)


def test_the_smaller_of_two_limits_holds():
    clipper = Clipper(OptimiserConfig(clip_norm=1.0, clip_median=3.0))
    for _ in range(20):
        clipper.clip(with_gradient(0.1))
    network = with_gradient(100.0)
    clipper.clip(network)
    assert norm_of(network) == pytest.approx(0.3, rel=1e-4)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_norms_that_are_not_finite_are_returned_but_not_remembered(bad):
    clipper = Clipper(OptimiserConfig(clip_norm=1.0))
    assert clipper.clip(with_gradient(bad)) == pytest.approx(bad, nan_ok=True)
    assert not clipper.recent


@pytest.mark.parametrize(("kind", "judge"), [("adam", torch.optim.Adam), ("radam", torch.optim.RAdam)])
def test_the_optimisers_move_as_torchs_own(kind, judge):
    torch.manual_seed(0)
    ours, theirs = nn.Linear(3, 2), nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    first = build_optimiser(ours, OptimiserConfig(kind=kind, rate=0.01, betas=(0.9, 0.99)))
    second = judge(theirs.parameters(), lr=0.01, betas=(0.9, 0.99), eps=1e-8, weight_decay=0)
    x = torch.randn(7, 3)
    for network, optimiser in ((ours, first), (theirs, second)) * 10:
        optimiser.zero_grad()
        network(x).square().mean().backward()
        optimiser.step()
    torch.testing.assert_close(ours.weight, theirs.weight)
