"""Objectives against data whose exact answers are known."""

from math import exp, log

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from core import ConfigError
from core.schedule import SIGMA_MAX, SIGMA_MIN
from tests.oracles import Gaussian, Mixture, Plane
from tests.training.objectives.steps import DATA, Watched, batch_of, draws_for, loss_of, terms_of
from training.metrics.pairwise import metric_of, pseudo_huber
from training.objectives.base import expand
from training.objectives.ect import LARGEST_Q, SMALLEST_T, EasyConsistencyTuning
from training.objectives.edm import Denoising
from training.objectives.sigma_sampling import draw_sigmas

MODES = [Mixture(), Plane()]


def name_of(value) -> str | None:
    return type(value).__name__ if value in MODES or value == DATA else None


def at(sigma: float, kind=Denoising, **settings):
    """The objective at one noise level."""
    return kind(mean=log(sigma), std=0.0, **settings)


@pytest.mark.parametrize("sigma", [0.01, 0.2, 1.0, 5.0, 60.0])
@pytest.mark.parametrize("s", [0.2, 0.5])
def test_the_exact_denoiser_reaches_the_smallest_possible_loss(sigma, s):
    data = Gaussian(m=0.1, s=s)
    loss = loss_of(at(sigma), data.denoiser, batch_of(data))
    left = s**2 * sigma**2 / (s**2 + sigma**2)  # variance of the clean picture, given the noisy one
    assert loss.item() == pytest.approx(left * (sigma**2 + 0.25) / (sigma * 0.5) ** 2, rel=0.03)


