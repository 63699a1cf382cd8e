"""Progressive distillation: its stages, its target, and students that are exact."""

import pytest
import torch

from core import ConfigError, karras_sigmas
from core.schedule import SIGMA_MAX, SIGMA_MIN
from tests.oracles import Gaussian, Mixture
from tests.training.objectives.steps import DATA, Watched, batch_of, draws_for, loss_of, step_for, terms_of
from training.objectives.base import Batch, expand
from training.objectives.grid import karras_grid
from training.objectives.pd import Levels, ProgressiveDistillation, two_step_estimate

PAPER = ProgressiveDistillation(start_steps=4096)
LAST = ProgressiveDistillation(start_steps=4, end_steps=4)


@pytest.mark.parametrize(
    ("iterations", "steps"), [(0, 4096), (50_000, 2048), (550_000, 2), (649_999, 2), (650_000, 1), (750_000, 1)]
)
def test_the_stages_are_those_of_the_reference(iterations, steps):
    """50,000 iterations each, the last two 100,000: 750,000 in all."""
    assert PAPER.steps_at(iterations / 750_000) == steps


def test_the_student_is_handed_over_where_a_stage_ends():
    objective = ProgressiveDistillation(start_steps=8, late=2.0)
    assert objective.stages == (8, 4, 2, 1)
    assert objective.hand_overs == pytest.approx((1 / 6, 2 / 6, 4 / 6))
    assert [objective.steps_at(progress) for progress in (0.0, *objective.hand_overs)] == [8, 4, 2, 1]
    assert ProgressiveDistillation(start_steps=4, end_steps=4).hand_overs == ()


def test_the_card_lists_the_levels_of_the_last_student():
    assert ProgressiveDistillation(8, 4).schedules() == {"generate": {"4": karras_sigmas(5)[:-1]}}
    assert ProgressiveDistillation(8, 1).schedules() == {"generate": {"1": [80.0]}}


def test_a_step_of_the_student_is_two_steps_of_the_teachers_grid():
    levels = LAST.draw_levels(draws_for(2000), 4)
    grid = karras_sigmas(9)
    rows = set(zip(*(values.tolist() for values in levels)))
    assert sorted(rows, reverse=True) == [pytest.approx(grid[2 * i : 2 * i + 3], rel=1e-5) for i in range(4)]
    assert (levels.t.unique(return_counts=True)[1] > 400).all()


def levels_of(steps: int, count: int) -> Levels:
    grid = karras_grid(2 * steps + 1)
    chosen = 2 * (torch.arange(count) % steps)
    return Levels(*(grid[chosen + k].double() for k in range(3)))


