"""Consistency training (Song et al. 2023, Algorithm 3): a consistency model from data alone, without a teacher.

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass
from math import ceil, exp, log, sqrt

from core.errors import ConfigError
from core.schedule import RHO
from training.metrics.pairwise import metric_of
from training.objectives.base import Batch, LossTerms, Objective, Step, expand, no_grad_call
from training.objectives.grid import draw_pairs, grid_gap


@dataclass(frozen=True)
class ConsistencyTraining(Objective):
    """The answers at two neighbours on the grid should be equal, for one picture and one noise.

    During the run the grid gets more points and the target network follows more slowly. (x - x0) / t replaces the
    teacher's slope: its mean is that slope (theorem 2), so no teacher is needed.
    """

    s0: int = 2  # points of the grid at the start of the run
    s1: int = 150  # the grid has s1 + 1 points at the end; the paper: 150 for CIFAR-10 and LSUN, 200 for ImageNet-64
    mu0: float = (
        0.9  # decay of the target network per step, at the start; the paper: 0.9 for CIFAR-10, 0.95 for the others
    )
    mu_form: str = "paper"  # "released": as in OpenAI's code, which divides by N(k) - 1
    metric: str = "l2"  # a name in training/metrics/pairwise.py; the paper uses "lpips"
    rho: float = RHO  # exponent of the grid (Karras et al. 2022, equation 5)

    def __post_init__(self):
        if not 2 <= self.s0 <= self.s1 or not 0 < self.mu0 < 1 or self.rho <= 0:
            raise ConfigError("s0 must be at least 2 and at most s1, mu0 between 0 and 1, rho above 0.")
        if self.mu_form not in ("paper", "released"):
            raise ConfigError(f'mu_form is "{self.mu_form}"; "paper" and "released" are known.')
        metric_of(self.metric)

    def points(self, progress: float) -> int:
        """N(k), the points of the grid, at the progress k/K (appendix C): s0 at 0, s1 + 1 from 1 on."""
        start, end = self.s0**2, (self.s1 + 1) ** 2
        return ceil(sqrt(min(progress, 1.0) * (end - start) + start) - 1) + 1

    def target_decay(self, progress: float) -> float:
        """mu(k) = exp(s0 ln mu0 / N(k)) (appendix C), mu0 at the start.

        The released code has N(k) - 1 instead: mu0^2 at the start for s0 = 2.
        """
        return exp(self.s0 * log(self.mu0) / (self.points(progress) - (self.mu_form == "released")))

    @property
    def level_gap(self) -> float:
        """That of the uppermost step of the finest grid."""
        return grid_gap(self.points(1.0), rho=self.rho)

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """d(f(x0 + t_{n+1} z, t_{n+1}), target(x0 + t_n z, t_n)), with the same z; lambda = 1."""
        high_B, low_B = draw_pairs(step.draws, self.points(step.progress), rho=self.rho)
        z = step.normal_like(batch.x0)
        online = step.student(batch.x0 + expand(high_B) * z, high_B, batch.labels, step.dropout_mask)
        target = no_grad_call(step.target, batch.x0 + expand(low_B) * z, low_B, batch.labels, step.dropout_mask)
        return LossTerms(metric_of(self.metric)(online, target), high_B)
