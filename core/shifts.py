"""Cycle spinning: the mean of several estimates, each of the picture moved by one pixel more (Coifman & Donoho 1995).

A network that works on patches of 4x4 pixels leaves a faint grid of them. With the picture moved by 0, 1, 2 and 3
pixels its lines fall on other rows and columns each time, and the mean of the four has none.

Shapes: B pictures, C channels, H rows, W columns.
"""

from collections.abc import Iterator, Sequence
from functools import reduce

import torch
from torch import Tensor
from torch.nn import functional as F

from core.models import Denoiser


def shifted_estimates(
    denoiser: Denoiser, x: Tensor, sigma: float, labels: Tensor | None, shifts: int
) -> Iterator[Tensor]:
    """Yields the mean [B,C,H,W] of the first 1, 2, ... `shifts` estimates, after one evaluation each."""
    estimates = []
    for by in range(shifts):
        with torch.inference_mode():
            estimates.append(denoiser(shifted(x, by), sigma, labels))
            mean = unshifted_mean(estimates)
        yield mean


def shifted(x: Tensor, by: int) -> Tensor:
    """The picture [B,C,H,W] moved by so many pixels to the right and down; what comes in there is mirrored."""
    return F.pad(x, (by, 0, by, 0), mode="reflect")[..., : x.shape[-2], : x.shape[-1]]


def unshifted_mean(estimates: Sequence[Tensor]) -> Tensor:
    """The mean [B,C,H,W] of estimates [B,C,H,W] of a picture shifted by 0, 1, ... pixels, each shifted back.

    The last rows and columns fall out of a shifted picture, so they have fewer estimates.
    """
    backs = [estimate[..., by:, by:] for by, estimate in enumerate(estimates)]
    total = _padded_sum(backs)
    count = _padded_sum([torch.ones_like(back[:1, :1]) for back in backs])
    return total / count


def _padded_sum(backs: Sequence[Tensor]) -> Tensor:
    """The sum of pictures that lack 0, 1, ... of the last rows and columns."""
    return reduce(torch.add, (F.pad(back, (0, by, 0, by)) for by, back in enumerate(backs)))
