"""Continuous-time consistency distillation and training: the limit of the discrete objectives for many grid points.

Song et al. 2023, theorems 3, 5 and 6. The consistency function f is constant along the flow dx/dt, so its derivative
there, g = df/dt + (df/dx) dx/dt, is 0. The paper finds (appendix B.3) that continuous distillation is behind discrete
distillation, and that continuous training is ahead of discrete training if both start from a denoiser. LPIPS is best
for both, the stopped gradient for distillation.

Levels are t = tau(u) with u ~ U[0, 1): the Karras grid with infinitely many points.

Shapes: B pictures, C channels, H rows, W columns.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import ConfigError
from core.schedule import RHO, SIGMA_MAX, SIGMA_MIN
from training.metrics.pairwise import metric_of
from training.objectives.base import Batch, LossTerms, Objective, Step, expand
from training.objectives.one_step import slope
from training.objectives.tangent import metric_product, value_and_tangent

WEIGHTS = ("flat", "discrete")  # names of the weights of the loss


def tau(u_B: Tensor, *, rho: float = RHO) -> Tensor:
    """[B] the level at u, from SIGMA_MIN at u = 0 to SIGMA_MAX at u = 1, evenly spaced in sigma^(1/rho). u is [B]."""
    low, high = SIGMA_MIN ** (1 / rho), SIGMA_MAX ** (1 / rho)
    return ((low + u_B * (high - low)) ** rho).clamp(SIGMA_MIN, SIGMA_MAX)


def grid_width(t_B: Tensor, *, rho: float = RHO) -> Tensor:
    """[B] 1 / (tau^-1)'(t): the limit of N - 1 times the distance of neighbours on a grid of N points, at t [B]."""
    return rho * (SIGMA_MAX ** (1 / rho) - SIGMA_MIN ** (1 / rho)) * t_B ** (1 - 1 / rho)


@dataclass(frozen=True)
class ContinuousTime(Objective):
    """What continuous distillation and training have in common; they differ in dx/dt."""

    metric: str = "l2"  # a name in training/metrics/pairwise.py; the paper's best is "lpips"
    rho: float = RHO  # exponent of tau
    weight: str = (
        "flat"  # "flat": no factor before g, as in the released code; "discrete": lambda = 1, as in discrete time
    )

    uses_jvp = True

    def __post_init__(self):
        metric_of(self.metric)
        if self.metric == "l1":
            raise ConfigError("The metric l1 has no second derivative, which continuous time needs.")
        if self.weight not in WEIGHTS or self.rho <= 0:
            raise ConfigError(f"weight must be one of {', '.join(WEIGHTS)}, rho above 0.")

    def dx_dt(self, batch: Batch, step: Step, x: Tensor, t_B: Tensor, z: Tensor) -> Tensor:
        """dx/dt [B,C,H,W] at x = x0 + t z. x and the noise z are [B,C,H,W]."""
        raise NotImplementedError

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """The loss at x = x0 + t z, with dx/dt there."""
        t_B = tau(step.draws.uniform(), rho=self.rho)
        z = step.normal_like(batch.x0)
        x = batch.x0 + expand(t_B) * z
        with torch.no_grad():
            dx = self.dx_dt(batch, step, x, t_B, z)
        return LossTerms(self.loss_at(batch, step, x, t_B, dx), t_B)

    def loss_at(self, batch: Batch, step: Step, x: Tensor, t_B: Tensor, dx: Tensor) -> Tensor:
        """[B] lambda/(tau^-1)' f . stopgrad(H g) at x [B,C,H,W], with dx = dx/dt there (theorems 5 and 6).

        Its gradient is the limit of N - 1 times the gradient of the discrete loss. Its value does not measure progress.
        """
        with torch.no_grad():
            target, g = _value_and_g(step.target, batch, step, x, t_B, dx)
            hessian_g = metric_product(metric_of(self.metric), target, g)
        online = step.student(x, t_B, batch.labels, step.dropout_mask)
        return self._weight(t_B, 1) * (online * hessian_g).sum(dim=(1, 2, 3))

    def _weight(self, t_B: Tensor, power: int) -> Tensor:
        """[B] lambda / (tau^-1)'^power."""
        return torch.ones_like(t_B) if self.weight == "flat" else grid_width(t_B, rho=self.rho) ** power


@dataclass(frozen=True)
class ContinuousTraining(ContinuousTime):
    """Training from pictures alone (theorem 6): dx/dt of the flow is the mean of z over all pictures that fit x."""

    def dx_dt(self, batch: Batch, step: Step, x: Tensor, t_B: Tensor, z: Tensor) -> Tensor:
        """The noise z [B,C,H,W] itself."""
        return z


@dataclass(frozen=True)
class ContinuousDistillation(ContinuousTime):
    """Distillation of the teacher's flow (theorem 5; without the stopped gradient theorem 3)."""

    stop_gradient: bool = True  # false: gradients flow through g, and the value is a true loss, 0 only at the solution

    needs_teacher = True

    def dx_dt(self, batch: Batch, step: Step, x: Tensor, t_B: Tensor, z: Tensor) -> Tensor:
        """The slope [B,C,H,W] of the teacher's flow at x [B,C,H,W]."""
        assert step.teacher is not None
        return slope(step.teacher, x, t_B, batch.labels)

    def loss_at(self, batch: Batch, step: Step, x: Tensor, t_B: Tensor, dx: Tensor) -> Tensor:
        """[B] as in training, or lambda/(tau^-1)'^2 g . H g / 2 if the gradient is not stopped (theorem 3).

        The latter is the limit of (N - 1)^2 times the discrete loss. For the metric l2, the mean of squares, it is the
        mean of g^2.
        """
        if self.stop_gradient:
            return super().loss_at(batch, step, x, t_B, dx)
        answer, g = _value_and_g(step.student, batch, step, x, t_B, dx)
        hessian_g = metric_product(metric_of(self.metric), answer, g)
        return self._weight(t_B, 2) * (g * hessian_g).sum(dim=(1, 2, 3)) / 2


def _value_and_g(
    model: Callable[..., Tensor], batch: Batch, step: Step, x: Tensor, t_B: Tensor, dx: Tensor
) -> tuple[Tensor, Tensor]:
    """f(x, t) and g = df/dt + (df/dx) dx/dt, [B,C,H,W] each."""

    def f(x: Tensor, t_B: Tensor) -> Tensor:
        return model(x, t_B, batch.labels, step.dropout_mask)

    return value_and_tangent(f, (x, t_B), (dx, torch.ones_like(t_B)))
