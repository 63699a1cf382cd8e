"""The smooth picture with given block means: what is missing from the means of an enlarged picture, without blocks.

Among the pictures that a bilinear enlargement can give there is exactly one with these means. The means of an enlarged
row are the row under a filter of three pixels, mirrored at the borders; so the row to be enlarged is the means under
the inverse of that filter, mirrored alike. Rows and columns are independent.

Shapes: h, w blocks down and across; F the factor, H = h F, W = w F.
"""

from math import sqrt

import torch
from torch import Tensor
from torch.nn import functional

TAPS = 20  # of the inverse filter on each side: what lies beyond is below 1e-15 of its middle


def smooth_with_means(means: Tensor, factor: int) -> Tensor:
    """[B,C,h,w] -> [B,C,H,W]: piecewise linear, with these F x F block means (up to float rounding)."""
    if factor == 1:
        return means
    inverse = _inverse(factor).to(means)
    small = _filtered(_filtered(means, inverse).mT, inverse).mT
    return functional.interpolate(small, scale_factor=factor, mode="bilinear", align_corners=False)


def _inverse(factor: int) -> Tensor:
    """[2 TAPS + 1] float64: the inverse of the filter (b, 1 - 2 b, b) that linear enlargement and block means are.

    b is half the mean distance of a block's pixels from its middle, in blocks. The inverse falls off geometrically.
    """
    b = ((torch.arange(factor, dtype=torch.float64) + 0.5) / factor - 0.5).abs().mean().item() / 2
    root = sqrt(1 - 4 * b)
    ratio = (root - (1 - 2 * b)) / (2 * b)
    return ratio ** torch.arange(-TAPS, TAPS + 1, dtype=torch.float64).abs() / root


def _filtered(x: Tensor, taps: Tensor) -> Tensor:
    """x [B,C,h,w] under a symmetric filter along its rows; beyond its ends a row is mirrored, as often as needed."""
    width, reach = x.shape[-1], len(taps) // 2
    mirrored = torch.arange(-reach, width + reach, device=x.device) % (2 * width)
    padded = x[..., torch.minimum(mirrored, 2 * width - 1 - mirrored)]
    return functional.conv1d(padded.reshape(-1, 1, width + 2 * reach), taps[None, None]).reshape(x.shape)
