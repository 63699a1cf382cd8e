"""What the tests of the discrete objectives (cd, ct, ict, ect) share: bent solutions, and short training."""

import torch
from torch import Tensor, nn

from tests.oracles import Gaussian, Modes
from tests.training.objectives.steps import batch_of, loss_of
from training.objectives.base import Objective, expand


class Bent(nn.Module):
    """The exact consistency function, bent by one number: 0 is the solution. Every member keeps the boundary."""

    def __init__(self, data: Gaussian | Modes, bend: float):
        super().__init__()
        self.data = data
        self.bend = nn.Parameter(torch.tensor(bend))

    def forward(self, x: Tensor, sigma_B: Tensor, labels=None, dropout_mask=None) -> Tensor:
        growth_B = sigma_B.square() / (sigma_B.square() + 1).pow(1.5)  # 0 at the boundary; x / sigma far from it
        return self.data.consistency(x, sigma_B) + self.bend * expand(growth_B) * x


class Flow(nn.Module):
    """The consistency functions of all Gaussian data, by mean and standard deviation."""

    def __init__(self, m: float = 0.0, s: float = 0.7):
        super().__init__()
        self.m, self.s = nn.Parameter(torch.tensor(m)), nn.Parameter(torch.tensor(s))

    def forward(self, x: Tensor, sigma_B: Tensor, labels=None, dropout_mask=None) -> Tensor:
        return Gaussian(self.m, self.s).consistency(x, sigma_B)


def slope_at(bend: float, objective: Objective, data: Gaussian | Modes, count: int, **step) -> float:
    """The derivative of the loss by the bend."""
    student = Bent(data, bend)
    loss_of(objective, student, batch_of(data, count), **step).backward()
    return student.bend.grad.item()


def trained(
    student: nn.Module,
    objective: Objective,
    data: Gaussian | Modes,
    steps: int,
    *,
    rate: float,
    count: int = 256,
    **step,
):
    """The student after that many steps of Adam, each on `count` fresh pictures, and a rate that falls to 0."""
    optimiser = torch.optim.Adam(student.parameters(), lr=rate)
    for n in range(steps):
        optimiser.param_groups[0]["lr"] = rate * (1 - n / steps)
        loss_of(objective, student, batch_of(data, count, seed=n), seed=n, **step).backward()
        optimiser.step()
        optimiser.zero_grad()
    return student
