"""What an objective is given in its tests: batches of known data, a step, models that record their calls."""

import torch
from torch import Tensor

from tests.oracles import Gaussian, Modes
from training.draws import Draws
from training.objectives.base import Batch, LossTerms, Objective, Step

DATA = Gaussian()


def batch_of(data: Gaussian | Modes = DATA, count: int = 2000, shape=(1, 4, 4), seed: int = 0) -> Batch:
    """Pictures of that data, without labels."""
    return Batch(data.pictures(count, shape, seed), None)


def draws_for(count: int, seed: int = 0) -> Draws:
    """Random numbers for a whole batch of `count` pictures."""
    return Draws(torch.Generator().manual_seed(seed), count)


def step_for(student, batch: Batch, *, progress: float = 1.0, seed: int = 0, **fields) -> Step:
    """A step on that batch. Other fields are left out; without a target network it is the student."""
    fields.setdefault("target", student)
    return Step(student=student, draws=draws_for(len(batch.x0), seed), progress=progress, **fields)


def terms_of(objective: Objective, student, batch: Batch, **step) -> LossTerms:
    """The objective's loss of that batch; `step` as in `step_for`."""
    return objective.loss(batch, step_for(student, batch, **step))


def loss_of(objective: Objective, student, batch: Batch, **step) -> Tensor:
    """Its mean over the batch, what the trainer differentiates."""
    return terms_of(objective, student, batch, **step).per_picture.mean()


class Watched:
    """A model that records its arguments, its answers, and whether gradients were enabled."""

    def __init__(self, function):
        self.function, self.calls, self.grads = function, [], []

    def __call__(self, x, sigma, labels=None, dropout_mask=None):
        answer = self.function(x, sigma)
        self.calls.append((x, sigma, labels, dropout_mask, answer))
        self.grads.append(torch.is_grad_enabled())
        return answer
