"""Multistep consistency (Heek et al. 2024): a consistency model within each of a few segments of noise levels.

One segment is consistency training or distillation; as many segments as the teacher has steps is denoising.

Shapes: B pictures, C channels, H rows, W columns, K step counts, S segments.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import atan, exp, log, pi, tan
from typing import NamedTuple

import torch
from torch import Tensor

from core.schedule import MAX_STEPS, SIGMA_MAX, SIGMA_MIN
from core.segments import equal_segments
from training.draws import Draws
from training.metrics.pairwise import metric_of
from training.objectives.addim import addim, analytic_variance, ddim, error_variance, inverse_ddim
from training.objectives.base import Batch, LossTerms, Objective, Step, expand, no_grad_call

VARIANCES = ("error", "analytic")


class Place(NamedTuple):
    """Where each picture is measured, all [B]."""

    t: Tensor  # its noise level
    s: Tensor  # one step of the teacher below
    end: Tensor  # the lower end of its segment
    k: Tensor  # which of the step counts it is measured for


@dataclass(frozen=True)
class MultistepConsistency(Objective):
    """Equal ends of the segment from t and from one step of the teacher below (Heek et al. 2024, Algorithm 1)."""

    segments: tuple[int, ...] = (4,)  # step counts; more than one: a network that is told which (network.step_counts)
    borders: tuple[float, ...] = ()  # descending levels between segments of unequal length; () for equal ones
    distil: bool = True  # from a teacher; false: training, from the pictures alone
    teacher_steps: tuple[int, int] = (64, 1280)  # over all segments, at the start of the run and once annealed
    anneal: float = 0.5  # share of the run over which they grow, geometrically
    variance: str = "error"  # what aDDIM takes for the posterior's: eta times the teacher's error, or "analytic"
    eta: float = 0.75  # 0 is DDIM
    metric: str = "norm"  # a name in training/metrics/pairwise.py

    parameterisation = "multistep"

    def __post_init__(self):
        if not self.segments or list(self.segments) != sorted(set(self.segments)):
            raise TypeError("segments must be step counts that ascend, at least one.")
        if self.segments[0] < 1 or self.segments[-1] > MAX_STEPS:
            raise TypeError(f"segments must be step counts from 1 to {MAX_STEPS}.")
        edges = [SIGMA_MAX, *self.borders, SIGMA_MIN]
        if any(low >= high for high, low in pairwise(edges)):
            raise TypeError(f"borders must descend between {SIGMA_MAX} and {SIGMA_MIN}.")
        if self.borders and self.segments != (len(self.borders) + 1,):
            raise TypeError(f"{len(self.borders)} borders make {len(self.borders) + 1} segments: segments must say so.")
        if min(self.teacher_steps) < 1 or not 0 < self.anneal <= 1:
            raise TypeError("teacher_steps must be at least 1, anneal above 0 and at most 1.")
        if self.variance not in VARIANCES or self.eta < 0:
            raise TypeError(f"variance is one of {' and '.join(VARIANCES)}, and eta at least 0.")
        metric_of(self.metric)

    @property
    def needs_teacher(self) -> bool:
        return self.distil

    @property
    def step_counts(self) -> tuple[int, ...]:
        """What the network has to be told one of (core.unet.UNetConfig.step_counts)."""
        return self.segments if len(self.segments) > 1 else ()

    def schedules(self) -> dict:
        """The walk of each step count (core/segments.py)."""
        return {"generate": {str(count): self.walk(count) for count in self.segments}}

    def walk(self, count: int) -> list[float]:
        """The upper borders of that many segments, descending from SIGMA_MAX."""
        return [SIGMA_MAX, *self.borders] if self.borders else equal_segments(count)

    def steps_at(self, share: float) -> float:
        """N_T: the teacher's steps over all segments (Heek et al. 2024, section 3.4)."""
        low, high = self.teacher_steps
        return exp(log(low) + min(share / self.anneal, 1.0) * (log(high) - log(low)))

    def steps_per_segment(self, count: int, share: float) -> int:
        """M, so that the segments' ends are levels of the teacher."""
        return max(round(self.steps_at(share) / count), 1)

    @property
    def level_gap(self) -> float:
        """Of the teacher's steps, in whichever segment it is smallest."""
        return min(
            segment_gap(low, high, max(self.steps_per_segment(count, share) for share in (0.0, 1.0)))
            for count in self.segments
            for high, low in pairwise([*self.walk(count), 0.0])
        )

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """w(t) d(f(x_t, t), x*), w = 1/t^2 + 1; DDIM from x_t with x* leads where f leads from x_s."""
        t_B, s_B, end_B, count_B = self.places(step.draws, step.share)
        told = (count_B,) if self.step_counts else ()
        x_t = batch.x0 + expand(t_B) * step.normal_like(batch.x0)
        x_s = self._teacher_step(batch, step, x_t, t_B, s_B)
        target = inverse_ddim(self._end_from(x_s, batch, step, s_B, end_B, told), x_t, t_B, end_B)
        online = step.student(x_t, t_B, batch.labels, step.dropout_mask, *told)
        return LossTerms((1 / t_B.square() + 1) * metric_of(self.metric)(online, target), t_B)

    def places(self, draws: Draws, share: float) -> Place:
        """A step count, a segment of it and one of the teacher's steps in that, each as likely as the others."""
        count_B = draws.integers(len(self.segments))
        segment_B = _whole(draws, torch.tensor(self.segments, device=count_B.device)[count_B])
        steps = [self.steps_per_segment(count, share) for count in self.segments]
        steps_B = torch.tensor(steps, device=count_B.device)[count_B]
        n_B = 1 + _whole(draws, steps_B)
        ends_KS = self._ends().to(count_B.device)
        low_B, high_B = ends_KS[count_B, segment_B], ends_KS[count_B, segment_B + 1]
        t_B, s_B = (between(low_B, high_B, part_B) for part_B in (n_B / steps_B, (n_B - 1) / steps_B))
        s_B = torch.where(n_B == 1, low_B, s_B.clamp(min=SIGMA_MIN))
        return Place(t_B.clamp(min=SIGMA_MIN), s_B, low_B, count_B)

    def _ends(self) -> Tensor:
        """[K, S+1] the ends of the segments of each step count, ascending from 0; what is too many is NaN."""
        rows = [torch.tensor([0.0, *reversed(self.walk(count))]) for count in self.segments]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=float("nan"))

    def _teacher_step(self, batch: Batch, step: Step, x_t: Tensor, t_B: Tensor, s_B: Tensor) -> Tensor:
        """x_s: towards the picture itself in training, towards the teacher's estimate in distillation."""
        if not self.distil:
            return ddim(batch.x0, x_t, t_B, s_B)
        assert step.teacher is not None
        x_hat = no_grad_call(step.teacher, x_t, t_B, batch.labels)
        error = self.variance == "error"
        x_var_B = self.eta * error_variance(batch.x0, x_hat) if error else analytic_variance(t_B)
        return addim(x_hat, x_t, t_B, s_B, x_var_B)

    def _end_from(self, x_s: Tensor, batch: Batch, step: Step, s_B: Tensor, end_B: Tensor, told: tuple) -> Tensor:
        """Where the model leads from x_s at s: the end of the segment. If s is the end, x_s is there already."""
        at_B = s_B.clamp(min=SIGMA_MIN)  # the model is not asked at level 0, nor its answer looked at
        x_ref = no_grad_call(step.target, x_s, at_B, batch.labels, step.dropout_mask, *told)
        return torch.where(expand(s_B == end_B), x_s, ddim(x_ref, x_s, at_B, end_B))


def between(low_B: Tensor, high_B: Tensor, part_B: Tensor) -> Tensor:
    """Levels that part of the cosine schedule's time above low, low itself at 0 and high itself at 1.

    The time of a level is its arc tangent (core/segments.py, up to a factor).
    """
    inside_B = torch.lerp(low_B.atan(), high_B.atan(), part_B).tan()
    return torch.where(part_B == 0, low_B, torch.where(part_B == 1, high_B, inside_B))


def segment_gap(low: float, high: float, steps: int) -> float:
    """The smallest 1 - s/t of so many equal steps of the cosine schedule's time from high down to low.

    A step d of the arc tangent a of t makes it sin(d) / (sin(a) cos(a - d)): smallest at a = pi/4 + d/2, around t = 1.
    """
    d = (atan(high) - atan(low)) / steps
    a = min(max(pi / 4 + d / 2, atan(low) + d), atan(high))
    return 1 - tan(a - d) / tan(a)


def _whole(draws: Draws, high_B: Tensor) -> Tensor:
    """[B] whole numbers 0 .. high - 1 of each picture's own high, each as likely."""
    return (draws.uniform() * high_B).long().minimum(high_B - 1)
