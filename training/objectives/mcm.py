"""Multistep consistency (Heek et al. 2024): a consistency model within each of a few segments of noise levels.

With one segment it is consistency training or distillation. With as many segments as the teacher has steps it is
denoising.

Shapes: B pictures, C channels, H rows, W columns, K step counts, S segments.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import atan, exp, log, pi, tan
from typing import NamedTuple

import torch
from torch import Tensor

from core.errors import ConfigError
from core.schedule import MAX_STEPS, SIGMA_MAX, SIGMA_MIN
from core.segments import equal_segments
from training.draws import Draws
from training.metrics.pairwise import metric_of
from training.objectives.addim import addim, analytic_variance, ddim, error_variance, inverse_ddim
from training.objectives.base import Batch, LossTerms, Objective, Step, expand, no_grad_call

VARIANCES = ("error", "analytic")  # names of what aDDIM takes for the posterior variance


class Levels(NamedTuple):
    """The noise levels at which the loss of each picture is measured, [B] each."""

    t: Tensor  # the higher level
    s: Tensor  # the level one teacher step below t
    end: Tensor  # the lower end of the segment
    k: Tensor  # index of the step count among `segments`


@dataclass(frozen=True)
class MultistepConsistency(Objective):
    """From t and from one teacher step below t the model should lead to the same point at the segment's end.

    Heek et al. 2024, Algorithm 1.
    """

    segments: tuple[int, ...] = (
        4,
    )  # step counts; with several the network gets one of them as an input (network.step_counts)
    borders: tuple[float, ...] = ()  # descending noise levels between segments of unequal length; () for equal ones
    distil: bool = True  # true: from a teacher; false: training from pictures alone
    teacher_steps: tuple[int, int] = (
        64,
        1280,
    )  # teacher steps over all segments, at the start of the run and after annealing
    anneal: float = 0.5  # progress of the run, 0 to 1, until which they grow geometrically
    variance: str = "error"  # the posterior variance in aDDIM: eta times the teacher's squared error, or "analytic"
    eta: float = 0.75  # factor of the teacher's squared error; 0 is DDIM
    metric: str = "norm"  # a name in training/metrics/pairwise.py

    parameterisation = "multistep"

    def __post_init__(self):
        if not self.segments or list(self.segments) != sorted(set(self.segments)):
            raise ConfigError("segments must be step counts that ascend, at least one.")
        if self.segments[0] < 1 or self.segments[-1] > MAX_STEPS:
            raise ConfigError(f"segments must be step counts from 1 to {MAX_STEPS}.")
        edges = [SIGMA_MAX, *self.borders, SIGMA_MIN]
        if any(low >= high for high, low in pairwise(edges)):
            raise ConfigError(f"borders must descend between {SIGMA_MAX} and {SIGMA_MIN}.")
        if self.borders and self.segments != (len(self.borders) + 1,):
            count = len(self.borders)
            raise ConfigError(f"{count} borders make {count + 1} segments: segments must say so.")
        if min(self.teacher_steps) < 1 or not 0 < self.anneal <= 1:
            raise ConfigError("teacher_steps must be at least 1, anneal above 0 and at most 1.")
        if self.variance not in VARIANCES or self.eta < 0:
            raise ConfigError(f"variance is one of {' and '.join(VARIANCES)}, and eta at least 0.")
        metric_of(self.metric)

    @property
    def needs_teacher(self) -> bool:
        """Whether it distils."""
        return self.distil

    @property
    def step_counts(self) -> tuple[int, ...]:
        """The step counts of which the network gets one as an input, () if there is one segment count only."""
        return self.segments if len(self.segments) > 1 else ()

    def schedules(self) -> dict:
        """The noise levels of each step count (core/segments.py)."""
        return {"generate": {str(count): self.segment_levels(count) for count in self.segments}}

    def segment_levels(self, count: int) -> list[float]:
        """The upper ends of that many segments as noise levels, descending from SIGMA_MAX."""
        return [SIGMA_MAX, *self.borders] if self.borders else equal_segments(count)

    def steps_at(self, progress: float) -> float:
        """N_T: the teacher's steps over all segments at this progress, 0 to 1 (Heek et al. 2024, section 3.4)."""
        low, high = self.teacher_steps
        return exp(log(low) + min(progress / self.anneal, 1.0) * (log(high) - log(low)))

    def steps_per_segment(self, count: int, progress: float) -> int:
        """M, the teacher's steps in each of `count` segments, so that segments end at levels of the teacher."""
        return max(round(self.steps_at(progress) / count), 1)

    @property
    def level_gap(self) -> float:
        """The smallest of all teacher steps of the run, in all segments."""
        return min(
            segment_gap(low, high, max(self.steps_per_segment(count, progress) for progress in (0.0, 1.0)))
            for count in self.segments
            for high, low in pairwise([*self.segment_levels(count), 0.0])
        )

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """w(t) d(f(x_t, t), x*), w = 1/t^2 + 1: DDIM from x_t with x* ends where f leads from x_s."""
        t_B, s_B, end_B, count_B = self.draw_levels(step.draws, step.progress)
        step_count = (count_B,) if self.step_counts else ()
        x_t = batch.x0 + expand(t_B) * step.normal_like(batch.x0)
        x_s = self._teacher_step(batch, step, x_t, t_B, s_B)
        target = inverse_ddim(self._at_segment_end(x_s, batch, step, s_B, end_B, step_count), x_t, t_B, end_B)
        online = step.student(x_t, t_B, batch.labels, step.dropout_mask, *step_count)
        return LossTerms((1 / t_B.square() + 1) * metric_of(self.metric)(online, target), t_B)

    def draw_levels(self, draws: Draws, progress: float) -> Levels:
        """For each picture a random step count, segment and teacher step in it, all equally likely."""
        count_B = draws.integers(len(self.segments))
        segment_B = _random_integers(draws, torch.tensor(self.segments, device=count_B.device)[count_B])
        steps = [self.steps_per_segment(count, progress) for count in self.segments]
        steps_B = torch.tensor(steps, device=count_B.device)[count_B]
        n_B = 1 + _random_integers(draws, steps_B)
        ends_KS = self._segment_ends().to(count_B.device)
        low_B, high_B = ends_KS[count_B, segment_B], ends_KS[count_B, segment_B + 1]
        t_B, s_B = (interpolate(low_B, high_B, u_B) for u_B in (n_B / steps_B, (n_B - 1) / steps_B))
        s_B = torch.where(n_B == 1, low_B, s_B.clamp(min=SIGMA_MIN))
        return Levels(t_B.clamp(min=SIGMA_MIN), s_B, low_B, count_B)

    def _segment_ends(self) -> Tensor:
        """[K, S+1] the ends of the segments of each step count, ascending from 0; unused entries are NaN."""
        rows = [torch.tensor([0.0, *reversed(self.segment_levels(count))]) for count in self.segments]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=float("nan"))

    def _teacher_step(self, batch: Batch, step: Step, x_t: Tensor, t_B: Tensor, s_B: Tensor) -> Tensor:
        """x_s [B,C,H,W]: one step from x_t towards the picture (training) or the teacher's estimate (distillation)."""
        if not self.distil:
            return ddim(batch.x0, x_t, t_B, s_B)
        assert step.teacher is not None
        x_hat = no_grad_call(step.teacher, x_t, t_B, batch.labels)
        error = self.variance == "error"
        x_var_B = self.eta * error_variance(batch.x0, x_hat) if error else analytic_variance(t_B)
        return addim(x_hat, x_t, t_B, s_B, x_var_B)

    def _at_segment_end(
        self, x_s: Tensor, batch: Batch, step: Step, s_B: Tensor, end_B: Tensor, step_count: tuple[Tensor, ...]
    ) -> Tensor:
        """[B,C,H,W] the point at the segment's end to which the model leads from x_s; x_s itself if s is that end."""
        at_B = s_B.clamp(min=SIGMA_MIN)  # where s is 0 the answer is not used, but the model needs a level
        x_ref = no_grad_call(step.target, x_s, at_B, batch.labels, step.dropout_mask, *step_count)
        return torch.where(expand(s_B == end_B), x_s, ddim(x_ref, x_s, at_B, end_B))


