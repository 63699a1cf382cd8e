"""Strokes computed from a batch of training pictures: flat areas of a few colours, as a person would paint them.

core/strokes.py computes them from one photograph on the CPU, by a median filter and a palette (SDEdit, Meng et al.
2022). This module does nearly the same for a batch, on any device: it shrinks the pictures to a quarter of their side,
takes medians, finds a palette of a few colours by k-means, and gives every pixel the nearest colour.

Shapes: B pictures, C channels, R side, N pixels at a quarter of the side, K colours.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from training.draws import Draws

COLOURS = 6  # in a palette
REDUCTION = 4  # factor by which the side is divided for medians and palette
ROUNDS = 3  # iterations of k-means


def flat_strokes(x: Tensor, draws: Draws) -> Tensor:
    """Strokes [B,C,R,R] of pictures [B,C,R,R], in the same range. R is a multiple of 4."""
    small = _medians(F.avg_pool2d(x, REDUCTION))
    palette = _palette(small, draws)
    large = F.interpolate(small, size=x.shape[-2:], mode="bilinear", align_corners=False)
    nearest_BR = _nearest(large.flatten(2).transpose(1, 2), palette)
    flat = torch.gather(palette, 1, nearest_BR[..., None].expand(-1, -1, palette.shape[-1]))
    return flat.transpose(1, 2).reshape(x.shape)


def _medians(x: Tensor) -> Tensor:
    """[B,C,R,R] each value replaced by the median of the 3x3 pixels around it, channel by channel."""
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    return padded.unfold(2, 3, 1).unfold(3, 3, 1).flatten(4).median(dim=-1).values


def _palette(small: Tensor, draws: Draws) -> Tensor:
    """[B,K,C] the colours of each picture, by k-means that starts from K random pixels."""
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
    """[B,N] the index of the palette's colour that is nearest to each pixel."""
    return torch.cdist(pixels_BNC.float(), palette_BKC.float()).argmin(-1)
