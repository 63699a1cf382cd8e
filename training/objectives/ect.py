"""Easy consistency tuning (Geng et al. 2024): a diffusion model becomes a consistency model step by step.

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass
from math import exp

import torch
from torch import Tensor

from core.errors import ConfigError
from core.schedule import SIGMA_DATA, SIGMA_MAX, SIGMA_MIN
from training.metrics.pairwise import metric_of
from training.objectives.base import Batch, LossTerms, Objective, Step, expand, no_grad_call
from training.objectives.sigma_sampling import draw_sigmas

SMALLEST_T = 2 * SIGMA_MIN  # noise level; r is SIGMA_MIN at least, and nearer to it 1/(t - r) would have no bound
LARGEST_Q = 1e5  # no unit; with a larger q the levels t and r are neighbouring numbers of float32
WEIGHTS = {  # weights of the loss by the levels t and r, [B] each
    "gap": lambda t_B, r_B: 1 / (t_B - r_B),
    "snr": lambda t_B, r_B: 1 / t_B.square() + 1 / SIGMA_DATA**2,  # the denoiser's own (their code's "snrpk")
}


@dataclass(frozen=True)
class EasyConsistencyTuning(Objective):
    """The answers at t and at r = t (1 - n(t)/q) should be equal, for one picture and one noise; q grows by stages.

    With a small q the target is the clean picture, or nearly so: this is denoising. With a large q it is the model's
    own answer at a level a little lower: this is consistency.
    """

    mean: float = -1.1  # of ln t
    std: float = 2.0  # of ln t
    uniform_share: float = 0.0  # fraction of the pictures whose ln t is uniform over the whole range, 0 to 1
    stages: tuple[float, ...] = (8.0, 32.0, 128.0)  # q of each stage, ascending
    stage_ends: tuple[float, ...] = (0.25, 0.6, 1.0)  # progress of the run, 0 to 1, at which each stage ends
    n_height: float = 8.0  # n(t) = 1 + n_height sigmoid(-n_slope t)
    n_slope: float = 1.0  # per unit of t
    metric: str = "pseudo_huber"  # a name in training/metrics/pairwise.py; "norm" is the paper's with c = 0
    weight: str = "gap"  # one of WEIGHTS

    def __post_init__(self):
        if len(self.stages) != len(self.stage_ends) or not self.stages:
            raise ConfigError("stages and stage_ends must have the same length, at least one.")
        if not all(0 < q <= LARGEST_Q for q in self.stages):
            raise ConfigError(f"stages must be above 0 and at most {LARGEST_Q:g}.")
        if self.weight not in WEIGHTS:
            raise ConfigError(f'There is no weight "{self.weight}"; {", ".join(WEIGHTS)} are known.')
        metric_of(self.metric)

    @property
    def level_gap(self) -> float:
        """That at the median of t, in the stage with the largest q.

        Levels above the median lie nearer, but both weights give them little of the loss.
        """
        t = torch.tensor(exp(self.mean)).clamp(SMALLEST_T, SIGMA_MAX)
        return float(1 - self.lower(t, max(self.stages)) / t)

    def q(self, progress: float) -> float:
        """The q of the stage at this progress of the run, 0 to 1."""
        return next((q for q, end in zip(self.stages, self.stage_ends) if progress < end), self.stages[-1])

    def lower(self, t_B: Tensor, q: float) -> Tensor:
        """r(t) = t (1 - n(t)/q), [B] from [B]: SIGMA_MIN at least.

        It is 0 where the bracket is not positive: there the target is the clean picture.
        """
        bracket_B = 1 - (1 + self.n_height * torch.sigmoid(-self.n_slope * t_B)) / q
        return torch.where(bracket_B > 0, (t_B * bracket_B).clamp(min=SIGMA_MIN), 0.0)

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """w(t, r) d(f(x0 + t z, t), stopgrad f(x0 + r z, r)), with one z and one dropout mask for both."""
        t_B = draw_sigmas(step.draws, mean=self.mean, std=self.std, uniform_share=self.uniform_share)
        t_B = t_B.clamp(min=SMALLEST_T)
        r_B = self.lower(t_B, self.q(step.progress))
        z = step.normal_like(batch.x0)
        online = step.student(batch.x0 + expand(t_B) * z, t_B, batch.labels, step.dropout_mask)
        target = self._target(batch, step, r_B, z)
        return LossTerms(WEIGHTS[self.weight](t_B, r_B) * metric_of(self.metric)(online, target), t_B)

    def _target(self, batch: Batch, step: Step, r_B: Tensor, z: Tensor) -> Tensor:
        at_B = r_B.clamp(min=SIGMA_MIN)  # where r is 0 the answer is not used, but the model needs a level
        answer = no_grad_call(step.target, batch.x0 + expand(at_B) * z, at_B, batch.labels, step.dropout_mask)
        return torch.where(expand(r_B == 0), batch.x0, answer)
