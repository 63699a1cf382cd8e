"""Denoising (Karras et al. 2022, equation 108 and table 1): how teachers are trained.

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass

from core.schedule import SIGMA_DATA
from training.objectives.base import Batch, LossTerms, Objective, Step, expand
from training.objectives.sigma_sampling import draw_sigmas


@dataclass(frozen=True)
class Denoising(Objective):
    """Regression of the clean picture, weighted so that an error of the raw network costs the same at every level."""

    mean: float = -1.2  # of ln sigma
    std: float = 1.2  # of ln sigma
    uniform_share: float = 0.0  # fraction of the pictures whose ln sigma is uniform over the whole range, 0 to 1

    parameterisation = "edm"

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """lambda(sigma) (D(x0 + sigma z, sigma) - x0)^2, mean over values, lambda = (sigma^2 + sd^2) / (sigma sd)^2."""
        sigma_B = draw_sigmas(step.draws, mean=self.mean, std=self.std, uniform_share=self.uniform_share)
        x = batch.x0 + expand(sigma_B) * step.normal_like(batch.x0)
        weight_B = (sigma_B.square() + SIGMA_DATA**2) / (sigma_B * SIGMA_DATA).square()
        error = step.student(x, sigma_B, batch.labels, step.dropout_mask) - batch.x0
        return LossTerms(weight_B * error.square().mean(dim=(1, 2, 3)), sigma_B)
