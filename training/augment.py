"""Variations of training pictures that keep a bedroom a bedroom: no label is needed to tell them apart.

Shapes: B pictures, C channels, R side.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from training.config import DataConfig

SMALLEST_CROP = 0.8


def augment(pixels: Tensor, data: DataConfig, rng: torch.Generator) -> Tensor:
    """uint8 [B,C,R,R] as varied float32 pictures in [-1, 1]: mirrored, cropped a little, tinted a little."""
    x = pixels.float().div(127.5).sub(1)
    x = _mirror(x, data.flip, rng)
    x = _crop(x, data.crop, rng)
    return _tint(x, data.tint, rng)


def _uniform(count: int, x: Tensor, rng: torch.Generator) -> Tensor:
    return torch.rand(count, generator=rng, device=x.device)


def _mirror(x: Tensor, probability: float, rng: torch.Generator) -> Tensor:
    chosen = _uniform(len(x), x, rng) < probability
    return torch.where(chosen[:, None, None, None], x.flip(-1), x)


def _crop(x: Tensor, probability: float, rng: torch.Generator) -> Tensor:
    """A random square of 0.8 to 1 of the side, brought back to the side by bicubic sampling."""
    if probability <= 0:
        return x
    chosen = _uniform(len(x), x, rng) < probability
    side = torch.where(
        chosen, SMALLEST_CROP + (1 - SMALLEST_CROP) * _uniform(len(x), x, rng), torch.ones_like(chosen, dtype=x.dtype)
    )
    shift = (2 * torch.rand(len(x), 2, generator=rng, device=x.device) - 1) * (1 - side)[:, None]
    zero = torch.zeros_like(side)
    rows = torch.stack([torch.stack([side, zero, shift[:, 0]], 1), torch.stack([zero, side, shift[:, 1]], 1)], 1)
    grid = F.affine_grid(rows, list(x.shape), align_corners=False)
    cropped = F.grid_sample(x, grid, mode="bicubic", padding_mode="border", align_corners=False).clamp(-1, 1)
    return torch.where(chosen[:, None, None, None], cropped, x)


def _tint(x: Tensor, amount: float, rng: torch.Generator) -> Tensor:
    brightness = 1 + 2 * amount * (2 * torch.rand(len(x), 1, generator=rng, device=x.device) - 1)
    channels = 1 + amount * (2 * torch.rand(len(x), x.shape[1], generator=rng, device=x.device) - 1)
    gain = (brightness * channels)[:, :, None, None]
    return ((x + 1) * gain - 1).clamp(-1, 1)
