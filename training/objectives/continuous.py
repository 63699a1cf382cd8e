"""Continuous-time consistency distillation and training: the discrete ones with infinitely many grid points.

Song et al. 2023, theorems 3, 5 and 6. The consistency function does not change along the flow dx/dt: its derivative on
that path, g = df/dt + (df/dx) dx/dt, is 0. The paper's finding (appendix B.3): continuous distillation stays behind the
discrete one, continuous training is better than it where both start from a denoiser; both are best with LPIPS, and
distillation with the stopped gradient.

Levels are t = tau(u), u ~ U[0, 1): the Karras grid with infinitely many points.

Shapes: B pictures, C channels, H rows, W columns.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.schedule import RHO, SIGMA_MAX, SIGMA_MIN
from training.metrics.pairwise import metric_of
from training.objectives.base import Batch, LossTerms, Objective, Step, expand
from training.objectives.one_step import slope
from training.objectives.tangent import metric_product, value_and_tangent

WEIGHTS = ("flat", "discrete")


def tau(u_B: Tensor, *, rho: float = RHO) -> Tensor:
    """The level at the part u of the way up from SIGMA_MIN to SIGMA_MAX, even in sigma^(1/rho), [B]."""
    low, high = SIGMA_MIN ** (1 / rho), SIGMA_MAX ** (1 / rho)
    return ((low + u_B * (high - low)) ** rho).clamp(SIGMA_MIN, SIGMA_MAX)


def grid_width(t_B: Tensor, *, rho: float = RHO) -> Tensor:
    """1 / (tau^-1)'(t), [B]: the limit of N - 1 times the distance between neighbours on the grid."""
    return rho * (SIGMA_MAX ** (1 / rho) - SIGMA_MIN ** (1 / rho)) * t_B ** (1 - 1 / rho)


@dataclass(frozen=True)
class ContinuousTime(Objective):
    """What distillation and training share; they differ in how x moves with t."""

    metric: str = "l2"  # a name in training/metrics/pairwise.py; the paper's best is "lpips"
    rho: float = RHO  # of tau
    weight: str = "flat"  # "flat": no factor before g, as released; "discrete": lambda = 1, as in the discrete loss

    uses_jvp = True

    def __post_init__(self):
        metric_of(self.metric)
        if self.metric == "l1":
            raise TypeError("The metric l1 has no second derivative, which continuous time needs.")
        if self.weight not in WEIGHTS or self.rho <= 0:
            raise TypeError(f"weight must be one of {', '.join(WEIGHTS)}, rho above 0.")

    def movement(self, batch: Batch, step: Step, x: Tensor, t_B: Tensor, z: Tensor) -> Tensor:
        """dx/dt [B,C,H,W] at x = x0 + t z."""
        raise NotImplementedError

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """The loss at x = x0 + t z, with the movement there."""
        t_B = tau(step.draws.uniform(), rho=self.rho)
        z = step.normal_like(batch.x0)
        x = batch.x0 + expand(t_B) * z
        with torch.no_grad():
            dx = self.movement(batch, step, x, t_B, z)
        return LossTerms(self.loss_at(batch, step, x, t_B, dx), t_B)

    def loss_at(self, batch: Batch, step: Step, x: Tensor, t_B: Tensor, dx: Tensor) -> Tensor:
        """lambda/(tau^-1)' f . stopgrad(H g), [B] (theorems 5 and 6).

        Its gradient is the limit of the discrete loss's times N - 1. Its value does not measure progress.
        """
        with torch.no_grad():
            target, g = _value_and_g(step.target, batch, step, x, t_B, dx)
            pull = metric_product(metric_of(self.metric), target, g)
        online = step.student(x, t_B, batch.labels, step.dropout_mask)
        return self._weight(t_B, 1) * (online * pull).sum(dim=(1, 2, 3))

    def _weight(self, t_B: Tensor, power: int) -> Tensor:
        """lambda / (tau^-1)'^power, [B]."""
        return torch.ones_like(t_B) if self.weight == "flat" else grid_width(t_B, rho=self.rho) ** power


@dataclass(frozen=True)
class ContinuousTraining(ContinuousTime):
    """From the pictures alone (theorem 6): z is what the flow's slope is the mean of."""

    def movement(self, batch: Batch, step: Step, x: Tensor, t_B: Tensor, z: Tensor) -> Tensor:
        return z


@dataclass(frozen=True)
class ContinuousDistillation(ContinuousTime):
    """Along the teacher's flow (theorem 5; without the stopped gradient theorem 3)."""

    stop_gradient: bool = True  # false: a true loss, 0 at the solution only; its gradient flows through g

    needs_teacher = True

    def movement(self, batch: Batch, step: Step, x: Tensor, t_B: Tensor, z: Tensor) -> Tensor:
        assert step.teacher is not None
        return slope(step.teacher, x, t_B, batch.labels)

    def loss_at(self, batch: Batch, step: Step, x: Tensor, t_B: Tensor, dx: Tensor) -> Tensor:
        """With the gradient not stopped, lambda/(tau^-1)'^2 g . H g / 2: the limit of the discrete loss times (N-1)^2.

        For the metric l2, the mean of squares, that is the mean of g^2.
        """
        if self.stop_gradient:
            return super().loss_at(batch, step, x, t_B, dx)
        answer, g = _value_and_g(step.student, batch, step, x, t_B, dx)
        pull = metric_product(metric_of(self.metric), answer, g)
        return self._weight(t_B, 2) * (g * pull).sum(dim=(1, 2, 3)) / 2


def _value_and_g(model: Callable, batch: Batch, step: Step, x: Tensor, t_B: Tensor, dx: Tensor):
    def f(x: Tensor, t_B: Tensor) -> Tensor:
        return model(x, t_B, batch.labels, step.dropout_mask)

    return value_and_tangent(f, (x, t_B), (dx, torch.ones_like(t_B)))
