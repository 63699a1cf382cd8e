"""Progressive distillation (Salimans & Ho 2022), in the form in which it is the baseline of Song et al. 2023.

A student of S steps learns from a teacher of 2S steps, then becomes the teacher of a student of S/2 steps, and so on.
The networks are in the EDM parameterisation.

Shapes: B pictures, C channels, H rows, W columns, N points of the grid.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import torch
from torch import Tensor

from core.errors import ConfigError
from core.models import Denoiser
from core.schedule import MAX_STEPS, RHO, karras_sigmas
from training.draws import Draws
from training.metrics.pairwise import metric_of
from training.objectives.addim import ddim
from training.objectives.base import Batch, LossTerms, Objective, Step, expand
from training.objectives.grid import grid_gap, karras_grid

MAX_START = 2**16  # steps of the first student, at most
LATE = 2  # steps; stages of at most so many last longer


class Levels(NamedTuple):
    """One step of the student for each picture, [B] each: from t to `end`. The teacher makes two, over `middle`."""

    t: Tensor
    middle: Tensor
    end: Tensor


@dataclass(frozen=True)
class ProgressiveDistillation(Objective):
    """One step of the student should end where two steps of the teacher end."""

    start_steps: int = 8  # steps of the first student, half of its teacher's; the paper: 4096
    end_steps: int = 1  # steps of the last student
    late: float = 2.0  # factor by which the stages of 2 steps and of 1 step last longer than the others
    metric: str = (
        "l2"  # a name in training/metrics/pairwise.py; Song et al. 2023 find "lpips" better at every step count
    )
    rho: float = RHO  # exponent of the grid (Karras et al. 2022, equation 5)

    parameterisation = "multistep"
    needs_teacher = True

    def __post_init__(self):
        if not (1 <= self.end_steps < MAX_STEPS and self.end_steps <= self.start_steps <= MAX_START):
            raise ConfigError(f"end_steps must be from 1 to below {MAX_STEPS}, start_steps from it to {MAX_START}.")
        if self.start_steps != self.end_steps << (len(self.stages) - 1):
            raise ConfigError("start_steps must be end_steps, doubled a number of times.")
        if self.late <= 0 or self.rho <= 0:
            raise ConfigError("late and rho must be above 0.")
        metric_of(self.metric)

    @property
    def stages(self) -> tuple[int, ...]:
        """The number of the student's steps in each stage, from start_steps to end_steps."""
        halvings = (self.start_steps // self.end_steps).bit_length()
        return tuple(self.start_steps >> k for k in range(halvings))

    @property
    def hand_overs(self) -> tuple[float, ...]:
        """The progress at the end of each stage but the last."""
        ends = list(accumulate(self.late if steps <= LATE else 1.0 for steps in self.stages))
        return tuple(end / ends[-1] for end in ends[:-1])

    def steps_at(self, progress: float) -> int:
        """The number of the student's steps at this progress of the run, 0 to 1."""
        return self.stages[sum(progress >= end for end in self.hand_overs)]

    @property
    def level_gap(self) -> float:
        """That of one step of the first teacher: its student starts equal to it and learns what one step changes."""
        return grid_gap(2 * self.start_steps + 1, rho=self.rho)

    def schedules(self) -> dict:
        """The noise levels of the last student, which are the ends of its steps (core/segments.py)."""
        return {"generate": {str(self.end_steps): karras_sigmas(self.end_steps + 1, rho=self.rho)[:-1]}}

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """w(t) d(D(x, t), x*), w = max(1/t^2, 1): the Euler step from x with x* ends where two teacher steps end."""
        levels = self.draw_levels(step.draws, self.steps_at(step.progress))
        x = batch.x0 + expand(levels.t) * step.normal_like(batch.x0)
        assert step.teacher is not None
        target = two_step_estimate(step.teacher, x, levels, batch.labels)
        online = step.student(x, levels.t, batch.labels, step.dropout_mask)
        weight_B = (1 / levels.t.square()).clamp(min=1)
        return LossTerms(weight_B * metric_of(self.metric)(online, target), levels.t)

    def draw_levels(self, draws: Draws, steps: int) -> Levels:
        """A random one of the student's steps for each picture, all equally likely."""
        index_B = 2 * draws.integers(steps)
        grid_N = karras_grid(2 * steps + 1, rho=self.rho).to(index_B.device)
        return Levels(grid_N[index_B], grid_N[index_B + 1], grid_N[index_B + 2])


@torch.no_grad()
def two_step_estimate(teacher: Denoiser, x: Tensor, levels: Levels, labels: Tensor | None) -> Tensor:
    """x* [B,C,H,W]: the clean picture with which one Euler step from x [B,C,H,W] ends where two teacher steps end.

    It is the mean of the teacher's two estimates, weighted by the lengths of their steps in 1/sigma. The paper's form
    x - t (x_end - x) / (end - t) is equal, but loses digits by cancellation where there are many steps.
    """
    t_B, middle_B, end_B = levels
    first = teacher(x, t_B, labels)
    second = teacher(ddim(first, x, t_B, middle_B), middle_B, labels)
    weight_B = (1 / end_B - 1 / middle_B) / (1 / end_B - 1 / t_B)
    return torch.lerp(first, second, expand(weight_B))
