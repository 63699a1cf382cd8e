"""Rectified flow against data whose straight paths are known.

Gaussian data: the flow from a noise z ends at a + b z. Paired so, the point x0 + sigma z of a line knows its z, and the
denoiser of the pairs is a + b (x - a) / (b + sigma): with it v = a + (b - 1) z, the same all along the line.
"""

from math import pi

import pytest
import torch

from core import ConfigError, solve
from core.schedule import SIGMA_MAX, SIGMA_MIN
from core.solvers import evaluations
from tests.oracles import Gaussian, Mixture
from tests.training.fits import fit
from tests.training.objectives.steps import DATA, Watched, batch_of, loss_of, terms_of
from training.objectives import OBJECTIVES
from training.objectives.base import Batch, expand
from training.objectives.flow import RectifiedFlow, flow_sigmas

FLOW = RectifiedFlow()
REFLOW = RectifiedFlow(pairs=1000)
A, B = 0.3, 0.4


def line(a=A, b=B):
    """The denoiser of the pairs (z, a + b z)."""
    return lambda x, sigma, labels=None, dropout_mask=None: (
        a + b * (x - a) / (b + expand(torch.as_tensor(sigma).reshape(-1)))
    )


def paired(count: int = 500, seed: int = 0) -> Batch:
    noise = torch.randn(count, 1, 4, 4, generator=torch.Generator().manual_seed(seed))
    return Batch(A + B * noise, None, noise)


def velocity(denoiser, x, sigma):
    x0 = denoiser(x, torch.tensor([sigma]))
    return x0 - (x - x0) / sigma


@pytest.mark.parametrize("s", [0.2, 0.5])
def test_the_exact_denoiser_reaches_the_smallest_possible_loss(s):
    """The variance of x0 - z on a line, given the point: s^2 / (u^2 s^2 + (1-u)^2), whose mean over u is pi s / 2."""
    data = Gaussian(m=0.1, s=s)
    assert loss_of(FLOW, data.denoiser, batch_of(data, 20_000)).item() == pytest.approx(pi * s / 2, rel=0.02)


@pytest.mark.parametrize("bend", [lambda x0: 1.05 * x0, lambda x0: x0 + 0.05])
@pytest.mark.parametrize("data", [DATA, Mixture()])
def test_any_other_denoiser_has_a_larger_loss(data, bend):
    best = loss_of(FLOW, data.denoiser, batch_of(data))
    assert loss_of(FLOW, lambda x, *rest: bend(data.denoiser(x, *rest)), batch_of(data)) > best


def test_the_loss_is_that_of_the_velocity():
    student = Watched(lambda x, sigma: 0.7 * DATA.denoiser(x, sigma))
    batch = batch_of(count=200)
    terms = terms_of(FLOW, student, batch)
    (x, sigma, *_, x0), *_ = student.calls
    z = (x - batch.x0) / expand(sigma)
    v = x0 - (x - x0) / expand(sigma)
    expected = (v - (batch.x0 - z)).square().mean(dim=(1, 2, 3))
    torch.testing.assert_close(terms.per_picture, expected, rtol=1e-3, atol=1e-4)


def test_the_time_of_the_flow_is_uniform():
    sigma = terms_of(FLOW, DATA.denoiser, batch_of(count=20_000)).sigma
    u = 1 / (1 + sigma.double())
    assert u.mean().item() == pytest.approx(0.5, abs=0.01)
    assert u.std().item() == pytest.approx(12**-0.5, abs=0.005)
    assert SIGMA_MIN <= sigma.min() < sigma.max() <= SIGMA_MAX


def test_a_short_fit_finds_the_denoiser_of_the_data():
    m, s = fit(
        FLOW,
        lambda m, s: Gaussian(m, s).denoiser,
        start=(0.0, 0.8),
        batches=lambda n: batch_of(count=500, seed=n),
    )
    assert (m, s) == (pytest.approx(DATA.m, abs=0.02), pytest.approx(DATA.s, abs=0.02))


def test_the_reflowed_velocity_is_the_same_along_every_path_and_has_no_loss():
    batch = paired()
    expected = batch.x0 - batch.noise
    for sigma in (SIGMA_MAX, 3.0, 0.4, 0.01):
        torch.testing.assert_close(
            velocity(line(), batch.x0 + sigma * batch.noise, sigma), expected, rtol=1e-3, atol=1e-3
        )
    assert loss_of(REFLOW, line(), batch) < 1e-6


