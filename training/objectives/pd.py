"""Progressive distillation (Salimans & Ho 2022), as the baseline of Song et al. 2023 in the EDM parameterisation.

A student of S steps learns from a teacher of 2S, becomes the teacher of one of S/2, and so on.

Shapes: B pictures, C channels, H rows, W columns, N points of the grid.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import torch
from torch import Tensor

from core.models import Denoiser
from core.schedule import MAX_STEPS, RHO, karras_sigmas
from training.draws import Draws
from training.metrics.pairwise import metric_of
from training.objectives.addim import ddim
from training.objectives.base import Batch, LossTerms, Objective, Step, expand
from training.objectives.grid import grid_gap, karras_grid

MAX_START = 2**16
LATE = 2  # stages of so few steps, or fewer, last longer


class Levels(NamedTuple):
    """One step of the student for every picture, each [B]: from t over the teacher's `middle` to `end`."""

    t: Tensor
    middle: Tensor
    end: Tensor


@dataclass(frozen=True)
class ProgressiveDistillation(Objective):
    """One step of the student leads where two steps of the teacher lead."""

    start_steps: int = 8  # of the first student, half of what its teacher is given; the paper: 4096
    end_steps: int = 1  # of the last
    late: float = 2.0  # how much longer the stages of 2 steps and of 1 last than the others
    metric: str = "l2"  # a name in training/metrics/pairwise.py; "lpips" is better at every step count
    rho: float = RHO  # of the grid

    parameterisation = "multistep"
    needs_teacher = True

    def __post_init__(self):
        if not (1 <= self.end_steps < MAX_STEPS and self.end_steps <= self.start_steps <= MAX_START):
            raise TypeError(f"end_steps must be from 1 to below {MAX_STEPS}, start_steps from it to {MAX_START}.")
        if self.start_steps != self.end_steps << (len(self.stages) - 1):
            raise TypeError("start_steps must be end_steps, doubled a number of times.")
        if self.late <= 0 or self.rho <= 0:
            raise TypeError("late and rho must be above 0.")
        metric_of(self.metric)

    @property
    def stages(self) -> tuple[int, ...]:
        """The student's steps in each stage."""
        halvings = (self.start_steps // self.end_steps).bit_length()
        return tuple(self.start_steps >> k for k in range(halvings))

    @property
    def hand_overs(self) -> tuple[float, ...]:
        ends = list(accumulate(self.late if steps <= LATE else 1.0 for steps in self.stages))
        return tuple(end / ends[-1] for end in ends[:-1])

    def steps_at(self, share: float) -> int:
        """The student's steps at this share of the run."""
        return self.stages[sum(share >= end for end in self.hand_overs)]

    @property
    def level_gap(self) -> float:
        """Of the first teacher's steps: a student that starts as that teacher has no more to learn than one changes."""
        return grid_gap(2 * self.start_steps + 1, rho=self.rho)

    def schedules(self) -> dict:
        """The last student's own levels, each of which it leaves for the next (core/segments.py)."""
        return {"generate": {str(self.end_steps): karras_sigmas(self.end_steps + 1, rho=self.rho)[:-1]}}

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """w(t) d(D(x, t), x*), w = max(1/t^2, 1); the Euler step from x with x* leads where two of the teacher lead."""
        levels = self.draw_levels(step.draws, self.steps_at(step.share))
        x = batch.x0 + expand(levels.t) * step.normal_like(batch.x0)
        assert step.teacher is not None
        target = two_step_estimate(step.teacher, x, levels, batch.labels)
        online = step.student(x, levels.t, batch.labels, step.dropout_mask)
        weight_B = (1 / levels.t.square()).clamp(min=1)
        return LossTerms(weight_B * metric_of(self.metric)(online, target), levels.t)

    def draw_levels(self, draws: Draws, steps: int) -> Levels:
        """One of the student's steps, each as likely: its level, the teacher's between, the next of the student."""
        index_B = 2 * draws.integers(steps)
        grid_N = karras_grid(2 * steps + 1, rho=self.rho).to(index_B.device)
        return Levels(grid_N[index_B], grid_N[index_B + 1], grid_N[index_B + 2])


@torch.no_grad()
def two_step_estimate(teacher: Denoiser, x: Tensor, levels: Levels, labels: Tensor | None) -> Tensor:
    """x*: the clean picture for which one Euler step leads from x at t to the end of two of the teacher's steps.

    It is the mean of the teacher's two estimates, weighted by the lengths of their steps in 1/sigma. The paper's
    x - t (x_end - x) / (end - t) is the same, but loses its digits where the steps are many.
    """
    t_B, middle_B, end_B = levels
    first = teacher(x, t_B, labels)
    second = teacher(ddim(first, x, t_B, middle_B), middle_B, labels)
    weight_B = (1 / end_B - 1 / middle_B) / (1 / end_B - 1 / t_B)
    return torch.lerp(first, second, expand(weight_B))
