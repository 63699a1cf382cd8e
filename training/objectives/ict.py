"""Improved consistency training (Song & Dhariwal 2023): consistency training without a target network.

Shapes: B pictures, C channels, H rows, W columns, N points of the grid.
"""

from dataclasses import dataclass
from math import exp, floor, log2, sqrt

import torch
from torch import Tensor

from core.errors import ConfigError
from core.schedule import RHO
from training.draws import Draws
from training.metrics.pairwise import pseudo_huber
from training.objectives.base import Batch, LossTerms, Objective, Step, expand, no_grad_call
from training.objectives.grid import Pair, grid_gap, karras_grid, pairs_at


@dataclass(frozen=True)
class ImprovedConsistencyTraining(Objective):
    """The answers at two neighbours on a grid should be equal; the grid doubles from stage to stage.

    Most pairs lie at the noise levels at which pictures take form. The target is the student itself: without a teacher
    an average of earlier weights is wrong (section 3.2).
    """

    s0: int = 10  # intervals of the grid in the first stage
    s1: int = 1280  # intervals in the last stage; with s0 = 10 there are eight stages of equal length
    mean: float = -1.1  # of ln t; pairs are drawn by its normal distribution
    std: float = 2.0  # of ln t
    rho: float = RHO  # exponent of the grid (Karras et al. 2022, equation 5)

    def __post_init__(self):
        if not 1 <= self.s0 <= self.s1 or self.std <= 0 or self.rho <= 0:
            raise ConfigError("s0 must be at least 1 and at most s1, std and rho above 0.")

    def points(self, progress: float) -> int:
        """N(k) = min(s0 2^floor(k/K'), s1) + 1, the points of the grid at the progress k/K of the run.

        K' = K / (log2 floor(s1/s0) + 1) is the length of a stage (section 3.4).
        """
        stages = log2(self.s1 // self.s0) + 1
        return min(self.s0 * 2 ** floor(min(progress, 1.0) * stages), self.s1) + 1

    @property
    def level_gap(self) -> float:
        """That at the median of t, on the finest grid.

        Levels above the median lie nearer, but the weight 1 / (t_{i+1} - t_i) gives them little of the loss.
        """
        return grid_gap(self.points(1.0), exp(self.mean), rho=self.rho)

    def probabilities(self, grid_N: Tensor) -> Tensor:
        """[N-1] the probability of each pair of a descending grid [N] (section 3.5).

        It is the probability of ln t ~ N(mean, std^2) between the two levels, scaled to the sum 1.
        """
        below_N = torch.erf((grid_N.double().log() - self.mean) / (sqrt(2) * self.std))
        mass = below_N[:-1] - below_N[1:]
        return mass / mass.sum()

    def draw(self, draws: Draws, grid_N: Tensor) -> Pair:
        """A pair of levels for each picture, each [B], drawn by `probabilities`."""
        u_B = draws.uniform()
        cumulative = self.probabilities(grid_N).cumsum(0).float().to(u_B.device)
        return pairs_at(torch.searchsorted(cumulative, u_B, right=True).clamp(max=len(grid_N) - 2), grid_N)

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """pseudo_huber(f(x0 + t_{i+1} z, t_{i+1}), stopgrad f(x0 + t_i z, t_i)) / (t_{i+1} - t_i), same z and mask."""
        grid_N = karras_grid(self.points(step.progress), rho=self.rho)
        high_B, low_B = self.draw(step.draws, grid_N)
        z = step.normal_like(batch.x0)
        online = step.student(batch.x0 + expand(high_B) * z, high_B, batch.labels, step.dropout_mask)
        target = no_grad_call(step.target, batch.x0 + expand(low_B) * z, low_B, batch.labels, step.dropout_mask)
        return LossTerms(pseudo_huber(online, target) / (high_B - low_B), high_B)