def noisy(levels: Levels, data=DATA) -> torch.Tensor:
    z = torch.randn(len(levels.t), 1, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return data.pictures(len(levels.t), (1, 4, 4)).double() + expand(levels.t) * z


@pytest.mark.parametrize("data", [Gaussian(), Mixture()])
@pytest.mark.parametrize("steps", [1, 4, 64])
def test_one_euler_step_with_the_target_lands_where_two_of_the_teacher_do(data, steps):
    """And the target is the paper's x - t (x_end - x) / (end - t)."""
    levels = levels_of(steps, 200)
    x = noisy(levels, data)
    t, middle, end = (expand(level) for level in levels)
    x_middle = x + (middle - t) * (x - data.denoiser(x, levels.t)) / t
    x_end = x_middle + (end - middle) * (x_middle - data.denoiser(x_middle, levels.middle)) / middle
    target = two_step_estimate(data.denoiser, x, levels, None)
    torch.testing.assert_close(x + (end - t) * (x - target) / t, x_end, rtol=0, atol=1e-6)
    torch.testing.assert_close(target, x - t * (x_end - x) / (end - t), rtol=0, atol=1e-6)


def test_the_target_loses_no_digits_by_cancellation_where_there_are_many_steps():
    levels = levels_of(4096, 4096)
    x = noisy(levels)
    single = two_step_estimate(DATA.denoiser, x.float(), Levels(*(level.float() for level in levels)), None)
    torch.testing.assert_close(single.double(), two_step_estimate(DATA.denoiser, x, levels, None), rtol=0, atol=1e-5)


def exact_student(objective: ProgressiveDistillation, steps: int, data: Gaussian = DATA):
    """On the Gaussian, x - m shrinks by a factor in each Euler step; so it does in two, and one step has its factor."""
    levels = Levels(*(level.double() for level in objective.draw_levels(draws_for(5000), steps)))

    def shrink(high, low):
        mean = data.s**2 / (data.s**2 + high**2)
        return mean + low / high * (1 - mean)

    both = shrink(levels.t, levels.middle) * shrink(levels.middle, levels.end)
    slopes = (both - levels.end / levels.t) / (1 - levels.end / levels.t)
    table = dict(zip(levels.t.tolist(), slopes.tolist()))

    def student(x, sigma, labels=None, dropout_mask=None):
        return data.m + (x - data.m) * expand(torch.tensor([table[level] for level in sigma.double().tolist()]))

    return student


@pytest.mark.parametrize("steps", [1, 2, 8])
def test_the_exact_student_of_a_stage_has_no_loss(steps):
    objective = ProgressiveDistillation(steps, steps)
    student, batch = exact_student(objective, steps), batch_of(count=1000)
    assert loss_of(objective, student, batch, teacher=DATA.denoiser) < 1e-6
    assert loss_of(objective, DATA.denoiser, batch, teacher=DATA.denoiser) > 1e-5
    assert loss_of(objective, lambda *a: 1.05 * student(*a), batch, teacher=DATA.denoiser) > 1e-5


def test_a_teacher_is_evaluated_at_the_levels_that_it_learnt_as_a_student():
    teacher = Watched(DATA.denoiser)
    loss_of(ProgressiveDistillation(4, 2), DATA.denoiser, batch_of(), progress=1.0, teacher=teacher)
    asked = torch.cat([call[1] for call in teacher.calls]).unique()
    learnt = ProgressiveDistillation(4, 4).draw_levels(draws_for(500), 4).t.unique()
    assert torch.equal(asked, learnt)


def test_a_student_of_the_right_family_learns_the_two_steps():
    objective = ProgressiveDistillation(2, 2)
    levels = karras_grid(5)[[0, 2]]
    slopes = torch.zeros(2, requires_grad=True)
    optimiser = torch.optim.Adam([slopes], lr=0.05)

    def student(x, sigma, labels=None, dropout_mask=None):
        return DATA.m + (x - DATA.m) * expand(slopes[(sigma == levels[1]).long()])

    for k in range(200):
        batch = batch_of(count=64, seed=k)
        optimiser.zero_grad()
        loss_of(objective, student, batch, seed=k, teacher=DATA.denoiser).backward()
        optimiser.step()
    x = DATA.m + torch.ones(2, 1, 1, 1)
    exact = exact_student(objective, 2)(x, levels) - DATA.m
    torch.testing.assert_close(slopes.detach(), exact.flatten(), rtol=0, atol=0.01)


@pytest.mark.parametrize(("metric", "power"), [("l2", 2), ("l1", 1)])
def test_the_weight_is_the_truncated_signal_to_noise_ratio(metric, power):
    batch = batch_of(count=500)
    objective = ProgressiveDistillation(8, 8, metric=metric)
    off = terms_of(objective, lambda *a: exact_student(objective, 8)(*a) + 0.3, batch, teacher=DATA.denoiser)
    expected = (1 / off.sigma.square()).clamp(min=1) * 0.3**power
    torch.testing.assert_close(off.per_picture, expected, rtol=1e-2, atol=0)
    assert SIGMA_MIN < off.sigma.min() < 0.1 and off.sigma.max() == SIGMA_MAX


def test_labels_reach_teacher_and_student_the_mask_the_student_and_only_it_learns():
    student, teacher = Watched(DATA.denoiser), Watched(DATA.denoiser)
    batch, dropout_mask = Batch(DATA.pictures(8), torch.arange(8)), torch.ones(8, 5)
    ProgressiveDistillation(4, 4).loss(batch, step_for(student, batch, dropout_mask=dropout_mask, teacher=teacher))
    assert all(call[2] is batch.labels for call in [*student.calls, *teacher.calls])
    assert student.calls[0][3] is dropout_mask and [call[3] for call in teacher.calls] == [None, None]
    assert (student.grads, teacher.grads) == ([True], [False, False])


@pytest.mark.parametrize(
    "settings",
    [
        {"start_steps": 6, "end_steps": 4}, {"start_steps": 2, "end_steps": 4}, {"end_steps": 0}, {"late": 0.0},
        {"start_steps": 2**20}, {"start_steps": 7, "end_steps": 3}, {"metric": "none"}, {"rho": 0.0},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ConfigError):
        ProgressiveDistillation(**settings)
