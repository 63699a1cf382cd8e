"""Continuous-time objectives: zero at the exact consistency function, and the limit of the discrete ones."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core import ConfigError
from core.schedule import RHO, SIGMA_MAX, SIGMA_MIN
from tests import tiny
from tests.oracles import Gaussian
from tests.training.objectives.discrete import Bent, Flow, slope_at, trained
from tests.training.objectives.smooth import SmoothMixture
from tests.training.objectives.steps import DATA, Watched, batch_of, draws_for, loss_of, step_for, terms_of
from training.metrics.pairwise import metric_of
from training.objectives.base import Batch, expand, no_grad_call
from training.objectives.continuous import ContinuousDistillation, ContinuousTraining, grid_width, tau
from training.objectives.grid import karras_grid
from training.objectives.one_step import euler

TRUE_LOSS = ContinuousDistillation(stop_gradient=False)
MIXTURE = SmoothMixture()


def test_levels_are_those_of_the_grid_with_their_distances():
    grid = karras_grid(1001).flip(0)
    u = torch.arange(1001) / 1000
    torch.testing.assert_close(tau(u), grid, rtol=1e-4, atol=0)
    assert SIGMA_MIN <= tau(u).min() <= tau(u).max() <= SIGMA_MAX
    middle = (grid[1:] + grid[:-1]) / 2
    torch.testing.assert_close(1000 * grid.diff(), grid_width(middle), rtol=1e-3, atol=0)


def test_the_defaults_are_the_papers():
    for objective in (ContinuousDistillation(), ContinuousTraining()):
        assert (objective.rho, objective.weight, objective.parameterisation) == (RHO, "flat", "consistency")
        assert objective.uses_jvp
        assert objective.weighting() is None
    assert ContinuousDistillation().stop_gradient
    assert ContinuousDistillation().needs_teacher
    assert not ContinuousTraining().needs_teacher


@pytest.mark.parametrize("data", [DATA, MIXTURE], ids=lambda data: type(data).__name__)
def test_the_exact_function_and_no_other_has_no_loss(data):
    exact, other = (
        terms_of(TRUE_LOSS, student, batch_of(data, 500), teacher=data.denoiser).per_picture
        for student in (data.consistency, data.denoiser)
    )
    assert exact.max() < 1e-4 * other.mean()
    assert other.mean() > 1e-3


def neighbours(batch: Batch, points: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """(t_B, the level one interval of the grid below, z): the draws of the continuous objective with that seed."""
    draws = draws_for(len(batch.x0), seed)
    u_B = draws.uniform()
    return tau(u_B), tau((u_B - 1 / (points - 1)).clamp(min=0)), draws.normal(*batch.x0.shape[1:])


def discrete_loss(student, batch: Batch, points: int, *, metric="l2", teacher=None, stop_gradient=True) -> Tensor:
    """Song et al. 2023, Algorithms 2 (Euler) and 3 with lambda = 1 and theta^- = theta, [B]."""
    t_B, low_B, z = neighbours(batch, points)
    x = batch.x0 + expand(t_B) * z
    x_low = batch.x0 + expand(low_B) * z if teacher is None else euler(teacher, x, t_B, low_B)
    target = no_grad_call(student, x_low, low_B) if stop_gradient else student(x_low, low_B)
    return metric_of(metric)(student(x, t_B), target)


def off(values: list[float], limit: float) -> list[float]:
    """How far values are from their limit, as parts of it."""
    return [abs(value / limit - 1) for value in values]


@pytest.mark.parametrize("data", [DATA, SmoothMixture(s=0.3)], ids=lambda data: type(data).__name__)
def test_the_true_loss_is_the_limit_of_the_discrete_one_times_the_square_of_the_steps(data):
    batch, student = batch_of(data, 500), Bent(data, 0.3)
    lent = {"teacher": data.denoiser}
    limit = loss_of(replace(TRUE_LOSS, weight="discrete"), student, batch, **lent).item()
    scaled = [
        (n - 1) ** 2 * discrete_loss(student, batch, n, stop_gradient=False, **lent).mean().item()
        for n in (40, 160, 640)
    ]
    far, near, nearest = off(scaled, limit)
    assert far > 3.5 * near > 12 * nearest  # four times as many points: a quarter of the error
    assert nearest < 0.02


def gradient(loss: Tensor, student: Bent) -> float:
    return torch.autograd.grad(loss.mean(), student.bend)[0].item()


@pytest.mark.parametrize("teacher", [DATA.denoiser, None], ids=["distillation", "training"])
def test_the_stopped_gradient_is_the_limit_of_the_discrete_one_times_the_steps(teacher):
    batch, student = batch_of(count=500), Bent(DATA, 0.3)
    kind = ContinuousTraining if teacher is None else ContinuousDistillation
    limit = gradient(loss_of(kind(weight="discrete"), student, batch, teacher=teacher), student)
    scaled = [(n - 1) * gradient(discrete_loss(student, batch, n, teacher=teacher), student) for n in (80, 320, 1280)]
    far, near, nearest = off(scaled, limit)
    assert far > 3.5 * near > 12 * nearest
    assert nearest < 0.01


def test_the_limit_holds_for_a_distance_between_features():
    batch, student, points = batch_of(count=6, shape=(3, 8, 8)), Bent(DATA, 0.3), 1000
    objective = ContinuousDistillation(metric="lpips_random", weight="discrete")
    lent = {"teacher": DATA.denoiser}
    limit = gradient(loss_of(objective, student, batch, **lent), student)
    found = gradient(discrete_loss(student, batch, points, metric=objective.metric, **lent), student)
    assert (points - 1) * found == pytest.approx(limit, rel=0.05)
    limit = loss_of(replace(objective, stop_gradient=False), student, batch, **lent).item()
    found = discrete_loss(student, batch, points, metric=objective.metric, stop_gradient=False, **lent).mean().item()
    assert (points - 1) ** 2 * found == pytest.approx(limit, rel=0.05)


@pytest.mark.parametrize(("stop_gradient", "power"), [(True, 1), (False, 2)])
def test_flat_weighting_leaves_out_the_width_of_the_grid(stop_gradient, power):
    flat, discrete = (
        terms_of(
            ContinuousDistillation(stop_gradient=stop_gradient, weight=weight),
            Bent(DATA, 0.3),
            batch_of(count=50),
            teacher=DATA.denoiser,
        )
        for weight in ("flat", "discrete")
    )
    torch.testing.assert_close(discrete.per_picture, flat.per_picture * grid_width(flat.sigma) ** power)


OBJECTIVES = [ContinuousDistillation(), TRUE_LOSS, ContinuousTraining()]
NAMES = ["theorem 5", "theorem 3", "theorem 6"]


@pytest.mark.parametrize("objective", OBJECTIVES, ids=NAMES)
def test_the_gradient_points_to_the_exact_function(objective):
    below, at, above = (slope_at(bend, objective, DATA, 4000, teacher=DATA.denoiser) for bend in (-0.3, 0.0, 0.3))
    assert below < 0 < above
    assert abs(at) < 0.05 * min(-below, above)


def test_training_from_pictures_has_the_gradient_of_distillation_in_the_mean():
    distillation, training = (
        slope_at(0.3, objective, DATA, 20_000, teacher=DATA.denoiser)
        for objective in (ContinuousDistillation(), ContinuousTraining())
    )
    assert training == pytest.approx(distillation, rel=0.03)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=NAMES)
def test_short_training_finds_the_exact_function(objective):
    data = Gaussian(m=0.2, s=0.4)
    student = trained(Flow(), objective, data, 150, rate=0.03, teacher=data.denoiser)
    assert student.m.item() == pytest.approx(data.m, abs=0.03)
    assert student.s.item() == pytest.approx(data.s, abs=0.03)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=NAMES)
def test_every_call_has_the_same_labels_and_mask_and_only_the_student_learns(objective):
    batch, dropout_mask = Batch(DATA.pictures(4, (1, 4, 4)), torch.arange(4)), torch.ones(4, 5)
    student, target, teacher = Watched(DATA.consistency), Watched(DATA.consistency), Watched(DATA.denoiser)
    objective.loss(batch, step_for(student, batch, dropout_mask=dropout_mask, target=target, teacher=teacher))
    assert all(call[2] is batch.labels and call[3] is dropout_mask for call in student.calls + target.calls)
    assert all(call[2] is batch.labels for call in teacher.calls)
    assert all(student.grads)
    assert not any(target.grads + teacher.grads)
    assert len(target.calls) == (0 if objective is TRUE_LOSS else 1)
    assert len(teacher.calls) == (1 if objective.needs_teacher else 0)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=NAMES)
def test_the_real_network_learns_in_all_its_parts(objective):
    model, teacher = tiny.model(classes=2), tiny.model("edm", seed=1, classes=2)
    dropout_mask = torch.ones(4, model.network.dropout_channels)
    batch = Batch(DATA.pictures(4), torch.tensor([0, 1, 0, 1]))
    loss_of(objective, model, batch, dropout_mask=dropout_mask, teacher=teacher).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().sum() > 0, name
    assert all(parameter.grad is None for parameter in teacher.parameters())


def test_a_distance_without_a_continuous_limit_is_refused():
    with pytest.raises(ConfigError, match="l1 has no second derivative"):
        ContinuousTraining(metric="l1")
    with pytest.raises(ConfigError, match='no metric "l3"'):
        ContinuousDistillation(metric="l3")
    with pytest.raises(ConfigError, match="flat, discrete"):
        ContinuousTraining(weight="one")
