"""Augmentation of training pictures: small changes, or larger ones that the network gets as an input.

Shapes: B pictures, C channels, R pixels along each side.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from training.config import DataConfig
from training.draws import Draws
from training.data.augment_nonleaky import augment_with_labels

SMALLEST_CROP = 0.8  # side of a crop, as a fraction of the picture's side


def augment(pixels: Tensor, data: DataConfig, draws: Draws) -> tuple[Tensor, Tensor | None]:
    """Pictures [B,C,R,R] uint8 as augmented float32 pictures [B,C,R,R] in [-1, 1], and augmentation labels [B,9].

    With data.nonleaky = 0 pictures are mirrored, cropped and tinted a little, and the labels are None. Otherwise both
    come from training/data/augment_nonleaky.py.
    """
    x = pixels.float().div(127.5).sub(1)
    if data.nonleaky > 0:
        return augment_with_labels(x, data.nonleaky, draws)
    x = _mirror(x, data.flip, draws)
    x = _crop(x, data.crop, draws)
    return _tint(x, data.tint, draws), None


def _mirror(x: Tensor, probability: float, draws: Draws) -> Tensor:
    """[B,C,R,R] each picture mirrored left to right with that probability."""
    chosen = draws.uniform() < probability
    return torch.where(chosen[:, None, None, None], x.flip(-1), x)


def _crop(x: Tensor, probability: float, draws: Draws) -> Tensor:
    """[B,C,R,R] with that probability a random square of 0.8 to 1 of the side, resampled to R pixels (bicubic)."""
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
    """[B,C,R,R] with random factors for each channel and for brightness; amount: largest relative change of a channel."""
    brightness = 1 + 2 * amount * (2 * draws.uniform(1) - 1)
    channels = 1 + amount * (2 * draws.uniform(x.shape[1]) - 1)
    gain = (brightness * channels)[:, :, None, None]
    return ((x + 1) * gain - 1).clamp(-1, 1)
