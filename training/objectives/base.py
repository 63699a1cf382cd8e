"""The objective's interface: what the trainer gives it, what it returns, and what the trainer reads from it.

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
    """A part of a batch: x0 [B,C,H,W] are clean pictures in [-1, 1].

    labels [B] are their class numbers, None for a model without classes. noise [B,C,H,W] is standard normal: the noise
    that a teacher turned into these pictures. It is None if the pictures are data.
    """

    x0: Tensor
    labels: Tensor | None
    noise: Tensor | None = None


@dataclass(frozen=True)
class Step:
    """What an objective uses in one training step.

    student(x, sigma_B, labels, dropout_mask) is the model under training, a core.models.ScaledModel.
    target is the same model with the weights of the target network, or the student itself if the run has no target
    network. teacher(x, sigma_B, labels) is a frozen denoiser, None if the run has none. Target and teacher are called
    under no_grad. dropout_mask is that of this step: every call that must drop the same channels gets it.
    progress is the fraction of the run that is done, 0 to 1. weighting is the module that `Objective.weighting`
    returned. critic is the one that `Objective.critic` returned, None without one. augment_labels [B,9] are the inputs
    by which student and target know how each picture was augmented (training/data/augment_nonleaky.py), None without
    such inputs.
    """

    student: ScaledModel
    draws: Draws
    progress: float
    dropout_mask: Tensor | None = None
    teacher: ScaledModel | None = None
    weighting: nn.Module | None = None
    critic: Critic | None = None
    augment_labels: Tensor | None = None
    target: ScaledModel = field(kw_only=True)

    def subset(self, indices: Tensor) -> "Step":
        """This step for some pictures of the batch, given by their indices [M].

        An objective that asks the target about these pictures only needs it: mask and augmentation labels of the
        result are those of the M pictures.
        """
        mask = None if self.dropout_mask is None else self.dropout_mask[indices]
        if self.augment_labels is None:
            return replace(self, dropout_mask=mask)
        labels = self.augment_labels[indices]
        return replace(self, dropout_mask=mask, augment_labels=labels, target=self.target.augmented(labels))

    def normal_like(self, x: Tensor) -> Tensor:
        """Standard normal noise [B,C,H,W] of the shape of x."""
        return self.draws.normal(*x.shape[1:])


@dataclass(frozen=True)
class LossTerms:
    """The losses of a batch, one number for each picture.

    per_picture [B] is the student's loss; the trainer takes its mean. sigma [B] are the noise levels at which it was
    measured. critic [B] is the critic's own loss, None without a critic. The critic's loss gives the student no
    gradient, and the student's loss gives the critic none.
    """

    per_picture: Tensor
    sigma: Tensor
    critic: Tensor | None = None


class Objective:
    """The loss of a run and everything that the trainer must know of it.

    Each child is a frozen dataclass. Its fields are the settings under [objective] in a configuration. Its constructor
    raises ConfigError for impossible settings.
    """

    parameterisation = "consistency"  # how the network is wrapped: a name in core.models.PARAMETERISATIONS
    has_critic = False  # whether `critic` returns one
    uses_jvp = False  # whether the loss needs forward-mode differentiation, which torch.compile cannot do
    metric = ""  # the name of its distance (training/metrics/pairwise.py); empty for a distance that is fixed
    pairs = 0  # number of (noise, picture) pairs that the teacher makes and that replace the data; 0: learn from data
    solver = "heun"  # the sampler that makes the pairs: a name in core.solvers.SOLVERS

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """The loss of each picture [B]."""
        raise NotImplementedError

    @property
    def needs_teacher(self) -> bool:
        """Whether the configuration must name a teacher."""
        return False

    @property
    def step_counts(self) -> tuple[int, ...]:
        """The step counts of which the network gets one as an input (core.unet.UNetConfig.step_counts); () for none."""
        return ()

    def target_decay(self, progress: float) -> float:
        """The decay mu at this progress of the run, 0 to 1: target <- mu target + (1 - mu) student after each step.

        With mu = 0 throughout there is no target network: the target is the student.
        """
        return 0.0

    @property
    def level_gap(self) -> float:
        """1 - s/t for the nearest two noise levels t > s whose answers the loss compares: above 0, at most 1.

        It is the smallest value of the run among pairs of levels that carry much of the gradient. It is 1 for a loss
        that compares no levels. The trainer chooses the precision by it (core.runtime.NEAREST): the nearer the levels,
        the smaller the difference of the answers that the precision must resolve.
        """
        return 1.0

    @property
    def hand_overs(self) -> tuple[float, ...]:
        """The values of progress, ascending, at which the student becomes the teacher and the optimiser starts anew."""
        return ()

    def weighting(self) -> nn.Module | None:
        """A module that is trained with the network and is not part of the model file, or None."""
        return None

    def critic(self, classes: int) -> Critic | None:
        """A new critic for a model of that many classes, or None. It has its own loss and optimiser.

        It is not part of the model file. Raises OnestrokeError if its frozen network is not installed.
        """
        return None

    def sampling(self) -> SamplingRules:
        """The rules by which a model of this objective is sampled.

        A consistency function gets fresh noise between two steps. A denoiser must keep the noise that is there.
        """
        return SamplingRules(move=PARAMETERISATIONS[self.parameterisation].usual_move)

    def schedules(self) -> dict:
        """The noise levels that this objective writes into the model card (core/card.py), by edit and step count."""
        return {}

    def pair_levels(self) -> list[float]:
        """The noise levels, descending, of the deterministic sampler that makes the pairs."""
        raise NotImplementedError


def expand(values_B: Tensor) -> Tensor:
    """[B] as [B,1,1,1], to be multiplied with pictures."""
    return values_B[:, None, None, None]


def no_grad_call(model: Callable[..., Tensor], *arguments) -> Tensor:
    """The model's answer [B,C,H,W] as a constant: no gradient flows through it."""
    with torch.no_grad():
        return model(*arguments)
