"""Rounding to 8 bits that keeps the mean of every block: what super-resolution promises survives in the file.

Shapes: B pictures, H rows, W columns; F is the factor, h = H/F, w = W/F.
"""

import numpy as np
from torch import Tensor

from core.errors import PictureError


def round_keeping_means(x0: Tensor, small: np.ndarray, factor: int) -> np.ndarray:
    """x0 [1,3,H,W] in [-1, 1] as [H,W,3] uint8 whose F x F block means are exactly small [h,w,3] uint8.

    x0 must have those means already, up to float32 rounding (`SuperResolve.project_in_range`). Every value is rounded
    down or up to a neighbouring level: as many are rounded up as the block's sum needs, those with the largest
    remainder first. Raises PictureError for sizes that do not fit.
    """
    rows, columns, _ = small.shape
    if tuple(x0.shape) != (1, 3, rows * factor, columns * factor):
        raise PictureError(f"{tuple(x0.shape)} is not {factor} times a picture of {columns} x {rows} pixels.")
    levels = ((x0[0].detach().cpu().double().numpy() + 1) * 127.5).clip(0, 255)
    blocks = levels.reshape(3, rows, factor, columns, factor).transpose(1, 3, 0, 2, 4).reshape(rows, columns, 3, -1)
    whole = np.floor(blocks).astype(np.int64)
    missing = small.astype(np.int64) * factor**2 - whole.sum(-1)
    rounded = _round_to_sums(whole, blocks - whole, missing)
    picture = rounded.reshape(rows, columns, 3, factor, factor).transpose(0, 3, 1, 4, 2)
    return np.ascontiguousarray(picture.reshape(rows * factor, columns * factor, 3), np.uint8)


def _round_to_sums(whole: np.ndarray, remainder: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Levels [...,F*F] with `missing` added: one each to the largest remainders, taken from the smallest if negative.

    Rounding of floats can leave a block at the end of the range short of a place; then another round is needed.
    """
    while missing.any():
        up = missing[..., None] > 0
        room = np.where(up, whole < 255, whole > 0) & (missing[..., None] != 0)
        wish = np.where(room, np.where(up, remainder, -remainder), -np.inf)
        rank = (-wish).argsort(-1, kind="stable").argsort(-1, kind="stable")
        change = ((rank < np.abs(missing)[..., None]) & room) * np.sign(missing)[..., None]
        whole, missing = whole + change, missing - change.sum(-1)
        remainder = remainder - change
    return whole
