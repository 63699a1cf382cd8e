"""Consistency training: its schedules, and that it does without a teacher what distillation does with one."""

import pytest
import torch

from core import ConfigError
from core.schedule import SIGMA_MAX, SIGMA_MIN
from tests.oracles import Gaussian, Mixture, Plane
from tests.training.objectives.steps import DATA, Watched, batch_of, loss_of, terms_of
from training.metrics.pairwise import METRICS
from training.objectives.base import expand
from training.objectives.cd import ConsistencyDistillation
from training.objectives.ct import ConsistencyTraining

IMAGENET = ConsistencyTraining(s0=2, s1=200, mu0=0.95)  # K = 800,000
CIFAR = ConsistencyTraining(s0=2, s1=150, mu0=0.9)
K = 800_000


@pytest.mark.parametrize(
    ("k", "points"),
    [(0, 2), (1, 3), (100, 4), (1000, 8), (10_000, 23), (100_000, 72), (400_000, 143), (800_000, 201)],
)
def test_the_grid_grows_as_in_the_paper(k, points):
    assert IMAGENET.points(k / K) == points


def test_the_grid_has_the_papers_points_halfway_through_training_on_cifar():
    assert CIFAR.points(0.5) == 107


def test_the_grid_does_not_grow_after_the_end():
    assert IMAGENET.points(1.25) == IMAGENET.points(1.0) == 201


@pytest.mark.parametrize(
    ("k", "paper", "released"),
    [
        (0, 0.95, 0.9025),
        (1000, 0.9872585449, 0.9854516382),
        (400_000, 0.9992828685, 0.9992778201),
        (800_000, 0.9994897492, 0.9994871986),
    ],
)
def test_the_decay_of_the_target_is_that_of_the_paper_or_of_the_released_code(k, paper, released):
    assert IMAGENET.target_decay(k / K) == pytest.approx(paper, rel=1e-9)
    as_released = ConsistencyTraining(s0=2, s1=200, mu0=0.95, mu_form="released")
    assert as_released.target_decay(k / K) == pytest.approx(released, rel=1e-9)


def test_it_starts_with_the_decay_that_is_set():
    assert CIFAR.target_decay(0.0) == pytest.approx(0.9, rel=1e-12)


def fixed(points: int) -> ConsistencyTraining:
    """On a grid of that many points at the start of the run."""
    return ConsistencyTraining(s0=points, s1=points)


@pytest.mark.parametrize("data", [DATA, Mixture(), Plane()], ids=lambda data: type(data).__name__)
def test_the_loss_of_the_exact_function_vanishes_as_the_grid_becomes_finer(data):
    losses = [
        loss_of(fixed(points), data.consistency, batch_of(data, 500), progress=0.0).item()
        for points in (20, 40, 80, 160)
    ]
    assert losses[0] > 2 * losses[1] > 4 * losses[2] > 8 * losses[3]


def gap(points: int, student, teacher) -> float:
    """Loss of consistency training less that of distillation, on the same pictures, noise and levels.

    The target is another function than the student: else both losses are small of themselves.
    """
    batch, distillation = batch_of(count=5000), ConsistencyDistillation(points=points, solver="euler")
    with_teacher = loss_of(distillation, student, batch, target=DATA.consistency, teacher=teacher)
    return abs(loss_of(fixed(points), student, batch, progress=0.0, target=DATA.consistency) - with_teacher).item()


def shifted(*asked):
    return DATA.consistency(*asked) + 0.3


@pytest.mark.parametrize("student", [DATA.denoiser, shifted])
def test_the_difference_to_distillation_falls_faster_than_the_step_size(student):
    """Theorem 2: with the exact score and Euler's step the losses differ by o(step)."""
    coarse, middle, fine = (gap(points, student, DATA.denoiser) for points in (20, 40, 80))
    assert coarse > 3 * middle > 9 * fine  # 4 for each halving: second order


def test_the_difference_to_distillation_by_a_teacher_of_other_data_does_not_fall():
    other = Gaussian(m=-0.3, s=0.4)
    coarse, middle, fine = (gap(points, shifted, other.denoiser) for points in (20, 40, 80))
    assert coarse < 2.5 * middle < 6.25 * fine  # 2 for each halving: first order


def test_on_two_points_it_regresses_the_picture_from_pure_noise():
    student, target = Watched(DATA.consistency), Watched(DATA.consistency)
    batch = batch_of(count=20)
    terms = terms_of(ConsistencyTraining(), student, batch, progress=0.0, target=target)
    (x, high_B, *_, online), (x_low, low_B, *_) = student.calls[0], target.calls[0]
    assert set(high_B.tolist()) == {SIGMA_MAX}
    assert torch.equal(low_B, torch.full((20,), SIGMA_MIN))
    regressed = batch.x0 + SIGMA_MIN * (x - batch.x0) / SIGMA_MAX
    torch.testing.assert_close(x_low, regressed)
    torch.testing.assert_close(terms.per_picture, METRICS["l2"](online, regressed), rtol=1e-3, atol=1e-4)


def test_the_grid_of_the_loss_follows_the_progress_of_the_run():
    student = Watched(DATA.consistency)
    for progress in (0.0, 1.0):
        terms_of(ConsistencyTraining(s1=5), student, batch_of(count=200), progress=progress)
    assert [len(call[1].unique()) for call in student.calls[::2]] == [1, 5]


@pytest.mark.parametrize("metric", ["l1", "l2", "pseudo_huber"])
def test_the_loss_is_the_distance_of_both_answers(metric):
    batch = batch_of(count=20)
    student = lambda x, sigma_B, *_: batch.x0 + 0.3 * expand((sigma_B > 1).float())  # noqa: E731
    terms = terms_of(ConsistencyTraining(metric=metric), student, batch, progress=0.0)
    torch.testing.assert_close(terms.per_picture, METRICS[metric](batch.x0 + 0.3, batch.x0))


@pytest.mark.parametrize(
    "wrong",
    [{"s0": 1}, {"s0": 20, "s1": 10}, {"mu0": 0.0}, {"mu0": 1.0}, {"mu_form": "code"}, {"metric": "l3"}, {"rho": 0.0}],
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ConfigError, match=r"\.$"):
        ConsistencyTraining(**wrong)