def test_the_velocity_of_unpaired_data_changes_along_a_path():
    x0, noise = paired().x0, paired(seed=1).noise
    early, late = (velocity(DATA.denoiser, x0 + sigma * noise, sigma) for sigma in (10.0, 0.1))
    assert (early - late).square().mean() > 0.5


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_a_straight_path_is_sampled_exactly_in_any_number_of_steps(steps):
    batch, sigmas = paired(20), flow_sigmas(steps)
    start = batch.x0 + SIGMA_MAX * batch.noise
    torch.testing.assert_close(solve(line(), start, sigmas, "euler", to_zero=True), batch.x0, rtol=0, atol=1e-4)


def test_a_curved_path_is_not_sampled_exactly_in_one_step():
    batch = paired(20)
    start = batch.x0 + SIGMA_MAX * batch.noise
    errors = [
        float((solve(DATA.denoiser, start, flow_sigmas(n), "euler", to_zero=True) - batch.x0).abs().mean())
        for n in (1, 10, 100)
    ]
    assert errors[0] > 0.25 > 10 * errors[2]
    assert errors[1] > 5 * errors[2]


def test_a_short_fit_finds_the_straight_paths_of_the_pairs():
    a, b = fit(REFLOW, line, start=(0.0, 1.0), batches=lambda n: paired(seed=n))
    assert (a, b) == (pytest.approx(A, abs=0.01), pytest.approx(B, abs=0.01))


def test_reflow_takes_the_noise_of_its_pairs():
    student, batch = Watched(line()), paired(8)
    terms = terms_of(REFLOW, student, batch)
    torch.testing.assert_close(student.calls[0][0], batch.x0 + expand(terms.sigma) * batch.noise)


def test_distillation_evaluates_the_student_once_on_noise_alone():
    student, batch = Watched(line()), paired(8)
    dropout_mask = torch.ones(8, 5)
    terms = terms_of(RectifiedFlow(pairs=10, distil=True), student, batch, dropout_mask=dropout_mask)
    (x, sigma, _, given, answer), *others = student.calls
    assert not others and given is dropout_mask and student.grads == [True]
    assert torch.equal(x, SIGMA_MAX * batch.noise)
    assert set(sigma.tolist()) == {SIGMA_MAX}
    torch.testing.assert_close(terms.per_picture, (answer - batch.x0).square().mean(dim=(1, 2, 3)))


@pytest.mark.parametrize("n", [1, 2, 3, 16, 100, 400])
def test_levels_are_even_in_time_and_end_one_step_before_the_picture(n):
    sigmas = flow_sigmas(n)
    times = torch.tensor([1 / (1 + sigma) for sigma in sigmas] + [1.0], dtype=torch.float64)
    assert len(sigmas) == n
    assert sigmas[0] == SIGMA_MAX
    assert sigmas[-1] > SIGMA_MIN
    torch.testing.assert_close(times.diff(), times.diff()[:1].expand(n))


def test_sampling_takes_as_many_evaluations_as_there_are_levels():
    walk = RectifiedFlow(pairs=1, levels=25)
    assert evaluations(walk.pair_levels(), walk.solver, to_zero=True) == 25


def test_the_card_lists_levels_for_every_number_of_steps():
    assert all(len(row) == int(n) for rows in FLOW.schedules().values() for n, row in rows.items())
    assert list(RectifiedFlow(pairs=9, distil=True).schedules()["generate"]) == ["1"]
    assert FLOW.sampling().move == "carry"


def test_only_pairs_need_a_teacher():
    assert [flow.needs_teacher for flow in (FLOW, REFLOW)] == [False, True]
    assert OBJECTIVES["flow"] is RectifiedFlow


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"distil": True}, "pairs"),
        ({"pairs": -1}, "pairs"),
        ({"solver": "rk45"}, "rk45"),
        ({"levels": 401}, "levels"),
        ({"metric": "l7"}, "l7"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, word):
    with pytest.raises(ConfigError, match=word):
        RectifiedFlow(**settings)
