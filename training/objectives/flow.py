"""Rectified flow (Liu et al. 2023): straight lines from noise to picture, straightened again, and walked in one step.

The paper mixes x_u = (1 - u) z + u x0 and learns the velocity v = x0 - z. Divided by u that is x0 + sigma z with
sigma = (1 - u) / u, the noisy picture of every other objective here, and a denoiser D has the velocity
v = D - (x - D) / sigma. So its error is (1 + 1/sigma) times D's, Euler's steps in u are DDIM's steps in sigma, and one
kind of network and file serves both.

Shapes: B pictures.
"""

from dataclasses import dataclass

from torch import Tensor

from core.schedule import SIGMA_MAX, SIGMA_MIN
from training.metrics.pairwise import metric_of
from training.objectives.base import Batch, LossTerms, Objective, Step, expand
from training.objectives.kd import check_walk, one_step_regression

MOST_LEVELS = 400  # more, even in u, would end below SIGMA_MIN
CARD_STEPS = 16  # step counts whose levels the card lists


@dataclass(frozen=True)
class RectifiedFlow(Objective):
    """Regress the clean picture with the weight that makes it a regression of the velocity, u uniform on [0, 1].

    pairs 0: 1-rectified flow, from data and independent noise. Above 0, reflow: noise and picture are both ends of the
    teacher's own path, so that a path of this flow is straighter than the teacher's; the teacher is the flow before,
    and the second gives 2-rectified flow, the third 3-rectified flow. distil: learn the step from noise alone instead.
    """

    pairs: int = 0  # the paper's authors advise at least a million for CIFAR-10
    distil: bool = False
    metric: str = "l2"  # of the distillation, a name in training/metrics/pairwise.py; the paper: "lpips"
    solver: str = "euler"  # of the teacher's walk, a name in core.solvers.SOLVERS
    levels: int = 100  # of that walk, even in u

    parameterisation = "edm"

    def __post_init__(self):
        metric_of(self.metric)
        check_walk(self.solver, self.levels, most=MOST_LEVELS)
        if self.pairs < 0 or (self.distil and not self.pairs):
            raise TypeError("pairs must not be negative, and distil needs them: it learns from pairs alone.")

    @property
    def needs_teacher(self) -> bool:
        return self.pairs > 0

    def pair_levels(self) -> list[float]:
        return flow_sigmas(self.levels)

    def schedules(self) -> dict:
        """Euler's steps in u from pure noise. One step is all that a distilled flow can do."""
        counts = [1] if self.distil else range(1, CARD_STEPS + 1)
        rows = {str(n): flow_sigmas(n) for n in counts}
        return {"generate": rows, "interpolate": rows}

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """|v - (x0 - z)|^2 = (1 + 1/sigma)^2 (D(x0 + sigma z, sigma) - x0)^2, mean over values, sigma = (1 - u) / u."""
        if self.distil:
            return one_step_regression(self.metric, batch, step)
        sigma_B = _sigma_at(step.draws.uniform())
        z = step.normal_like(batch.x0) if batch.noise is None else batch.noise
        error = step.student(batch.x0 + expand(sigma_B) * z, sigma_B, batch.labels, step.dropout_mask) - batch.x0
        return LossTerms((1 + 1 / sigma_B).square() * error.square().mean(dim=(1, 2, 3)), sigma_B)


def _sigma_at(u_B: Tensor) -> Tensor:
    """[B] levels of the times u, cut to [SIGMA_MIN, SIGMA_MAX]; u = 0, pure noise, is infinitely far."""
    return (1 / u_B - 1).clamp(SIGMA_MIN, SIGMA_MAX)


def flow_sigmas(n: int) -> list[float]:
    """n descending levels from SIGMA_MAX, even in u; a last step of the same length ends at u = 1, the picture."""
    first = 1 / (1 + SIGMA_MAX)
    times = [first + k * (1 - first) / n for k in range(1, n)]
    return [SIGMA_MAX, *(1 / u - 1 for u in times)]
