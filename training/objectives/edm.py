"""Denoising (Karras et al. 2022, equation 108 and table 1): the teacher."""

from dataclasses import dataclass

from core.schedule import SIGMA_DATA
from training.objectives.base import Batch, LossTerms, Objective, Step, expand
from training.objectives.noise_levels import draw_sigmas


@dataclass(frozen=True)
class Denoising(Objective):
    """Regress the clean picture, weighted so that the network's own error counts the same at every noise level."""

    mean: float = -1.2  # of ln sigma
    std: float = 1.2
    uniform_share: float = 0.0  # part of the pictures with ln sigma uniform over the whole range

    parameterisation = "edm"

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """lambda(sigma) (D(x0 + sigma z, sigma) - x0)^2, mean over values, lambda = (sigma^2 + sd^2) / (sigma sd)^2."""
        sigma_B = draw_sigmas(step.draws, mean=self.mean, std=self.std, uniform_share=self.uniform_share)
        x = batch.x0 + expand(sigma_B) * step.normal_like(batch.x0)
        weight_B = (sigma_B.square() + SIGMA_DATA**2) / (sigma_B * SIGMA_DATA).square()
        error = step.student(x, sigma_B, batch.labels, step.dropout_mask) - batch.x0
        return LossTerms(weight_B * error.square().mean(dim=(1, 2, 3)), sigma_B)
