"""Multistep consistency against data whose flow is known, and against what it is with one and with many segments."""

from itertools import pairwise
from math import pi, tan

import pytest
import torch
from torch import Tensor

from core import ConfigError
from core.schedule import SIGMA_MAX, SIGMA_MIN
from tests.oracles import Gaussian, Mixture
from tests.training.objectives.steps import DATA, Watched, batch_of, draws_for, loss_of, step_for, terms_of
from training.draws import Draws
from training.objectives.addim import addim
from training.objectives.base import Batch, expand
from training.objectives.mcm import MultistepConsistency

LATE = {"teacher_steps": (1024, 1024)}  # so many that the teacher's steps are the flow, nearly
DDIM = {"eta": 0.0}


def training(*segments: int, **settings) -> MultistepConsistency:
    return MultistepConsistency(segments, distil=False, **settings)


def distillation(*segments: int, **settings) -> MultistepConsistency:
    return MultistepConsistency(segments, **settings)


def ends_of(sigma_B: Tensor, count: int) -> Tensor:
    """The lower end of each level's segment, among `count` equal ones."""
    ends = torch.tensor([tan(pi * k / (2 * count)) for k in range(count)])
    return ends[(sigma_B[:, None] > ends * (1 + 1e-6)).sum(dim=1) - 1]


def leading_to(jumped: Tensor, x: Tensor, sigma_B: Tensor, end_B: Tensor) -> Tensor:
    """The estimate that leads from x to `jumped` at the segment's end."""
    return (jumped - expand(end_B / sigma_B) * x) / (1 - expand(end_B / sigma_B))


def exact(count: int, data: Gaussian = DATA):
    """The exact model of `count` segments: it leads to the segment's end on the probability flow."""

    def model(x, sigma, labels=None, dropout_mask=None):
        end_B = ends_of(sigma, count)
        variance_B = (data.s**2 + end_B.square()) / (data.s**2 + sigma.square())
        return leading_to(data.m + (x - data.m) * expand(variance_B.sqrt()), x, sigma, end_B)

    return model


# The schedules.


@pytest.mark.parametrize(
    ("iterations", "steps"),
    [(0, 64.0), (25, 135.3435217), (50, 286.2167011), (75, 605.3), (100, 1280.0), (200, 1280.0)],
)
def test_the_teachers_steps_are_those_of_the_reference(iterations, steps):
    """In thousands of the paper's 200, over the first half of which they grow."""
    assert MultistepConsistency().steps_at(iterations / 200) == pytest.approx(steps, rel=1e-4)


@pytest.mark.parametrize(("iterations", "steps"), [(0, 8), (25, 17), (50, 36), (100, 160)])
def test_one_of_eight_segments_has_an_eighth_of_the_teachers_steps(iterations, steps):
    assert MultistepConsistency().steps_per_segment(8, iterations / 200) == steps


def test_the_defaults_are_those_of_the_paper():
    objective = MultistepConsistency()
    assert (objective.teacher_steps, objective.anneal, objective.eta) == ((64, 1280), 0.5, 0.75)


def test_the_card_lists_the_levels_of_every_step_count():
    assert training(1, 2).schedules() == {"generate": {"1": [80.0], "2": [80.0, pytest.approx(1.0)]}}
    assert training(3, borders=(6.0, 0.7)).schedules() == {"generate": {"3": [80.0, 6.0, 0.7]}}


def test_the_levels_are_even_in_the_cosine_schedules_time_and_meet_every_segments_end():
    levels = training(4, teacher_steps=(64, 64)).draw_levels(draws_for(5000), 0.0)
    found = sorted(set(levels.t.tolist()))
    low = [tan(pi * n / 128) for n in range(1, 49)]
    assert len(found) == 64
    assert found[:48] == pytest.approx(low, rel=1e-4)
    assert found[-1] == SIGMA_MAX
    times = torch.tensor(found[47:], dtype=torch.float64).atan().diff()
    assert times == pytest.approx(times.mean().item(), rel=1e-3)


def test_each_level_is_paired_with_the_next_one_down():
    levels = training(4, teacher_steps=(64, 64)).draw_levels(draws_for(5000), 0.0)
    below = dict(pairwise(sorted({0.0, *levels.t.tolist()}, reverse=True)))
    assert all(below[t] == pytest.approx(s, rel=1e-6) for t, s in zip(levels.t.tolist(), levels.s.tolist()))
    assert torch.allclose(levels.end, ends_of(levels.t, 4))


def test_all_levels_are_equally_likely():
    levels = training(4, teacher_steps=(16, 16)).draw_levels(draws_for(16_000), 0.0)
    _, times = levels.t.unique(return_counts=True)
    assert len(times) == 16 and times.min() > 800 and times.max() < 1200


