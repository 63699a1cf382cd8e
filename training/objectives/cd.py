"""Consistency distillation (Song et al. 2023, Algorithm 2): one step instead of a teacher's whole trajectory.

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass

from core.errors import ConfigError
from core.schedule import RHO
from training.metrics.pairwise import metric_of
from training.objectives.base import Batch, LossTerms, Objective, Step, expand, no_grad_call
from training.objectives.grid import draw_pairs, grid_gap
from training.objectives.one_step import ONE_STEP


@dataclass(frozen=True)
class ConsistencyDistillation(Objective):
    """The student's answers at both ends of one teacher step should be equal; the ends are neighbours on the grid."""

    points: int = 18  # N, points of the grid: N - 1 steps; the paper: 18 for CIFAR-10, 40 for ImageNet-64 and LSUN
    solver: str = "heun"  # the rule of the teacher's step: "heun" or "euler"
    metric: str = "l2"  # a name in training/metrics/pairwise.py; the paper's best is "lpips"
    mu: float = 0.0  # decay of the target network per step; the paper: 0 for CIFAR-10, 0.95 for ImageNet-64 and LSUN
    rho: float = RHO  # exponent of the grid (Karras et al. 2022, equation 5)

    needs_teacher = True

    def __post_init__(self):
        if self.points < 2 or self.rho <= 0:
            raise ConfigError("points must be at least 2, rho above 0.")
        if not 0 <= self.mu < 1:
            raise ConfigError("mu must be at least 0 and below 1: a target network with mu = 1 would never move.")
        if self.solver not in ONE_STEP:
            raise ConfigError(f'There is no solver "{self.solver}"; {", ".join(ONE_STEP)} are known.')
        metric_of(self.metric)

    def target_decay(self, progress: float) -> float:
        """mu, the same during the whole run."""
        return self.mu

    @property
    def level_gap(self) -> float:
        """That of the uppermost step of the grid."""
        return grid_gap(self.points, rho=self.rho)

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """d(f(x, t_{n+1}), target(x_hat, t_n)), x_hat the teacher's step down from x = x0 + t_{n+1} z; lambda = 1."""
        high_B, low_B = draw_pairs(step.draws, self.points, rho=self.rho)
        x = batch.x0 + expand(high_B) * step.normal_like(batch.x0)
        assert step.teacher is not None
        x_hat = ONE_STEP[self.solver](step.teacher, x, high_B, low_B, batch.labels)
        online = step.student(x, high_B, batch.labels, step.dropout_mask)
        target = no_grad_call(step.target, x_hat, low_B, batch.labels, step.dropout_mask)
        return LossTerms(metric_of(self.metric)(online, target), high_B)
