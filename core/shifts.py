"""Cycle spinning: the mean of several estimates, each of the picture moved by one pixel more (Coifman & Donoho 1995).

A network that works on patches of 4x4 pixels leaves a faint grid of them. With the picture moved by 0, 1, 2 and 3
pixels its lines fall on other rows and columns each time, and the mean of the four has none.

Shapes: B pictures, C channels, H rows, W columns.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from core.models import Denoiser


def shifted_estimates(
    denoiser: Denoiser, x: Tensor, sigma: float, labels: Tensor | None, shifts: int
) -> Iterator[Tensor]:
    """Yields the mean [B,C,H,W] of the first 1, 2, ... `shifts` estimates, after one evaluation each.

    The picture moves right and down; what comes in there is mirrored. The last rows and columns fall out of it, so they
    have fewer estimates.
    """
    height, width = x.shape[-2:]
    total = count = 0
    for by in range(shifts):
        with torch.inference_mode():
            moved = F.pad(x, (by, 0, by, 0), mode="reflect")[..., :height, :width]
            back = denoiser(moved, sigma, labels)[..., by:, by:]
            total = total + F.pad(back, (0, by, 0, by))
            count = count + F.pad(torch.ones_like(back[:1, :1]), (0, by, 0, by))
            mean = total / count
        yield mean
