"""What an objective is given, what it returns, and what the trainer asks of it.

Shapes: B pictures, C channels, H rows, W columns.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from core.models import PARAMETERISATIONS, ScaledModel
from core.sampling_rules import SamplingRules
from training.adversary.critic import Critic
from training.draws import Draws


@dataclass(frozen=True)
class Batch:
    """Clean pictures [B,C,H,W] in [-1, 1] and their class labels [B] (None without classes).

    noise [B,C,H,W], standard normal, is the noise that a teacher turned into these pictures (None for data).
    """

    x0: Tensor
    labels: Tensor | None
    noise: Tensor | None = None


@dataclass(frozen=True)
class Step:
    """What the trainer lends an objective for one step.

    student(x, sigma_B, labels, dropout_mask) is the model under training, a core.models.ScaledModel.
    target is the same with the target network's weights: to be called under no_grad. Without a target network of its
    own it is the student. teacher(x, sigma_B, labels) is a frozen denoiser, None if the run has none: no_grad as well.
    dropout_mask is that of this step, to be given to every call that must share it. share is the part of the run that
    is done, 0 .. 1. weighting is the module that the objective asked for (`Objective.weighting`), critic the one
    that it trains against (`Objective.critic`), None without one. augmented [B,9] is what student and target are told
    of the variation of each picture (training/data/augment_nonleaky.py), None if nothing.
    """

    student: ScaledModel
    draws: Draws
    share: float
    dropout_mask: Tensor | None = None
    teacher: ScaledModel | None = None
    weighting: nn.Module | None = None
    critic: Critic | None = None
    augmented: Tensor | None = None
    target: ScaledModel = field(kw_only=True)

    def only(self, chosen: Tensor) -> "Step":
        """The step of some pictures of the batch alone, by their numbers [M]: for what a loss asks of the target."""
        mask = None if self.dropout_mask is None else self.dropout_mask[chosen]
        if self.augmented is None:
            return replace(self, dropout_mask=mask)
        told = self.augmented[chosen]
        return replace(self, dropout_mask=mask, augmented=told, target=self.target.augmented(told))

    def normal_like(self, x: Tensor) -> Tensor:
        """Standard normal noise of x's shape."""
        return self.draws.normal(*x.shape[1:])


@dataclass(frozen=True)
class LossTerms:
    """per_picture [B]: the trainer takes its mean. sigma [B]: where it was measured, for the log.

    critic [B], of objectives with a critic: the critic's own loss. It has no gradient in the student, and per_picture
    none in the critic.
    """

    per_picture: Tensor
    sigma: Tensor
    critic: Tensor | None = None


class Objective:
    """What every objective has besides its loss. The children are frozen dataclasses of their settings."""

    parameterisation = "consistency"  # how the network is wrapped, by its name in core.models.PARAMETERISATIONS
    has_critic = False
    uses_jvp = False  # forward-mode differentiation: torch.compile and fused attention do not take part in it
    metric = ""  # the distance it uses by name, if it leaves a choice (training/metrics/pairwise.py)
    pairs = 0  # how many (noise, picture) pairs of the teacher to learn from instead of data; 0 for data
    solver = "heun"  # of the sampler that makes the pairs (core/solvers.py)

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """The loss of each picture."""
        raise NotImplementedError

    @property
    def needs_teacher(self) -> bool:
        return False

    @property
    def step_counts(self) -> tuple[int, ...]:
        """What the network has to be told one of (core.unet.UNetConfig.step_counts)."""
        return ()

    def target_decay(self, share: float) -> float:
        """mu at this share of the run: target <- mu target + (1 - mu) student after every step. 0: the student."""
        return 0.0

    @property
    def level_gap(self) -> float:
        """1 - s/t of the nearest noise levels t > s at which the loss compares answers that say much in its gradient.

        The smallest of the whole run, above 0; 1 for a loss that compares no levels. The nearer they lie, the finer the
        precision that tells the answers apart (core.runtime.NEAREST).
        """
        return 1.0

    @property
    def hand_overs(self) -> tuple[float, ...]:
        """Shares of the run at which the student becomes the teacher and the optimiser starts anew, ascending."""
        return ()

    def weighting(self) -> nn.Module | None:
        """A module that is trained beside the network and thrown away after it."""
        return None

    def critic(self, classes: int) -> Critic | None:
        """A new critic that is trained against the student, by its own loss and optimiser, and thrown away after it."""
        return None

    def sampling(self) -> SamplingRules:
        """How a model of this objective is walked down the noise levels.

        A consistency function gets fresh noise between steps; a denoiser must keep the noise it has.
        """
        return SamplingRules(move=PARAMETERISATIONS[self.parameterisation].usual_move)

    def schedules(self) -> dict:
        """Noise levels for the model card that follow from the objective (core/card.py)."""
        return {}

    def pair_levels(self) -> list[float]:
        """Noise levels of the deterministic sampler that makes the pairs."""
        raise NotImplementedError


def expand(values_B: Tensor) -> Tensor:
    """[B] as [B,1,1,1]."""
    return values_B[:, None, None, None]


def no_grad_call(model: Callable[..., Tensor], *arguments) -> Tensor:
    """The model's answer as a constant."""
    with torch.no_grad():
        return model(*arguments)