def test_unequal_segments_end_at_the_given_borders():
    levels = training(3, borders=(6.0, 0.7), **LATE).draw_levels(draws_for(3000), 0.0)
    for low, high in ((0.0, 0.7), (0.7, 6.0), (6.0, 80.0)):
        inside = (levels.t > low * 1.0001) & (levels.t < high * 1.0001)
        assert torch.equal(levels.end[inside], torch.full_like(levels.end[inside], low))
        assert inside.float().mean().item() == pytest.approx(1 / 3, abs=0.04)


def test_a_batch_in_parts_has_the_levels_of_the_whole_batch():
    whole = training(2, 4).draw_levels(draws_for(10), 0.0)
    parts = [
        training(2, 4).draw_levels(Draws(torch.Generator().manual_seed(0), 10, *cut), 0.0) for cut in ((0, 4), (4, 10))
    ]
    for name in whole._fields:
        assert torch.equal(getattr(whole, name), torch.cat([getattr(part, name) for part in parts]))


# What it is with one segment, and with as many as there are steps.


@pytest.mark.parametrize("distil", [False, True])
def test_one_segment_is_a_consistency_model(distil):
    """Equal answers at t and one step below, where the last answer is the clean picture itself."""
    student, batch = Watched(lambda x, sigma: 0.9 * DATA.denoiser(x, sigma) + 0.01), batch_of(count=500)
    objective = MultistepConsistency((1,), distil=distil, teacher_steps=(8, 8), **DDIM)
    terms = terms_of(objective, student, batch, teacher=DATA.denoiser)
    (_, s, *_, target), (x, t, *_, online) = student.calls
    estimate = DATA.denoiser(x, t) if distil else batch.x0
    target = torch.where(expand(t == t.min()), estimate, target)  # the lowest level's step ends at 0
    expected = (1 / t.square() + 1) * ((online - target).square().sum(dim=(1, 2, 3)) + 1e-8).sqrt()
    torch.testing.assert_close(terms.per_picture, expected, rtol=1e-3, atol=1e-3)
    assert (s < t).all()


def test_with_one_segment_the_target_is_evaluated_where_the_teachers_step_ends():
    student, batch = Watched(DATA.denoiser), batch_of(count=500)
    terms_of(training(1, **LATE), student, batch)
    (x_s, s, *_), (x, t, *_) = student.calls
    noise, kept = (x - batch.x0) / expand(t), s > SIGMA_MIN
    torch.testing.assert_close(x_s[kept], (batch.x0 + expand(s) * noise)[kept], rtol=1e-4, atol=1e-4)


def test_a_segment_for_every_step_is_denoising():
    student, batch = Watched(lambda x, sigma: 0.9 * DATA.denoiser(x, sigma)), batch_of(count=500)
    terms = terms_of(training(64, teacher_steps=(64, 64)), student, batch)
    t, online = student.calls[1][1], student.calls[1][-1]
    expected = (1 / t.square() + 1) * (online - batch.x0).square().sum(dim=(1, 2, 3)).sqrt()
    torch.testing.assert_close(terms.per_picture, expected, rtol=1e-3, atol=1e-3)


def test_a_segment_for_every_step_of_the_teacher_learns_the_teacher():
    objective = distillation(64, teacher_steps=(64, 64), **DDIM)
    assert loss_of(objective, DATA.denoiser, batch_of(), teacher=DATA.denoiser) < 1e-2
    assert loss_of(objective, exact(1), batch_of(), teacher=DATA.denoiser) > 1


# The target.


@pytest.mark.parametrize("segments", [1, 4])
def test_the_target_is_a_mean_over_the_reciprocal_levels_between(segments):
    """Of the picture from 1/t to 1/s and of the model's answer (here 0) from 1/s to 1/end."""
    objective, batch = training(segments, teacher_steps=(16, 16)), batch_of(count=500)
    levels = objective.draw_levels(draws_for(500), 1.0)
    terms = terms_of(objective, lambda x, sigma, labels, keep: torch.zeros_like(x), batch)
    down = [levels.end / level for level in (levels.s, levels.t)]
    part = torch.where(levels.s == levels.end, 1.0, (down[0] - down[1]) / (1 - down[1]))
    expected = (1 / levels.t.square() + 1) * part * batch.x0.square().sum(dim=(1, 2, 3)).sqrt()
    torch.testing.assert_close(terms.per_picture, expected, rtol=1e-3, atol=1e-3)


def test_distillation_steps_with_addim_and_eta_times_the_teachers_error():
    objective, batch = distillation(1, teacher_steps=(1, 1), metric="l2"), batch_of(count=50)
    student = Watched(lambda x, sigma: torch.zeros_like(x))
    terms = terms_of(objective, student, batch, teacher=DATA.denoiser)
    x, t = student.calls[1][:2]
    x_hat = DATA.denoiser(x, t)
    x_var = 0.75 * (batch.x0 - x_hat).square().mean(dim=(1, 2, 3))
    target = addim(x_hat, x, t, torch.zeros(50), x_var)
    torch.testing.assert_close(terms.per_picture, (1 / 80**2 + 1) * target.square().mean(dim=(1, 2, 3)))


