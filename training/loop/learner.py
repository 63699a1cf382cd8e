"""Student, target network, teacher and critic of a run, and the loss as one module.

DDP wraps the loss, not the network: objectives that call the network twice, or differentiate it forward, then need
nothing of their own on many machines.

Shapes: B pictures of this part of the batch.
"""

import warnings
from typing import TypedDict

import torch
from torch import Tensor, nn

from core.card import ModelCard
from core.models import PARAMETERISATIONS, ScaledModel
from core.network_base import Network
from training.adversary.critic import Critic
from training.draws import Draws
from training.loop.sharding import load_weights, whole_copy
from training.objectives.base import Batch, Objective, Step


class Beside(TypedDict):
    """The networks of a run that its optimiser does not move with the student."""

    teacher: ScaledModel | None
    target: ScaledModel | None
    critic: Critic | None


class Learner(nn.Module):
    """The networks of one run. Its parameters are those of the student and the weighting."""

    def __init__(self, network: Network, card: ModelCard, objective: Objective, teacher: ScaledModel | None):
        super().__init__()
        self.objective = objective
        self.student = PARAMETERISATIONS[objective.parameterisation](network, card)
        self.weighting = objective.weighting()
        # None of these is a child: DDP and FSDP2 see the student alone; the trainer averages the critic's gradients.
        self._beside: Beside = {
            "teacher": teacher,
            "target": self._copy_of_student() if self._has_target() else None,
            "critic": objective.critic(network.config.classes),
        }
        self._compiles = False

    @property
    def network(self) -> Network:
        """The student without its scalings."""
        return self.student.network

    @property
    def teacher(self) -> ScaledModel | None:
        """The frozen denoiser, if the run has one."""
        return self._beside["teacher"]

    @property
    def target(self) -> ScaledModel | None:
        """The target network, if it has weights of its own."""
        return self._beside["target"]

    @property
    def critic(self) -> Critic | None:
        """What the student is trained against, if the objective has one."""
        return self._beside["critic"]

    def _has_target(self) -> bool:
        return self.objective.target_decay(0.0) > 0 or self.objective.target_decay(1.0) > 0

    def _copy_of_student(self) -> ScaledModel:
        return type(self.student)(whole_copy(self.network), self.student.card).requires_grad_(False)

    def forward(
        self, batch: Batch, draws: Draws, progress: float, dropout_mask: Tensor | None, augmented: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """The losses of student and critic over a part of the batch, two tensors [].

        Each is a sum over the part divided by the size of the whole batch, so that the parts add up to the mean.
        Without a critic the second is 0. progress: fraction of the run that is done, 0 to 1. dropout_mask: [B,
        channels] or None. augmented: [B, augment_labels] or None.
        """
        student, target = self.student, self.target or self.student
        if augmented is not None:
            student, target = student.augmented(augmented), target.augmented(augmented)
        lent = (self.teacher, self.weighting, self.critic, augmented)
        step = Step(student, draws, progress, dropout_mask, *lent, target=target)
        terms = self.objective.loss(batch, step)
        loss = terms.per_picture.sum() / draws.batch_size
        return loss, torch.zeros_like(loss) if terms.critic is None else terms.critic.sum() / draws.batch_size

    @torch.no_grad()
    def move_target(self, progress: float) -> None:
        """target <- mu target + (1 - mu) student, after every optimiser step."""
        if self.target is not None:
            mu = self.objective.target_decay(progress)
            own: list[Tensor] = list(self.target.parameters())
            new: list[Tensor] = list(self.student.parameters())
            torch._foreach_lerp_(own, new, 1 - mu)

    def compile_networks(self) -> None:
        """Compile the parts of every network of the run that take the time, those of later teachers included."""
        # torch advises TF32 for what is in float32 there: that is so on purpose (core.unet.Linear).
        warnings.filterwarnings("ignore", message="TensorFloat32 tensor cores", category=UserWarning)
        self._compiles = True
        for model in filter(None, (self.student, self.target, self.teacher)):
            _compile(model)

    def hand_over(self) -> None:
        """Make a copy of the student, as it is now, the teacher. Every process has to call it."""
        teacher = self._beside["teacher"] = self._copy_of_student().eval()
        if self._compiles:  # a copy is not compiled, whatever it is a copy of
            _compile(teacher)

    def state(self) -> dict:
        """Everything that changes during a run."""
        return {name: part.state_dict() for name, part in self._parts().items()}

    def load(self, state: dict) -> None:
        """Take a state that `state` gave. Raises KeyError or RuntimeError if it is of another run."""
        parts = self._parts()
        if state.keys() != parts.keys():
            raise KeyError(f"The state has {', '.join(state)} instead of {', '.join(parts)}.")
        for name, part in parts.items():
            load_weights(part, state[name])

    def _parts(self) -> dict[str, nn.Module]:
        target = self.target and self.target.network
        parts: dict[str, nn.Module | None] = {"student": self.network, "weighting": self.weighting}
        parts |= {"target": target, "critic": self.critic}
        if self.objective.hand_overs:
            assert self.teacher is not None  # the first one is of the configuration
            parts["teacher"] = self.teacher.network
        return {name: part for name, part in parts.items() if part is not None}


def _compile(model: ScaledModel) -> None:
    for part in model.network.compiled_modules():
        part.compile(dynamic=False)