@pytest.mark.parametrize("sigma", [0.05, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("data", MODES, ids=name_of)
def test_the_exact_denoiser_of_several_modes_leaves_the_posterior_variance(data, sigma):
    student = Watched(data.denoiser)
    loss = loss_of(at(sigma), student, batch_of(data, 8000)).item()
    left = data.variance_left(student.calls[0][0], sigma).item()
    assert loss == pytest.approx(left * (sigma**2 + 0.25) / (sigma * 0.5) ** 2, rel=0.03)


def test_with_sigma_data_as_spread_the_smallest_loss_is_one_at_every_level():
    data = Gaussian(m=0.0, s=0.5)
    loss = loss_of(Denoising(), data.denoiser, batch_of(data))
    assert loss.item() == pytest.approx(1, rel=0.03)


@pytest.mark.parametrize("data", [DATA, *MODES], ids=name_of)
@pytest.mark.parametrize("bend", [lambda x0: 1.1 * x0, lambda x0: x0 + 0.05])
def test_any_other_denoiser_has_a_larger_loss(bend, data):
    best = loss_of(Denoising(), data.denoiser, batch_of(data))
    assert loss_of(Denoising(), lambda x, *rest: bend(data.denoiser(x, *rest)), batch_of(data)) > best


def test_the_defaults_are_those_of_the_papers():
    assert (Denoising().mean, Denoising().std) == (-1.2, 1.2)
    tuning = EasyConsistencyTuning()
    assert (tuning.mean, tuning.std, tuning.n_height, tuning.n_slope) == (-1.1, 2.0, 8.0, 1.0)


R_TABLE = {
    (0.5, 2.0): 0.0, (1.0, 2.0): 0.0, (2.0, 2.0): 0.04637662382, (5.0, 2.0): 2.366142982, (80.0, 2.0): 40.0,
    (0.5, 4.0): 0.0, (1.0, 4.0): 0.2121171573, (2.0, 4.0): 1.023188312, (5.0, 4.0): 3.683071491, (80.0, 4.0): 60.0,
    (0.5, 8.0): 0.2487296656, (1.0, 8.0): 0.6060585786, (2.0, 8.0): 1.511594156, (5.0, 8.0): 4.341535745,
    (0.5, 16.0): 0.3743648328, (1.0, 16.0): 0.8030292893, (80.0, 16.0): 75.0,
    (0.5, 256.0): 0.4921478021, (1.0, 256.0): 0.9876893306, (5.0, 256.0): 4.979422992, (80.0, 256.0): 79.6875,
}  # fmt: skip


@pytest.mark.parametrize(("point", "r"), R_TABLE.items())
def test_the_lower_level_is_that_of_the_reference(point, r):
    t, q = point
    assert EasyConsistencyTuning().lower(torch.tensor([t]), q).item() == pytest.approx(r, rel=1e-5, abs=1e-6)


@given(st.floats(SMALLEST_T, 80.0), st.floats(0.5, LARGEST_Q))
def test_the_lower_level_is_zero_or_one_that_the_model_knows_below_the_upper_one(t, q):
    r = EasyConsistencyTuning().lower(torch.tensor([t]), q).item()
    n = 1 + 8 / (1 + exp(t))
    assume(abs(q - n) > 1e-3)
    assert (r == 0) == (q < n)
    assert r == 0 or torch.tensor(SIGMA_MIN) <= r < t


def test_stages_follow_the_progress_of_the_run():
    tuning = EasyConsistencyTuning(stages=(8.0, 32.0, 128.0), stage_ends=(0.25, 0.6, 1.0))
    assert [tuning.q(progress) for progress in (0.0, 0.24, 0.25, 0.59, 0.6, 0.99, 1.0)] == [8, 8, 32, 32, 128, 128, 128]


@pytest.mark.parametrize(
    ("data", "t"), [(DATA, 0.5), (DATA, 2.0), (DATA, 10.0), *((data, 2.0) for data in MODES)], ids=name_of
)
def test_the_loss_of_the_exact_function_vanishes_as_the_levels_meet(data, t):
    tunings = [at(t, EasyConsistencyTuning, stages=(q,), stage_ends=(1.0,)) for q in (1e3, 1e4, 1e5)]
    far, near, nearest = (loss_of(tuning, data.consistency, batch_of(data, 500)).item() for tuning in tunings)
    assert far > 2 * near > 6 * nearest  # the last one is near float32's rounding


@pytest.mark.parametrize("metric", ["pseudo_huber", "norm"])
@pytest.mark.parametrize("q", [2.0, 8.0, 64.0, 256.0, 1024.0])
def test_no_single_picture_dominates_the_loss_of_the_exact_function(q, metric):
    tuning = EasyConsistencyTuning(stages=(q,), stage_ends=(1.0,), metric=metric)
    terms = terms_of(tuning, DATA.consistency, batch_of())
    assert terms.per_picture.max() < 6 * terms.per_picture.mean()


@pytest.mark.parametrize("data", [DATA, *MODES], ids=name_of)
@pytest.mark.parametrize("q", [8.0, 256.0, LARGEST_Q])
def test_the_lowest_levels_carry_no_more_of_the_loss_of_the_exact_function_than_others(q, data):
    """Where r is SIGMA_MIN or just above, among the hundredth of the levels that are cut to the smallest one."""
    terms = terms_of(
        EasyConsistencyTuning(stages=(q,), stage_ends=(1.0,)), data.consistency, batch_of(data, shape=(1, 1, 2))
    )
    lowest = terms.sigma < 1.02 * SMALLEST_T
    share = (terms.per_picture[lowest].sum() / terms.per_picture.sum()).item()
    assert 0.005 < lowest.float().mean() < 0.03
    assert share < 2 * lowest.float().mean()


def drift_of(function) -> float:
    """Difference of both answers per unit of t, as a multiple of the noisy picture: the slope of a regression."""
    student = Watched(function)
    data = Gaussian(m=0.0, s=0.5)
    terms_of(
        at(1.0, EasyConsistencyTuning, stages=(1000.0,), stage_ends=(1.0,)), student, batch_of(data, 20_000), seed=1
    )
    (x, t, *_, online), (_, r, *_, target) = student.calls
    change = (online - target).double() / expand(t - r)
    return float((change * x).mean() / x.double().square().mean())


def test_only_the_exact_function_has_no_mean_difference_between_the_levels():
    data = Gaussian(m=0.0, s=0.5)
    assert abs(drift_of(data.consistency)) < 0.004
    # The denoiser moves by -t s^2/(s^2+t^2)^2 per unit along the flow: -0.16 at t = 1.
    assert drift_of(data.denoiser) == pytest.approx(-0.16, abs=0.004)


def test_where_the_lower_level_is_zero_the_clean_picture_is_the_target():
    batch = batch_of(count=4)
    tuning = at(1.0, EasyConsistencyTuning, stages=(2.0,), stage_ends=(1.0,))
    terms = terms_of(tuning, lambda *_: batch.x0 + 0.3, batch)
    torch.testing.assert_close(terms.per_picture, pseudo_huber(batch.x0 + 0.3, batch.x0))  # t - r = 1
    assert loss_of(tuning, lambda *_: batch.x0, batch) == 0


@pytest.mark.parametrize("metric", ["pseudo_huber", "norm", "l1"])
@pytest.mark.parametrize(("weight", "factor"), [("gap", 1 / (2 - R_TABLE[2.0, 8.0])), ("snr", 1 / 2**2 + 1 / 0.5**2)])
def test_the_distance_of_the_two_answers_is_weighted_by_their_levels(metric, weight, factor):
    batch = batch_of(count=4)
    tuning = at(2.0, EasyConsistencyTuning, stages=(8.0,), stage_ends=(1.0,), metric=metric, weight=weight)
    terms = terms_of(tuning, lambda x, sigma, *rest: batch.x0 + 0.3 * expand((sigma > 1.8).float()), batch)
    torch.testing.assert_close(terms.per_picture, factor * metric_of(metric)(batch.x0 + 0.3, batch.x0))


@pytest.mark.parametrize("wrong", [{"stages": ()}, {"stage_ends": (1.0,)}, {"weight": "none"}, {"metric": "none"}])
def test_impossible_settings_of_tuning_are_refused(wrong):
    with pytest.raises(ConfigError, match=r"\.$"):
        EasyConsistencyTuning(**wrong)


def test_a_perfect_answer_has_a_finite_gradient():
    batch, scale = batch_of(count=4), torch.ones(1, requires_grad=True)
    loss_of(at(1.0, EasyConsistencyTuning), lambda *_: batch.x0 * scale, batch).backward()
    assert scale.grad.isfinite().all()


@pytest.mark.parametrize("objective", [Denoising(), EasyConsistencyTuning()])
def test_one_loss_for_each_picture_at_levels_inside_the_range(objective):
    terms = terms_of(objective, DATA.consistency, batch_of(count=500))
    assert terms.per_picture.shape == terms.sigma.shape == (500,)
    assert terms.per_picture.isfinite().all()
    assert SIGMA_MIN <= terms.sigma.min() < terms.sigma.max() <= SIGMA_MAX


@pytest.mark.parametrize("objective", [Denoising(), EasyConsistencyTuning()])
def test_all_random_numbers_come_from_the_steps_generator(objective):
    first, second, other = (
        terms_of(objective, DATA.consistency, batch_of(count=8), seed=seed).per_picture for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_drawn_levels_are_log_normal():
    levels = draw_sigmas(draws_for(50_000), mean=-1.1, std=0.7, uniform_share=0.0).log()
    assert levels.mean().item() == pytest.approx(-1.1, abs=0.02)
    assert levels.std().item() == pytest.approx(0.7, abs=0.02)


def test_a_fraction_of_the_levels_is_uniform_over_the_whole_range():
    levels = draw_sigmas(draws_for(50_000), mean=0.0, std=0.0, uniform_share=0.3)
    uniform = levels[levels != 1.0].log()
    assert len(uniform) / len(levels) == pytest.approx(0.3, abs=0.01)
    assert uniform.mean().item() == pytest.approx((log(SIGMA_MIN) + log(SIGMA_MAX)) / 2, abs=0.1)
    assert uniform.std().item() == pytest.approx((log(SIGMA_MAX) - log(SIGMA_MIN)) / 12**0.5, rel=0.02)