def test_the_variance_can_be_the_analytic_one():
    objective, batch = distillation(1, teacher_steps=(1, 1), metric="l2", variance="analytic"), batch_of(count=50)
    student = Watched(lambda x, sigma: torch.zeros_like(x))
    terms = terms_of(objective, student, batch, teacher=DATA.denoiser)
    x, t = student.calls[1][:2]
    target = addim(DATA.denoiser(x, t), x, t, torch.zeros(50), 0.1 / (2 + 1 / t.square()))
    torch.testing.assert_close(terms.per_picture, (1 / 80**2 + 1) * target.square().mean(dim=(1, 2, 3)))


def test_the_model_is_never_evaluated_below_the_smallest_level_and_no_loss_is_missing_there():
    student = Watched(DATA.denoiser)
    terms = terms_of(training(1, 2, **LATE), lambda x, sigma, *rest: student(x, sigma), batch_of(count=4000))
    assert min(call[1].min() for call in student.calls) == pytest.approx(SIGMA_MIN)
    assert terms.per_picture.isfinite().all()
    assert SIGMA_MIN <= terms.sigma.min() < terms.sigma.max() == SIGMA_MAX


def test_both_calls_share_labels_and_dropout_mask_and_only_the_second_learns():
    student, batch, dropout_mask = Watched(DATA.denoiser), Batch(DATA.pictures(8), torch.arange(8)), torch.ones(8, 5)
    training(4).loss(batch, step_for(student, batch, dropout_mask=dropout_mask))
    (_, _, labels_s, keep_s, _), (_, _, labels_t, keep_t, _) = student.calls
    assert keep_s is keep_t is dropout_mask and labels_s is labels_t is batch.labels
    assert student.grads == [False, True]


# The exact solution.


def discrete_solution(objective: MultistepConsistency, data: Gaussian = DATA):
    """The model that leads where all of the DDIM teacher's steps to the segment's end lead, level by level."""
    levels = objective.draw_levels(draws_for(20_000), 1.0)
    rows = sorted(zip(*(values.double().tolist() for values in levels[:3])))
    shrink: dict[float, float] = {}
    for t, s, end in rows:
        mean = data.s**2 / (data.s**2 + t**2)
        shrink[t] = (mean + s / t * (1 - mean)) * (1.0 if s == end else shrink[s])
    slopes = {t: (shrink[t] - end / t) / (1 - end / t) for t, _, end in rows}

    def model(x, sigma, labels=None, dropout_mask=None):
        slope_B = torch.tensor([slopes.get(level, 1.0) for level in sigma.double().tolist()])
        return data.m + (x - data.m) * expand(slope_B)

    return model


@pytest.mark.parametrize("segments", [1, 2, 4])
def test_the_model_that_ends_where_the_teachers_steps_end_has_no_loss(segments):
    objective = distillation(segments, teacher_steps=(32, 32), **DDIM)
    batch = batch_of(count=1000)
    student = discrete_solution(objective)
    terms = terms_of(objective, student, batch, teacher=DATA.denoiser)
    assert (terms.per_picture / (1 / terms.sigma.square() + 1)).max() < 1e-3
    bent = terms_of(objective, lambda *a: 1.01 * student(*a), batch, teacher=DATA.denoiser)
    assert bent.per_picture.mean() > 30 * terms.per_picture.mean()


def defect(segments: int, steps: int) -> float:
    """Mean distance, unweighted, of the flow's own model for that many of the teacher's steps."""
    objective = distillation(segments, teacher_steps=(steps, steps), metric="l1", **DDIM)
    terms = terms_of(objective, exact(segments), batch_of(count=4000), teacher=DATA.denoiser)
    return (terms.per_picture / (1 / terms.sigma.square() + 1)).mean().item()


@pytest.mark.parametrize("segments", [1, 2, 4])
def test_the_flows_own_model_is_approached_at_second_order_of_the_teachers_step(segments):
    coarse, middle, fine = (defect(segments, steps) for steps in (64, 128, 256))
    assert 3 < coarse / middle < 5
    assert 3 < middle / fine < 5


def test_on_a_mixture_the_flows_own_model_is_the_solution_too():
    data, batch = Mixture(), Batch(Mixture().pictures(300, (1, 2, 2)), None)

    def loss(student, steps: int) -> float:
        objective = distillation(1, teacher_steps=(steps, steps), **DDIM)
        terms = terms_of(objective, student, batch, teacher=data.denoiser)
        return (terms.per_picture / (1 / terms.sigma.square() + 1)).mean().item()

    def flow(x, sigma, labels, dropout_mask):
        return data.consistency(x, sigma)

    def mean(x, sigma, labels, dropout_mask):
        return data.denoiser(x, sigma)

    assert loss(flow, 64) > 3 * loss(flow, 256)
    assert loss(mean, 256) > 5 * loss(flow, 256)


