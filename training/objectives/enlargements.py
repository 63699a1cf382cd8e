"""Training pictures reduced to block means and smoothly enlarged again: what super-resolution starts from.

The enlargement is that of the edit (core/first_guess.py).

Shapes: B pictures, C channels, R side.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from core.constraint import SuperResolve
from core.first_guess import enlarged
from training.draws import Draws

FACTORS = (2, 4, 8)  # by which the side is divided; the same as in app/edits/registry.py


def enlargements(x: Tensor, draws: Draws) -> Tensor:
    """Pictures [B,C,R,R], each reduced by a random factor of FACTORS and enlarged again: [B,C,R,R].

    Factors that do not divide R are left out.
    """
    possible = [factor for factor in FACTORS if x.shape[-1] % factor == 0]
    which_B = draws.integers(len(possible))
    large = torch.stack([enlarged(SuperResolve(F.avg_pool2d(x, factor), factor)) for factor in possible])
    return large[which_B, torch.arange(len(x), device=x.device)]
