"""The smooth picture with given block means: what is missing from the means of an enlarged picture, without blocks.

Among the pictures that a bilinear enlargement can give there is exactly one with these means. Rows and columns are
independent, so it is a matrix on each side.

Shapes: h, w blocks down and across; F the factor, H = h F, W = w F.
"""

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F


def smooth_with_means(means: Tensor, factor: int) -> Tensor:
    """[B,C,h,w] -> [B,C,H,W]: piecewise linear, with these F x F block means (up to float rounding)."""
    down, across = (_spreading(blocks, factor).to(means) for blocks in means.shape[-2:])
    return down @ means @ across.T


@lru_cache(maxsize=16)
def _spreading(blocks: int, factor: int) -> Tensor:
    """[blocks * factor, blocks] float64: linear enlargement, made such that its block means are what it is given."""
    linear = F.interpolate(
        torch.eye(blocks, dtype=torch.float64)[None], scale_factor=factor, mode="linear", align_corners=False
    )[0].T
    return linear @ torch.linalg.inv(linear.reshape(blocks, factor, blocks).mean(1))
