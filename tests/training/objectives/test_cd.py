"""Consistency distillation on data whose flow is known: what it converges to, and how far that is from the flow."""

import pytest
import torch
from torch import Tensor, nn

from core import ConfigError
from core.schedule import RHO, SIGMA_MAX
from tests.oracles import Gaussian, Mixture, Plane
from tests.training.objectives.steps import DATA, Watched, batch_of, loss_of, terms_of
from training.metrics.pairwise import METRICS
from training.objectives.base import expand
from training.objectives.cd import ConsistencyDistillation
from training.objectives.grid import karras_grid

MIXTURE = Mixture()


def test_the_defaults_are_those_of_the_paper_for_cifar():
    distillation = ConsistencyDistillation()
    assert (distillation.points, distillation.solver, distillation.mu, distillation.rho) == (18, "heun", 0.0, RHO)
    assert distillation.needs_teacher
    assert distillation.parameterisation == "consistency"


@pytest.mark.parametrize("data", [DATA, MIXTURE, Plane()], ids=lambda data: type(data).__name__)
@pytest.mark.parametrize(("solver", "factor"), [("euler", 3.0), ("heun", 6.0)])
def test_the_exact_function_breaks_consistency_only_by_the_teachers_step(data, solver, factor):
    """An error of second or third order in one step: halving the step divides it by nearly 4 or 8."""
    losses = [
        loss_of(
            ConsistencyDistillation(points=points, solver=solver, metric="l1"),
            data.consistency,
            batch_of(data, 500),
            teacher=data.denoiser,
        ).item()
        for points in (20, 40, 80)
    ]
    assert losses[0] > factor * losses[1] > factor**2 * losses[2]


@pytest.mark.parametrize("metric", ["l1", "l2", "pseudo_huber"])
def test_at_the_exact_function_next_to_no_loss_is_left(metric):
    distillation = ConsistencyDistillation(points=80, metric=metric)
    exact, denoiser = (
        loss_of(distillation, student, batch_of(), teacher=DATA.denoiser).item()
        for student in (DATA.consistency, DATA.denoiser)
    )
    assert exact < 0.01 * denoiser


class Table(nn.Module):
    """f = a x with a number a of its own at every level of the grid, in units of 1 / sqrt(s^2 + sigma^2); 1 at its end.

    For N(0, s^2) the exact function and every student that any solver leads to are members. In these units one step of
    gradient descent by half the number of pairs is Newton's.
    """

    def __init__(self, data: Gaussian, points: int):
        super().__init__()
        self.s, self.grid = data.s, karras_grid(points)
        self.a = nn.Parameter(torch.full((points - 1,), data.s))

    def forward(self, x: Tensor, sigma_B: Tensor, labels=None, dropout_mask=None) -> Tensor:
        index_B = torch.searchsorted(-self.grid, -sigma_B)
        spread_B = (self.s**2 + sigma_B.square()).sqrt()
        return x * expand(torch.cat([self.a, spread_B.new_tensor([self.s])])[index_B] / spread_B)


def one_step_ratio(solver: str, points: int) -> float:
    """What a student that has learnt makes of pure noise, divided by what the exact function makes of it."""
    data = Gaussian(m=0.0, s=0.5)
    student = Table(data, points)
    distillation = ConsistencyDistillation(points=points, solver=solver, metric="l2")
    optimiser = torch.optim.SGD(student.parameters(), lr=(points - 1) / 2)
    for n in range(2 * points):
        loss_of(distillation, student, batch_of(data, 2000, (1, 2, 2), n), seed=n, teacher=data.denoiser).backward()
        optimiser.step()
        optimiser.zero_grad()
    x = torch.full((1, 1, 1, 1), SIGMA_MAX)
    return (student(x, torch.tensor([SIGMA_MAX])) / data.consistency(x, SIGMA_MAX)).item()


@pytest.mark.parametrize(
    ("solver", "points", "ratio"),
    [
        ("heun", 18, 1.055278326),
        ("heun", 40, 1.009781529),
        ("euler", 18, 0.8460861659),
        ("euler", 40, 0.9297271448),
    ],
)
def test_a_student_learns_all_steps_of_its_teachers_solver_in_one(solver, points, ratio):
    assert one_step_ratio(solver, points) == pytest.approx(ratio, rel=1e-3)


def test_the_teacher_gets_the_students_picture_and_the_target_gets_the_teachers_step():
    student, target, teacher = Watched(DATA.consistency), Watched(DATA.consistency), Watched(DATA.denoiser)
    distillation = ConsistencyDistillation(points=9, solver="euler")
    terms_of(distillation, student, batch_of(count=50), target=target, teacher=teacher)
    (x, high_B, *_), (x_hat, low_B, *_), (asked, sigma_B, *_, x0) = student.calls[0], target.calls[0], teacher.calls[0]
    assert torch.equal(asked, x)
    assert torch.equal(sigma_B, high_B)
    # On the line from the noisy picture to the teacher's estimate of the clean one.
    torch.testing.assert_close(x_hat, x0 + (x - x0) * expand(low_B / high_B), rtol=1e-4, atol=1e-5)


def test_the_loss_is_the_distance_of_both_answers():
    batch = batch_of(count=20)
    for metric in ("l1", "l2", "pseudo_huber"):
        terms = terms_of(
            ConsistencyDistillation(metric=metric),
            lambda *_: batch.x0 + 0.3,
            batch,
            target=lambda *_: batch.x0,
            teacher=DATA.denoiser,
        )
        torch.testing.assert_close(terms.per_picture, METRICS[metric](batch.x0 + 0.3, batch.x0))


@pytest.mark.parametrize("mu", [0.0, 0.95])
def test_the_target_decays_as_set_all_along(mu):
    assert [ConsistencyDistillation(mu=mu).target_decay(progress) for progress in (0.0, 0.5, 1.0)] == [mu] * 3


@pytest.mark.parametrize(
    "wrong", [{"points": 1}, {"solver": "rk4"}, {"metric": "l3"}, {"mu": 1.0}, {"mu": -0.1}, {"rho": 0.0}]
)
def test_impossible_settings_are_refused_by_their_names(wrong):
    with pytest.raises(ConfigError, match=rf"{next(iter(wrong))}.*[^.]\.$"):
        ConsistencyDistillation(**wrong)


def test_a_decay_of_just_below_one_is_possible():
    assert ConsistencyDistillation(mu=0.9999).target_decay(0.5) == 0.9999