def pull(objective: MultistepConsistency, model) -> float:
    """The gradient along x - m, as a multiple of its standard error: how surely training leaves this model."""
    batch = batch_of(count=20_000)
    bend_B = torch.zeros(len(batch.x0), requires_grad=True)

    def student(x, sigma, labels, dropout_mask):
        return model(x, sigma) + expand(bend_B) * (x - DATA.m) / (1 + expand(sigma))

    terms = terms_of(objective, student, batch)
    (terms.per_picture / (1 / terms.sigma.square() + 1)).sum().backward()
    return float(bend_B.grad.mean() / bend_B.grad.std() * len(batch.x0) ** 0.5)


@pytest.mark.parametrize("metric", ["norm", "l2"])
@pytest.mark.parametrize("segments", [1, 2])
def test_in_training_only_the_model_of_the_flow_has_no_gradient(segments, metric):
    """Its gradient vanishes in expectation only: each picture pulls its own way."""
    objective = training(segments, metric=metric, teacher_steps=(256, 256))
    assert abs(pull(objective, exact(segments))) < 4
    assert abs(pull(objective, DATA.denoiser)) > 10


@pytest.mark.parametrize("distil", [False, True])
def test_a_model_of_the_right_family_learns_mean_and_spread(distil):
    objective = MultistepConsistency((2,), distil=distil, teacher_steps=(64, 64), metric="l2", **DDIM)
    guess = torch.tensor([0.0, 0.0], requires_grad=True)  # mean, log of the spread
    optimiser = torch.optim.Adam([guess], lr=0.03)

    def student(x, sigma, labels=None, dropout_mask=None):
        (m, log_s), end_B = guess, ends_of(sigma, 2)
        ratio_B = ((log_s.exp() ** 2 + end_B.square()) / (log_s.exp() ** 2 + sigma.square())).sqrt()
        return leading_to(m + (x - m) * expand(ratio_B), x, sigma, end_B)

    for k in range(300):
        batch = batch_of(count=128, seed=k)
        optimiser.zero_grad()
        loss_of(objective, student, batch, seed=k, teacher=DATA.denoiser).backward()
        optimiser.step()
    assert guess[0].item() == pytest.approx(DATA.m, abs=0.03)
    assert guess[1].exp().item() == pytest.approx(DATA.s, abs=0.04)


# Several step counts in one model.


def test_a_model_of_several_step_counts_gets_one_as_an_input():
    calls, objective, batch = [], training(1, 2, 4), batch_of(count=3000)

    def student(x, sigma, labels, dropout_mask, steps_B):
        calls.append((sigma, steps_B))
        return DATA.denoiser(x, sigma)

    terms_of(objective, student, batch)
    levels = objective.draw_levels(draws_for(3000), 1.0)
    assert all(torch.equal(steps_B, levels.k) for _, steps_B in calls)
    for index, count in enumerate((1, 2, 4)):
        chosen = levels.k == index
        assert chosen.float().mean().item() == pytest.approx(1 / 3, abs=0.04)
        assert torch.allclose(levels.end[chosen], ends_of(levels.t[chosen], count))


def test_each_step_count_has_its_own_solution():
    objective, batch = distillation(1, 4, **LATE, **DDIM), batch_of()

    def listening(x, sigma, labels, dropout_mask, steps_B):
        return torch.where(expand(steps_B == 0), exact(1)(x, sigma), exact(4)(x, sigma))

    def deaf(x, sigma, labels, dropout_mask, steps_B):
        return exact(4)(x, sigma)

    assert loss_of(objective, deaf, batch, teacher=DATA.denoiser) > 5 * loss_of(
        objective, listening, batch, teacher=DATA.denoiser
    )


def test_only_a_model_of_several_step_counts_gets_one_as_an_input():
    assert (training(4).step_counts, training(1, 4).step_counts) == ((), (1, 4))


def test_a_teacher_is_needed_to_distil_only():
    assert distillation(4).needs_teacher and not training(4).needs_teacher


@pytest.mark.parametrize(
    "settings",
    [
        {"segments": ()}, {"segments": (4, 2)}, {"segments": (0,)}, {"segments": (2000,)}, {"borders": (1.0,)},
        {"segments": (3,), "borders": (1.0, 2.0)}, {"segments": (2,), "borders": (90.0,)}, {"teacher_steps": (0, 64)},
        {"anneal": 0.0}, {"anneal": 1.5}, {"variance": "none"}, {"eta": -1.0}, {"metric": "none"},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ConfigError):
        MultistepConsistency(**settings)
