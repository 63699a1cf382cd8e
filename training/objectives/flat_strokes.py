"""Strokes made of training pictures, many at a time: what a person paints, as far as a network is to see of it.

core/strokes.py makes them of one photograph at a time, by a median filter and a palette (SDEdit, Meng et al. 2022).
Here the same is done at a quarter of the side and on any device: medians, a palette of a few colours (k-means), and
every pixel in the nearest of them.

Shapes: B pictures, C channels, R side, N pixels at a quarter of the side, K colours.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from training.draws import Draws

COLOURS = 6
SMALLER = 4  # times
ROUNDS = 3  # of k-means


def flat_strokes(x: Tensor, draws: Draws) -> Tensor:
    """Pictures [B,C,R,R] as strokes of the same size. R is a multiple of 4."""
    small = _medians(F.avg_pool2d(x, SMALLER))
    palette = _palette(small, draws)
    large = F.interpolate(small, size=x.shape[-2:], mode="bilinear", align_corners=False)
    nearest_BR = _nearest(large.flatten(2).transpose(1, 2), palette)
    flat = torch.gather(palette, 1, nearest_BR[..., None].expand(-1, -1, palette.shape[-1]))
    return flat.transpose(1, 2).reshape(x.shape)


def _medians(x: Tensor) -> Tensor:
    """Of 3x3 pixels."""
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    return padded.unfold(2, 3, 1).unfold(3, 3, 1).flatten(4).median(dim=-1).values


def _palette(small: Tensor, draws: Draws) -> Tensor:
    """[B,K,C]: k-means from pixels at random."""
    pixels_BNC = small.flatten(2).transpose(1, 2)
    first_BK = (draws.uniform(COLOURS) * pixels_BNC.shape[1]).long()
    palette = torch.gather(pixels_BNC, 1, first_BK[..., None].expand(-1, -1, pixels_BNC.shape[-1]))
    for _ in range(ROUNDS):
        member_BNK = F.one_hot(_nearest(pixels_BNC, palette), COLOURS).to(small.dtype)
        count_BK1 = member_BNK.sum(1)[..., None]
        means = member_BNK.transpose(1, 2) @ pixels_BNC / count_BK1.clamp(min=1)
        palette = torch.where(count_BK1 > 0, means, palette)
    return palette


def _nearest(pixels_BNC: Tensor, palette_BKC: Tensor) -> Tensor:
    """[B,N] which colour is the nearest."""
    return torch.cdist(pixels_BNC.float(), palette_BKC.float()).argmin(-1)
