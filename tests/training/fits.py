"""A short training of a model that has only a few numbers."""

from collections.abc import Callable

import torch

from tests.training.objectives.steps import step_for
from training.objectives.base import Batch, Objective


def fit(
    objective: Objective,
    family: Callable[..., Callable],
    start: tuple[float, ...],
    batches: Callable[[int], Batch],
    *,
    steps: int = 200,
    rate: float = 0.05,
) -> list[float]:
    """The numbers after that many steps of Adam, with a rate that falls to 0.

    family(*numbers) is the student; batches(n) the batch of step n.
    """
    numbers = [torch.tensor(value, requires_grad=True) for value in start]
    optimiser = torch.optim.Adam(numbers, lr=rate)
    for n in range(steps):
        optimiser.param_groups[0]["lr"] = rate * (1 - n / steps)
        batch = batches(n)
        objective.loss(batch, step_for(family(*numbers), batch, seed=n)).per_picture.mean().backward()
        optimiser.step()
        optimiser.zero_grad()
    return [value.item() for value in numbers]
