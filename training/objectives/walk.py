"""Consistency distillation of the walk that a diffusion model's card describes, rather than of its bare flow.

What makes a small model's pictures good when it is sampled is in its card: guidance, an early end of the walk, several
estimates at that end (core/unet.py, core/card.py, core/shifts.py). A student of the bare flow learns none of it. Here
the teacher is asked as the sampler asks it, so that the student answers at once what the teacher's walk comes to:
consistency distillation (Song et al. 2023, Algorithm 2) with a guided teacher (Meng et al. 2023) and a boundary
condition that is learnt, at the level where the walk ends, instead of the identity at sigma_min.

Shapes: B pictures, C channels, H rows, W columns; E pictures that learn the end, M the others.
"""

from dataclasses import dataclass
from functools import partial
from math import log

import torch
from torch import Tensor

from core.models import Denoiser, ScaledModel
from core.sampling import cut
from core.schedule import RHO, SIGMA_MAX
from core.shifts import shifted, unshifted_mean
from training.metrics.pairwise import metric_of
from training.objectives.addim import ddim
from training.objectives.base import Batch, LossTerms, Objective, Step, expand, no_grad_call
from training.objectives.grid import grid_gap

HIGHEST_END = 1.0  # of the walks in use


@dataclass(frozen=True)
class WalkDistillation(Objective):
    """Equal answers at both ends of one step of the teacher's walk; at its end and below, the teacher's own answer."""

    points: int = 18  # N of the Karras grid from SIGMA_MAX to the walk's end, whose spacing is that of a step
    rho: float = RHO  # of the grid
    lean: float = 2.0  # levels above the end lie at U^lean of the grid's time: above 1 there are more of the low ones
    end_every: int = 6  # one picture in so many learns the teacher's last estimate
    lowest: float = 0.02  # level down to which it does
    metric: str = "pseudo_huber"  # a name in training/metrics/pairwise.py
    mu: float = 0.95  # decay of the target network

    needs_teacher = True

    def __post_init__(self):
        if self.points < 2 or self.rho <= 0 or self.lean <= 0:
            raise TypeError("points must be at least 2, rho and lean above 0.")
        if self.end_every < 2 or not 0 < self.lowest < SIGMA_MAX:
            raise TypeError(f"end_every must be at least 2, lowest above 0 and below {SIGMA_MAX:g}.")
        if not 0 <= self.mu < 1:
            raise TypeError("mu must be at least 0 and below 1: a target network with mu = 1 would never move.")
        metric_of(self.metric)

    def target_decay(self, share: float) -> float:
        return self.mu

    @property
    def level_gap(self) -> float:
        """Of a walk that ends at HIGHEST_END: one that ends lower has longer steps."""
        return grid_gap(self.points, lowest=HIGHEST_END, rho=self.rho)

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """d(f(x, t), target), x = x0 + t z. Whether a picture learns the end follows from its place in the batch."""
        # On the CPU: how many there are is known without waiting for the device.
        at_end = (torch.arange(step.draws.whole) % self.end_every == 0)[step.draws.first : step.draws.last]
        ends, others = (chosen.nonzero().flatten().to(batch.x0.device) for chosen in (at_end, ~at_end))
        end = _teacher(step).rules.carry_end
        t_B = self.levels(step, end)
        t_B[ends] = self.low_levels(step, end)[ends]
        x = batch.x0 + expand(t_B) * step.normal_like(batch.x0)
        online = step.student(x, t_B, batch.labels, step.dropout_mask)
        target = torch.empty_like(online)
        for chosen, answer in ((ends, self.last_estimate), (others, self.further_down)):
            if len(chosen):
                labels = None if batch.labels is None else batch.labels[chosen]
                target[chosen] = answer(step.only(chosen), x[chosen], t_B[chosen], labels)
        return LossTerms(metric_of(self.metric)(online, target), t_B)

    def levels(self, step: Step, end: float) -> Tensor:
        """[B] levels from `end` up."""
        low, high = end ** (1 / self.rho), SIGMA_MAX ** (1 / self.rho)
        return (low + (high - low) * step.draws.uniform().pow(self.lean)).pow(self.rho)

    def low_levels(self, step: Step, end: float) -> Tensor:
        """[B] levels from `lowest` to `end`, their logarithm uniform."""
        lowest = min(self.lowest, end)
        return (log(lowest) + log(end / lowest) * step.draws.uniform()).exp()

    def below(self, t_B: Tensor, end: float) -> Tensor:
        """[B] the levels one step of the grid below t, `end` at least."""
        low, high = end ** (1 / self.rho), SIGMA_MAX ** (1 / self.rho)
        return (t_B.pow(1 / self.rho) - (high - low) / (self.points - 1)).clamp(min=low).pow(self.rho)

    def last_estimate(self, step: Step, x: Tensor, t_B: Tensor, labels: Tensor | None) -> Tensor:
        """[E,C,H,W] what the teacher's walk ends with: the mean of several estimates of the same picture."""
        rules = _teacher(step).rules
        many = [torch.cat([shifted(x, by) for by in range(rules.shifts)]), t_B.repeat(rules.shifts)]
        labels = None if labels is None else labels.repeat(rules.shifts)
        estimates = no_grad_call(_guided(step), *many, labels).chunk(rules.shifts)
        return cut(unshifted_mean(estimates), rules)

    def further_down(self, step: Step, x: Tensor, t_B: Tensor, labels: Tensor | None) -> Tensor:
        """[M,C,H,W] the target network's answer one step of the teacher's walk further down."""
        rules = _teacher(step).rules
        estimate = cut(no_grad_call(_guided(step), x, t_B, labels), rules)
        s_B = self.below(t_B, rules.carry_end)
        return cut(no_grad_call(step.target, ddim(estimate, x, t_B, s_B), s_B, labels, step.dropout_mask), rules)


def _teacher(step: Step) -> ScaledModel:
    assert step.teacher is not None
    return step.teacher


def _guided(step: Step) -> Denoiser:
    teacher = _teacher(step)
    return partial(teacher, guidance=teacher.rules.guidance)
