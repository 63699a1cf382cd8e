"""Rectified flow (Liu et al. 2023): straight paths from noise to picture; reflow; distillation to one step.

The paper mixes x_u = (1 - u) z + u x0 and learns the velocity v = x0 - z. x_u divided by u is x0 + sigma z with
sigma = (1 - u) / u, the noisy picture of every other objective here. A denoiser D has the velocity
v = D - (x - D) / sigma, so the error of v is (1 + 1/sigma) times the error of D. Euler's steps in u are DDIM's steps in
sigma. So a rectified flow is the same kind of network and model file as a denoiser.

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass

from torch import Tensor

from core.errors import ConfigError
from core.schedule import SIGMA_MAX, SIGMA_MIN
from training.metrics.pairwise import metric_of
from training.objectives.base import Batch, LossTerms, Objective, Step, expand
from training.objectives.kd import check_walk, one_step_regression

MOST_LEVELS = 400  # levels of a trajectory; more of them, even in u, would end below SIGMA_MIN
CARD_STEPS = 16  # the card lists the noise levels of 1 to so many steps


@dataclass(frozen=True)
class RectifiedFlow(Objective):
    """Regression of the clean picture, weighted so that it is a regression of the velocity; u is uniform on [0, 1].

    With pairs = 0 this is 1-rectified flow: data with independent noise. With pairs above 0 it is reflow: noise and
    picture are the two ends of a path of the teacher, so the paths of the student become straighter. With a
    1-rectified flow as the teacher the student is a 2-rectified flow, and so on. With distil the student learns only
    the one step from noise to picture.
    """

    pairs: int = 0  # of noise and picture; the authors advise at least a million for CIFAR-10
    distil: bool = False  # learn one step only, from pairs
    metric: str = "l2"  # the distance with distil, a name in training/metrics/pairwise.py; the paper: "lpips"
    solver: str = "euler"  # the teacher's sampler, a name in core.solvers.SOLVERS
    levels: int = 100  # noise levels of that sampler, evenly spaced in u

    parameterisation = "edm"

    def __post_init__(self):
        metric_of(self.metric)
        check_walk(self.solver, self.levels, most=MOST_LEVELS)
        if self.pairs < 0 or (self.distil and not self.pairs):
            raise ConfigError("pairs must not be negative, and distil needs them: it learns from pairs alone.")

    @property
    def needs_teacher(self) -> bool:
        """Whether it learns from pairs, which a teacher makes."""
        return self.pairs > 0

    def pair_levels(self) -> list[float]:
        """Noise levels, descending, evenly spaced in u."""
        return flow_sigmas(self.levels)

    def schedules(self) -> dict:
        """The levels of Euler's even steps in u, by step count. A distilled flow has the step count 1 only."""
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
    """[B] the levels (1 - u) / u at the times u, clamped to [SIGMA_MIN, SIGMA_MAX]: at u = 0 it would be infinite."""
    return (1 / u_B - 1).clamp(SIGMA_MIN, SIGMA_MAX)


def flow_sigmas(n: int) -> list[float]:
    """n levels, descending from SIGMA_MAX, evenly spaced in u. One more step of that length would end at u = 1."""
    first = 1 / (1 + SIGMA_MAX)
    times = [first + k * (1 - first) / n for k in range(1, n)]
    return [SIGMA_MAX, *(1 / u - 1 for u in times)]
