"""Simplified continuous-time consistency models (Lu & Song 2024, Algorithm 1): training and distillation in TrigFlow.

x_t = cos(t) x0 + sin(t) sd z, t from 0 to below pi/2; f = cos(t) x_t - sin(t) sd F(x_t / sd, t).

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from core.models import ScaledModel, TrigFlowModel
from core.network_base import zeroed
from core.scalings import angle_of
from core.schedule import SIGMA_DATA
from training.objectives.base import Batch, LossTerms, Objective, Step, expand
from training.objectives.noise_levels import draw_sigmas
from training.objectives.tangent import value_and_tangent

TANGENTS = ("normalise", "clip")
NORM_FLOOR = 0.1  # c: tangents much longer than it get length 1
CLIP = 1.0


class AngleWeighting(nn.Module):
    """w_phi(t): the logarithm of the loss's weight at the angle t, [B] from [B]. 0 everywhere at first."""

    def __init__(self, width: int = 64):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, width), nn.SiLU(), zeroed(nn.Linear(width, 1)))

    def forward(self, t_B: Tensor) -> Tensor:
        return self.layers(torch.stack([t_B.cos(), t_B.sin()], dim=1)).squeeze(1)


@dataclass(frozen=True)
class SimplifiedConsistency(Objective):
    """Pull f to where it does not change along the flow, with a tangent of bounded length and a learnt weight."""

    distil: bool = False  # along a teacher's flow; false: training, from the pictures alone
    mean: float = -1.0  # of ln sigma = ln(sd tan t)
    std: float = 1.4
    uniform_share: float = 0.0  # part of the pictures with ln sigma uniform over the whole range
    warmup: float = 0.1  # share of the run over which the unstable part of the tangent comes in
    tangent: str = "normalise"  # how it is bounded: "normalise": g / (||g|| + 0.1); "clip": to [-1, 1]

    parameterisation = "trigflow"
    uses_jvp = True

    def __post_init__(self):
        if self.tangent not in TANGENTS:
            raise TypeError(f"tangent must be one of {', '.join(TANGENTS)}.")
        if not 0 <= self.warmup <= 1:
            raise TypeError("warmup is a share of the run, 0 to 1.")

    @property
    def needs_teacher(self) -> bool:
        return self.distil

    def weighting(self) -> nn.Module:
        return AngleWeighting()

    def ramp(self, share: float) -> float:
        """r at this share of the run."""
        return min(1.0, share / self.warmup) if self.warmup > 0 else 1.0

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """e^w / D ||F - stopgrad(F) - g||^2 - w.

        The gradient is that of -F . g: the prior weight 1 / (sd tan t) of the paper is inside g already.
        """
        sigma_B = draw_sigmas(step.draws, mean=self.mean, std=self.std, uniform_share=self.uniform_share)
        t_B = angle_of(sigma_B)
        x_t, flow = self._place(batch, step, sigma_B, t_B)
        with torch.no_grad():
            g = self._bounded(tangent(batch, step, x_t, t_B, flow, r=self.ramp(step.share)))
        online = _trigflow(step.student).velocity(x_t, t_B, batch.labels, step.dropout_mask) / SIGMA_DATA
        error_B = (online - online.detach() - g).square().mean(dim=(1, 2, 3))
        assert step.weighting is not None  # this objective's own
        w_B = step.weighting(t_B)
        return LossTerms(w_B.exp() * error_B - w_B, sigma_B)

    def _place(self, batch: Batch, step: Step, sigma_B: Tensor, t_B: Tensor) -> tuple[Tensor, Tensor]:
        """x_t and dx_t/dt = cos(t) sd z - sin(t) x0, with the teacher's estimates of z and x0 if there is one."""
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
        if self.tangent == "clip":
            return g.clamp(-CLIP, CLIP)
        # The norm of the whole picture, as in the paper; some public code divides it by sqrt(D) first.
        return g / (g.flatten(1).norm(dim=1) + NORM_FLOOR)[:, None, None, None]


def tangent(batch: Batch, step: Step, x_t: Tensor, t_B: Tensor, flow: Tensor, *, r: float) -> Tensor:
    """g [B,C,H,W]: cos(t) df/dt along the flow, but for r, which scales the part that is unstable early in training.

    g = -cos^2(t) (sd F - dx_t/dt) - r (cos(t) sin(t) x_t + J), J = cos(t) sin(t) sd dF/dt. The factor of J stands in
    the direction of the derivative, where it keeps numbers small near t = pi/2.
    """
    cos, sin = expand(t_B.cos()), expand(t_B.sin())
    target = _trigflow(step.target)

    def velocity(x_t: Tensor, t_B: Tensor) -> Tensor:
        return target.velocity(x_t, t_B, batch.labels, step.dropout_mask)

    sd_F, J = value_and_tangent(velocity, (x_t, t_B), (cos * sin * flow, t_B.cos() * t_B.sin()))
    return -cos.square() * (sd_F - flow) - r * (cos * sin * x_t + J)


def _trigflow(model: ScaledModel) -> TrigFlowModel:
    return cast("TrigFlowModel", model)  # by the objective's parameterisation
