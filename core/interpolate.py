"""Between two pictures of a model: along the arc between their noises (Song et al. 2023, section 6)."""

import torch
from torch import Tensor

SMALLEST_SINE = 1e-4


def slerp(first: Tensor, second: Tensor, amount: float) -> Tensor:
    """The point at `amount` (0 .. 1) of the arc between two noises [B,C,H,W], per picture.

    Where the two are parallel, or exactly opposite, the arc is not defined: the straight line is taken, brought to the
    right length (in the middle between opposite noises it has none, and stays zero).
    """
    a, b = first.flatten(1).double(), second.flatten(1).double()
    norm_a, norm_b = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    angle = torch.acos(((a * b).sum(1, keepdim=True) / (norm_a * norm_b)).clamp(-1, 1))
    sine = angle.sin()
    arc = (torch.sin((1 - amount) * angle) * a + torch.sin(amount * angle) * b) / sine.clamp(min=SMALLEST_SINE)
    line = (1 - amount) * a + amount * b
    length = (1 - amount) * norm_a + amount * norm_b
    line = line * length / line.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return torch.where(sine < SMALLEST_SINE, line, arc).reshape(first.shape).to(first.dtype)
