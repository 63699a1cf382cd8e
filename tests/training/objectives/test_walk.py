"""Distillation of a walk on data whose guided flow is known."""

import pytest
import torch
from torch import Tensor

from core import ConfigError
from core.card import SamplingRules
from core.schedule import RHO, SIGMA_MAX, karras_sigmas
from tests.oracles import Gaussian
from tests.training.objectives.steps import DATA, Watched, batch_of, draws_for, loss_of, step_for, terms_of
from training.draws import Draws
from training.objectives.base import Step, expand
from training.objectives.walk import WalkDistillation

END = 0.7


class Teacher:
    """The exact denoiser, guided away from a worse one that has seen nothing: one that answers with the mean.

    With y = x - m its guided estimate is m + (1 + w) s^2 / (s^2 + sigma^2) y, and its flow takes y from sigma to lower
    levels as g(sigma) = sigma^-w (s^2 + sigma^2)^((1 + w) / 2) falls.
    """

    def __init__(self, guidance: float = 0.0, shifts: int = 1, grid: Tensor | float = 0.0):
        self.rules = SamplingRules(move="carry", clamp=False, carry_end=END, guidance=guidance, shifts=shifts)
        self.grid, self.calls = grid, []

    def __call__(self, x, sigma, labels=None, dropout_mask=None, guidance=0.0):
        self.calls.append((len(x), guidance, labels))
        plain = DATA.denoiser(x, sigma)
        return plain + guidance * (plain - DATA.m) + self.grid

    def arrival(self, x: Tensor, sigma_B: Tensor, labels=None, dropout_mask=None) -> Tensor:
        """Where its walk leads: the flow to the end, and one evaluation there; below the end that evaluation alone."""
        w, end_B = self.rules.guidance, sigma_B.clamp(max=END)

        def g(level_B):
            return level_B.pow(-w) * (DATA.s**2 + level_B.square()).pow((1 + w) / 2)

        at_end = DATA.m + (x - DATA.m) * expand(g(end_B) / g(sigma_B))
        return self(at_end, end_B, guidance=w)


@pytest.mark.parametrize("guidance", [0.0, 0.8])
def test_the_result_of_sampling_breaks_consistency_only_by_the_teachers_step(guidance):
    """Euler's error is of second order in one step: halving it divides the loss by nearly 4."""
    teacher = Teacher(guidance, shifts=2)
    losses = [
        loss_of(
            WalkDistillation(points=points, metric="l1"), teacher.arrival, batch_of(count=3000), teacher=teacher
        ).item()
        for points in (20, 40, 80)
    ]
    assert losses[0] > 3 * losses[1] > 9 * losses[2]


def test_at_the_last_level_and_below_the_teachers_own_answer_has_no_loss():
    teacher = Teacher(0.8)
    terms = terms_of(WalkDistillation(end_every=2, metric="l1"), teacher.arrival, batch_of(), teacher=teacher)
    low = terms.sigma <= END
    assert low[::2].all()
    assert not low[1::2].any()
    torch.testing.assert_close(terms.per_picture[::2], torch.zeros(1000), rtol=0, atol=1e-5)


def test_a_student_of_the_plain_flow_has_a_larger_loss():
    """Neither the denoiser that it starts from nor the consistency function of the unguided flow will do."""
    teacher = Teacher(0.8)
    right, start, bare = (
        loss_of(WalkDistillation(points=80, metric="l1"), student, batch_of(), teacher=teacher).item()
        for student in (teacher.arrival, DATA.denoiser, DATA.consistency)
    )
    assert right < 0.05 * min(start, bare)


def test_the_grid_of_the_teachers_patches_is_not_learnt():
    """With as many estimates as a patch has pixels its pattern has the same mean everywhere, here 0."""
    pattern = torch.tensor([0.3, -0.1, -0.1, -0.1]).tile(2)
    teacher, plain = Teacher(shifts=4, grid=pattern[:, None] + pattern[None]), Teacher()
    batch = batch_of(shape=(1, 8, 8))
    step = step_for(DATA.denoiser, batch, teacher=teacher)
    sigma_B = torch.full((len(batch.x0),), 0.4)
    mean = WalkDistillation().last_estimate(step, batch.x0, sigma_B, None)
    inside = (..., slice(5), slice(5))
    torch.testing.assert_close(mean[inside], plain(batch.x0, sigma_B)[inside])


