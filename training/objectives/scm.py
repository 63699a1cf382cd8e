"""Simplified continuous-time consistency models (Lu & Song 2024, Algorithm 1): training and distillation in TrigFlow.

x_t = cos(t) x0 + sin(t) sd z, t from 0 to below pi/2; f = cos(t) x_t - sin(t) sd F(x_t / sd, t).

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from core.errors import ConfigError
from core.models import ScaledModel, TrigFlowModel
from core.network_base import zeroed
from core.scalings import angle_of
from core.schedule import SIGMA_DATA
from training.objectives.base import Batch, LossTerms, Objective, Step, expand
from training.objectives.sigma_sampling import draw_sigmas
from training.objectives.tangent import value_and_tangent

TANGENTS = ("normalise", "clip")  # names of the ways to bound the tangent
NORM_FLOOR = 0.1  # c, a length; tangents much longer than it get the length 1
CLIP = 1.0  # largest absolute value of a clipped tangent


class AngleWeighting(nn.Module):
    """w_phi(t): the logarithm of the loss's weight at the angle t in radians. It is 0 everywhere before training."""

    def __init__(self, width: int = 64):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, width), nn.SiLU(), zeroed(nn.Linear(width, 1)))

    def forward(self, t_B: Tensor) -> Tensor:
        """w_phi [B] at the angles t [B]."""
        return self.layers(torch.stack([t_B.cos(), t_B.sin()], dim=1)).squeeze(1)


@dataclass(frozen=True)
class SimplifiedConsistency(Objective):
    """f should not change along the flow: a loss with a tangent of bounded length and a learnt weight."""

    distil: bool = False  # true: along a teacher's flow; false: training from pictures alone
    mean: float = -1.0  # of ln sigma = ln(sd tan t)
    std: float = 1.4  # of ln sigma
    uniform_share: float = 0.0  # fraction of the pictures whose ln sigma is uniform over the whole range, 0 to 1
    warmup: float = (
        0.1  # progress of the run, 0 to 1, until which the unstable part of the tangent grows to its full size
    )
    tangent: str = "normalise"  # "normalise": g / (||g|| + 0.1); "clip": g clamped to [-1, 1]

    parameterisation = "trigflow"
    uses_jvp = True

    def __post_init__(self):
        if self.tangent not in TANGENTS:
            raise ConfigError(f"tangent must be one of {', '.join(TANGENTS)}.")
        if not 0 <= self.warmup <= 1:
            raise ConfigError("warmup is a share of the run, 0 to 1.")

    @property
    def needs_teacher(self) -> bool:
        """Whether it distils."""
        return self.distil

    def weighting(self) -> nn.Module:
        """The learnt weight of the loss."""
        return AngleWeighting()

    def warmup_factor(self, progress: float) -> float:
        """r, 0 to 1, at this progress of the run: the factor of the tangent's unstable part."""
        return min(1.0, progress / self.warmup) if self.warmup > 0 else 1.0

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """e^w / D ||F - stopgrad(F) - g||^2 - w, with D numbers in a picture (Lu & Song 2024, Algorithm 1).

        Its gradient in F is that of -F . g. The paper's prior weight 1 / (sd tan t) is part of g.
        """
        sigma_B = draw_sigmas(step.draws, mean=self.mean, std=self.std, uniform_share=self.uniform_share)
        t_B = angle_of(sigma_B)
        x_t, flow = self._noisy_and_flow(batch, step, sigma_B, t_B)
        with torch.no_grad():
            g = self._bounded(tangent(batch, step, x_t, t_B, flow, r=self.warmup_factor(step.progress)))
        online = _trigflow(step.student).velocity(x_t, t_B, batch.labels, step.dropout_mask) / SIGMA_DATA
        error_B = (online - online.detach() - g).square().mean(dim=(1, 2, 3))
        assert step.weighting is not None  # this objective's own
        w_B = step.weighting(t_B)
        return LossTerms(w_B.exp() * error_B - w_B, sigma_B)

    def _noisy_and_flow(self, batch: Batch, step: Step, sigma_B: Tensor, t_B: Tensor) -> tuple[Tensor, Tensor]:
        """x_t and dx_t/dt = cos(t) sd z - sin(t) x0, [B,C,H,W] each; in distillation z and x0 are the teacher's."""
        cos, sin = expand(t_B.cos()), expand(t_B.sin())
        x0, z = batch.x0, step.normal_like(batch.x0)
        x = x0 + expand(sigma_B) * z
        if self.distil:
            assert step.teacher is not None
            with torch.no_grad():
                x0 = step.teacher(x, sigma_B, batch.labels)
            z = (x - x0) / expand(sigma_B)
        return cos * x, cos * SIGMA_DATA * z - sin * x0

    def _bounded(self, g: Tensor) -> Tensor:
        """g [B,C,H,W], normalised or clipped."""
        if self.tangent == "clip":
            return g.clamp(-CLIP, CLIP)
        # The norm of the whole picture, as in the paper; some public code divides it by sqrt(D) first.
        return g / (g.flatten(1).norm(dim=1) + NORM_FLOOR)[:, None, None, None]


def tangent(batch: Batch, step: Step, x_t: Tensor, t_B: Tensor, flow: Tensor, *, r: float) -> Tensor:
    """g [B,C,H,W]: cos(t) df/dt along the flow if r = 1 (Lu & Song 2024, Algorithm 1).

    g = -cos^2(t) (sd F - dx_t/dt) - r (cos(t) sin(t) x_t + J), J = cos(t) sin(t) sd dF/dt. r, 0 to 1, scales the part
    that is unstable early in training. x_t and flow, which is dx_t/dt, are [B,C,H,W]; t_B [B] are angles in radians.
    The factor cos(t) sin(t) of J multiplies the direction of the derivative: this keeps numbers small near t = pi/2.
    """
    cos, sin = expand(t_B.cos()), expand(t_B.sin())
    target = _trigflow(step.target)

    def velocity(x_t: Tensor, t_B: Tensor) -> Tensor:
        return target.velocity(x_t, t_B, batch.labels, step.dropout_mask)

    sd_F, J = value_and_tangent(velocity, (x_t, t_B), (cos * sin * flow, t_B.cos() * t_B.sin()))
    return -cos.square() * (sd_F - flow) - r * (cos * sin * x_t + J)


def _trigflow(model: ScaledModel) -> TrigFlowModel:
    return cast("TrigFlowModel", model)  # by the objective's parameterisation
