"""Consistency distillation of the whole sampling procedure in a diffusion model's card, not of its plain flow.

A small model makes good pictures because of the sampling rules in its card: guidance, a trajectory that ends early, and
the mean of several estimates at that end (core/unet.py, core/card.py, core/shifts.py). A student of the plain flow
learns none of these. Here the teacher is evaluated as the sampler evaluates it, so the student's one answer is what the
teacher's sampling ends with. The method is consistency distillation (Song et al. 2023, Algorithm 2) with a guided
teacher (Meng et al. 2023). Instead of the identity at sigma_min its boundary condition is learnt, at the noise level at
which the teacher's sampling ends.

Shapes: B pictures, C channels, H rows, W columns; E pictures at or below that level, M above it.
"""

from dataclasses import dataclass
from functools import partial
from math import log

import torch
from torch import Tensor

from core.errors import ConfigError
from core.models import Denoiser, ScaledModel
from core.sampling import cut
from core.schedule import RHO, SIGMA_MAX
from core.shifts import shifted, unshifted_mean
from training.metrics.pairwise import metric_of
from training.objectives.addim import ddim
from training.objectives.base import Batch, LossTerms, Objective, Step, expand, no_grad_call
from training.objectives.grid import grid_gap

HIGHEST_END = 1.0  # noise level; no model in use ends its sampling at a higher one


@dataclass(frozen=True)
class WalkDistillation(Objective):
    """The answers at both ends of one teacher step should be equal; at the last level they are the teacher's own."""

    points: int = 18  # N, points of the Karras grid from SIGMA_MAX to the last level; a step is one interval of it
    rho: float = RHO  # exponent of the grid (Karras et al. 2022, equation 5)
    lean: float = 2.0  # levels are drawn at u^lean on the grid, u uniform: above 1 low levels are more frequent
    end_every: int = 6  # one picture in so many learns the teacher's last estimate
    lowest: float = 0.02  # noise level, the lowest at which it does
    metric: str = "pseudo_huber"  # a name in training/metrics/pairwise.py
    mu: float = 0.95  # decay of the target network per step

    needs_teacher = True

    def __post_init__(self):
        if self.points < 2 or self.rho <= 0 or self.lean <= 0:
            raise ConfigError("points must be at least 2, rho and lean above 0.")
        if self.end_every < 2 or not 0 < self.lowest < SIGMA_MAX:
            raise ConfigError(f"end_every must be at least 2, lowest above 0 and below {SIGMA_MAX:g}.")
        if not 0 <= self.mu < 1:
            raise ConfigError("mu must be at least 0 and below 1: a target network with mu = 1 would never move.")
        metric_of(self.metric)

    def target_decay(self, progress: float) -> float:
        """mu, the same during the whole run."""
        return self.mu

    @property
    def level_gap(self) -> float:
        """That of a grid that ends at HIGHEST_END: a grid that ends at a lower level has longer steps."""
        return grid_gap(self.points, lowest=HIGHEST_END, rho=self.rho)

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """d(f(x, t), target), x = x0 + t z. A picture's index in the batch says which of the two targets it has."""
        # On the CPU, so that their number is known without waiting for the device.
        at_end = (torch.arange(step.draws.batch_size) % self.end_every == 0)[step.draws.first : step.draws.last]
        ends, others = (selected.nonzero().flatten().to(batch.x0.device) for selected in (at_end, ~at_end))
        end = _teacher(step).rules.carry_end
        t_B = self.draw_levels(step, end)
        t_B[ends] = self.draw_low_levels(step, end)[ends]
        x = batch.x0 + expand(t_B) * step.normal_like(batch.x0)
        online = step.student(x, t_B, batch.labels, step.dropout_mask)
        target = torch.empty_like(online)
        for indices, target_of in ((ends, self.last_estimate), (others, self.answer_below)):
            if len(indices):
                labels = None if batch.labels is None else batch.labels[indices]
                target[indices] = target_of(step.subset(indices), x[indices], t_B[indices], labels)
        return LossTerms(metric_of(self.metric)(online, target), t_B)

    def draw_levels(self, step: Step, end: float) -> Tensor:
        """[B] random levels from `end` to SIGMA_MAX."""
        low, high = end ** (1 / self.rho), SIGMA_MAX ** (1 / self.rho)
        return (low + (high - low) * step.draws.uniform().pow(self.lean)).pow(self.rho)

    def draw_low_levels(self, step: Step, end: float) -> Tensor:
        """[B] random levels from `lowest` to `end`, with a uniform logarithm."""
        lowest = min(self.lowest, end)
        return (log(lowest) + log(end / lowest) * step.draws.uniform()).exp()

    def next_lower(self, t_B: Tensor, end: float) -> Tensor:
        """[B] the levels one interval of the grid below t [B], `end` at least."""
        low, high = end ** (1 / self.rho), SIGMA_MAX ** (1 / self.rho)
        return (t_B.pow(1 / self.rho) - (high - low) / (self.points - 1)).clamp(min=low).pow(self.rho)

    def last_estimate(self, step: Step, x: Tensor, t_B: Tensor, labels: Tensor | None) -> Tensor:
        """[E,C,H,W] the result of the teacher's sampling at its last level: the mean of several shifted estimates.

        x is [E,C,H,W], t_B [E].
        """
        rules = _teacher(step).rules
        batch_of_shifts = [torch.cat([shifted(x, by) for by in range(rules.shifts)]), t_B.repeat(rules.shifts)]
        labels = None if labels is None else labels.repeat(rules.shifts)
        estimates = no_grad_call(_guided(step), *batch_of_shifts, labels).chunk(rules.shifts)
        return cut(unshifted_mean(estimates), rules)

    def answer_below(self, step: Step, x: Tensor, t_B: Tensor, labels: Tensor | None) -> Tensor:
        """[M,C,H,W] the target network's answer after one step of the teacher. x is [M,C,H,W], t_B [M]."""
        rules = _teacher(step).rules
        estimate = cut(no_grad_call(_guided(step), x, t_B, labels), rules)
        s_B = self.next_lower(t_B, rules.carry_end)
        return cut(no_grad_call(step.target, ddim(estimate, x, t_B, s_B), s_B, labels, step.dropout_mask), rules)


def _teacher(step: Step) -> ScaledModel:
    assert step.teacher is not None
    return step.teacher


def _guided(step: Step) -> Denoiser:
    teacher = _teacher(step)
    return partial(teacher, guidance=teacher.rules.guidance)
