"""Variations of training pictures: small ones that keep a bedroom a bedroom, or those that the network is told of.

Shapes: B pictures, C channels, R side.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from training.config import DataConfig
from training.draws import Draws
from training.data.augment_nonleaky import vary

SMALLEST_CROP = 0.8


def augment(pixels: Tensor, data: DataConfig, draws: Draws) -> tuple[Tensor, Tensor | None]:
    """uint8 [B,C,R,R] as varied float32 pictures in [-1, 1], and what the network is to be told of it, [B,9].

    None where nothing needs to be told: pictures are mirrored, cropped a little, tinted a little. With data.nonleaky
    they are varied as in training/data/augment_nonleaky.py instead.
    """
    x = pixels.float().div(127.5).sub(1)
    if data.nonleaky > 0:
        return vary(x, data.nonleaky, draws)
    x = _mirror(x, data.flip, draws)
    x = _crop(x, data.crop, draws)
    return _tint(x, data.tint, draws), None


def _mirror(x: Tensor, probability: float, draws: Draws) -> Tensor:
    chosen = draws.uniform() < probability
    return torch.where(chosen[:, None, None, None], x.flip(-1), x)


def _crop(x: Tensor, probability: float, draws: Draws) -> Tensor:
    """A random square of 0.8 to 1 of the side, brought back to the side by bicubic sampling."""
    if probability <= 0:
        return x
    chosen = draws.uniform() < probability
    side = torch.where(
        chosen, SMALLEST_CROP + (1 - SMALLEST_CROP) * draws.uniform(), torch.ones_like(chosen, dtype=x.dtype)
    )
    shift = (2 * draws.uniform(2) - 1) * (1 - side)[:, None]
    zero = torch.zeros_like(side)
    rows = torch.stack([torch.stack([side, zero, shift[:, 0]], 1), torch.stack([zero, side, shift[:, 1]], 1)], 1)
    grid = F.affine_grid(rows, list(x.shape), align_corners=False)
    cropped = F.grid_sample(x, grid, mode="bicubic", padding_mode="border", align_corners=False).clamp(-1, 1)
    return torch.where(chosen[:, None, None, None], cropped, x)


def _tint(x: Tensor, amount: float, draws: Draws) -> Tensor:
    brightness = 1 + 2 * amount * (2 * draws.uniform(1) - 1)
    channels = 1 + amount * (2 * draws.uniform(x.shape[1]) - 1)
    gain = (brightness * channels)[:, :, None, None]
    return ((x + 1) * gain - 1).clamp(-1, 1)