def interpolate(low_B: Tensor, high_B: Tensor, u_B: Tensor) -> Tensor:
    """[B] levels between low and high by linear interpolation in the time of the cosine schedule.

    The result is exactly low at u = 0 and exactly high at u = 1. The time of a level is its arc tangent, up to a factor
    (core/segments.py). All arguments are [B].
    """
    inside_B = torch.lerp(low_B.atan(), high_B.atan(), u_B).tan()
    return torch.where(u_B == 0, low_B, torch.where(u_B == 1, high_B, inside_B))


def segment_gap(low: float, high: float, steps: int) -> float:
    """The smallest 1 - s/t among `steps` steps from high to low that are equal in the cosine schedule's time.

    With a = arctan(t) and d the step in this angle, 1 - s/t = sin(d) / (sin(a) cos(a - d)). It is smallest at
    a = pi/4 + d/2, near t = 1.
    """
    d = (atan(high) - atan(low)) / steps
    a = min(max(pi / 4 + d / 2, atan(low) + d), atan(high))
    return 1 - tan(a - d) / tan(a)


def _random_integers(draws: Draws, high_B: Tensor) -> Tensor:
    """[B] whole numbers from 0 to high - 1, equally likely; each picture has its own high."""
    return (draws.uniform() * high_B).long().minimum(high_B - 1)