def test_the_teacher_samples_as_its_card_says_and_only_the_student_has_a_gradient():
    teacher, student, target = Teacher(0.8, shifts=4), Watched(DATA.denoiser), Watched(DATA.denoiser)
    labels = torch.arange(12)
    batch = batch_of(count=12)
    batch = type(batch)(batch.x0, labels)
    terms_of(WalkDistillation(end_every=3), student, batch, target=target, teacher=teacher)
    (at_end, _, end_labels), (others, _, other_labels) = teacher.calls
    assert (at_end, others) == (4 * 4, 8)
    assert {guidance for _, guidance, _ in teacher.calls} == {0.8}
    assert torch.equal(end_labels, labels[::3].repeat(4))
    assert torch.equal(other_labels, labels[labels % 3 != 0])
    assert (student.grads, target.grads) == ([True], [False])
    x_s, s_B, *_ = target.calls[0]
    assert len(x_s) == 8
    assert (s_B >= END).all()


def test_however_a_batch_is_divided_every_picture_has_the_same_loss():
    whole, objective, teacher = batch_of(count=10), WalkDistillation(end_every=4), Teacher(0.5, shifts=2)

    def losses(first, last):
        draws = Draws(torch.Generator().manual_seed(3), 10, first, last)
        part = type(whole)(whole.x0[first:last], None)
        return objective.loss(part, Step(DATA.denoiser, draws, 0.5, teacher=teacher, target=DATA.denoiser)).per_picture

    torch.testing.assert_close(torch.cat([losses(0, 1), losses(1, 4), losses(4, 10)]), losses(0, 10))


@pytest.mark.parametrize(("lean", "below_5"), [(1.0, 0.2971), (2.0, 0.5451)])
def test_levels_lie_between_the_end_and_sigma_max_and_low_ones_are_more_frequent(lean, below_5):
    """P(t < 5) = u^(1 / lean) where u = (5^(1/7) - 1) / (80^(1/7) - 1), with the end at 1."""
    step = Step(None, draws_for(200_000), 0.0, target=None)
    levels = WalkDistillation(lean=lean).draw_levels(step, 1.0)
    assert 1.0 <= levels.min() < levels.max() <= SIGMA_MAX * (1 + 1e-5)
    assert (levels < 5).float().mean().item() == pytest.approx(below_5, abs=5e-3)


def test_a_step_goes_from_point_to_point_of_the_karras_grid():
    grid = torch.tensor(karras_sigmas(18, sigma_max=SIGMA_MAX, sigma_min=END, rho=RHO))
    below = WalkDistillation(points=18).next_lower(grid, END)
    torch.testing.assert_close(below, torch.cat([grid[1:], grid[-1:]]), rtol=1e-4, atol=0)


@pytest.mark.parametrize("bad", [{"points": 1}, {"end_every": 1}, {"lowest": 0}, {"mu": 1.0}, {"lean": 0}])
def test_impossible_settings_are_refused(bad):
    with pytest.raises(ConfigError):
        WalkDistillation(**bad)


def test_it_learns_the_result_of_sampling_gaussian_data():
    """Short training of one number at each level, from the denoiser's."""
    teacher, student = Teacher(0.8), Slope(DATA)
    optimiser = torch.optim.Adam(student.parameters(), lr=0.05)
    before = error_of(student, teacher)
    for n in range(400):
        optimiser.param_groups[0]["lr"] = 0.05 * (1 - n / 400)
        objective = WalkDistillation(points=20, metric="l2", mu=0.0)
        loss_of(objective, student, batch_of(count=500, seed=n), seed=n, teacher=teacher).backward()
        optimiser.step()
        optimiser.zero_grad()
    assert error_of(student, teacher) < 0.15 * before


class Slope(torch.nn.Module):
    """f = m + a(sigma) (x - m), a a table over ln sigma, at first the denoiser's."""

    def __init__(self, data: Gaussian, count: int = 60):
        super().__init__()
        self.levels = torch.linspace(-4, 4.4, count)
        s2 = data.s**2
        self.log_a = torch.nn.Parameter((s2 / (s2 + (2 * self.levels).exp())).log())

    def forward(self, x, sigma_B, labels=None, dropout_mask=None):
        place = (sigma_B.log() - self.levels[0]) / (self.levels[1] - self.levels[0])
        low = place.floor().long().clamp(0, len(self.levels) - 2)
        a_B = torch.lerp(self.log_a[low], self.log_a[low + 1], place - low).exp()
        return DATA.m + expand(a_B) * (x - DATA.m)


def error_of(student, teacher) -> float:
    sigma_B = torch.tensor([0.3, 0.7, 1.5, 5.0, 20.0])
    x = DATA.m + expand((sigma_B.square() + DATA.s**2).sqrt())
    with torch.no_grad():
        return float((student(x, sigma_B) - teacher.arrival(x, sigma_B)).abs().mean())
