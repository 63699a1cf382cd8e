"""Rounding to 8 bits that keeps the mean of every block: what super-resolution promises survives in the file.

Shapes: B pictures, C channels, H rows, W columns; F is the factor, h = H/F, w = W/F.
"""

import numpy as np
from torch import Tensor

from core.errors import PictureError

STRIP_PIXELS = 1 << 18  # whose blocks are sorted at a time: memory is bounded whatever the size of the picture


def round_keeping_means(x0: Tensor, small: np.ndarray, factor: int) -> np.ndarray:
    """x0 [1,C,H,W] in [-1, 1] as [H,W,C] uint8 whose F x F block means are exactly small [h,w,C] uint8.

    x0 must have those means already, up to float32 rounding (`SuperResolve.project_in_range`). Every value is rounded
    down or up to a neighbouring level: as many are rounded up as the block's sum needs, those with the largest
    remainder first. Raises PictureError for sizes that do not fit.
    """
    rows, columns, channels = small.shape
    if tuple(x0.shape) != (1, channels, rows * factor, columns * factor):
        raise PictureError(f"{tuple(x0.shape)} is not {factor} times a picture of {columns} x {rows} pixels.")
    picture = np.empty((rows * factor, columns * factor, channels), np.uint8)
    height = max(STRIP_PIXELS // (columns * factor**2), 1)
    for top in range(0, rows, height):
        strip = slice(top * factor, (top + height) * factor)
        picture[strip] = _rounded(x0[0, :, strip], small[top : top + height], factor)
    return picture


def _rounded(x0: Tensor, small: np.ndarray, factor: int) -> np.ndarray:
    """A strip of rows: x0 [C,H,W] as [H,W,C] uint8 with the block means small [h,w,C]."""
    rows, columns, channels = small.shape
    levels = ((x0.detach().cpu().double().numpy() + 1) * 127.5).clip(0, 255)
    blocks = levels.reshape(channels, rows, factor, columns, factor).transpose(1, 3, 0, 2, 4)
    blocks = blocks.reshape(rows, columns, channels, -1)
    whole = np.floor(blocks).astype(np.int64)
    missing = small.astype(np.int64) * factor**2 - whole.sum(-1)
    rounded = _round_to_sums(whole, blocks - whole, missing)
    picture = rounded.reshape(rows, columns, channels, factor, factor).transpose(0, 3, 1, 4, 2)
    return picture.reshape(rows * factor, columns * factor, channels)


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
