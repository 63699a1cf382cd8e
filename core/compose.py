"""Photographs larger than the model: the square it works on, and its result back in its place.

Photos are [H,W,3] uint8 of any size, masks [H,W] uint8 of the same size with anything but 0 to be filled (see
core/masks.py), the model's pictures [1,3,R,R] float32 in [-1, 1].
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from core.errors import PictureError, RequestError
from core.masks import check_mask, extents, feather_weights
from core.pictures.limits import MAX_PIXELS

STRIP = 32  # rows that are float at a time: they fit the cache, and memory is bounded whatever the size of the photo


@dataclass(frozen=True)
class Square:
    """The part of a photo that the model sees, in the photo's pixels. It may reach beyond the photo's frame."""

    x: int  # of its left column
    y: int  # of its top row
    side: int

    def __post_init__(self):
        if self.side < 1:
            raise RequestError(f"A square of {self.side} pixels is not possible: its side is 1 or more.")

    @classmethod
    def centred(cls, width: int, height: int) -> "Square":
        """The largest square in the middle of a photo."""
        side = min(width, height)
        return cls((width - side) // 2, (height - side) // 2, side)

    def inside(self, photo: np.ndarray) -> tuple[slice, slice]:
        """Rows and columns of the photo that lie in the square. Raises RequestError if none do."""
        height, width = photo.shape[:2]
        top, bottom = max(self.y, 0), min(self.y + self.side, height)
        left, right = max(self.x, 0), min(self.x + self.side, width)
        if top >= bottom or left >= right:
            raise RequestError("The square lies outside the photo. Move it so that it covers some of it.")
        return slice(top, bottom), slice(left, right)


def view(photo: np.ndarray, square: Square | None, resolution: int) -> Tensor:
    """What the model sees of a photo, [1,3,R,R]: area means where it becomes smaller, Lanczos where larger.

    None squeezes the whole photo into the model's square. Beyond the frame the outermost pixels repeat. At the model's
    own size every pixel keeps its value; otherwise values are rounded once, to 8 bits.
    """
    check_photo(photo)
    if square is not None:
        part = photo[square.inside(photo)]
        photo = cv2.copyMakeBorder(part, *_beyond(photo, square), cv2.BORDER_REPLICATE)
    pixels = torch.from_numpy(_resized(photo, resolution))
    return pixels.permute(2, 0, 1).float().div(127.5).sub(1)[None]


def view_mask(mask: np.ndarray, square: Square | None, resolution: int) -> Tensor:
    """A mask as the model sees it, [1,1,R,R] of 0 (keep) and 1 (fill).

    A pixel of the model is to be filled as soon as its area touches one that is: what is kept, then, saw nothing of
    what goes. Beyond the photo's frame all is to be filled.
    """
    fill = mask != 0
    if square is not None:
        top, bottom, left, right = _beyond(mask, square)
        fill = np.pad(fill[square.inside(mask)], ((top, bottom), (left, right)), constant_values=True)
    touched = np.stack([fill[rows].any(axis=0) for rows in _areas(fill.shape[0], resolution)])
    touched = np.stack([touched[:, columns].any(axis=1) for columns in _areas(fill.shape[1], resolution)], axis=1)
    return torch.from_numpy(touched).float()[None, None]


def extend(photo: np.ndarray, left: int, top: int, right: int, bottom: int) -> tuple[np.ndarray, np.ndarray]:
    """The frame extended by that many pixels: (photo with its outermost pixels repeated, mask of the new part).

    Raises RequestError for negative widths and for pictures that become too large.
    """
    check_photo(photo)
    mask = extend_mask(np.zeros(photo.shape[:2], np.uint8), left, top, right, bottom)
    return cv2.copyMakeBorder(photo, top, bottom, left, right, cv2.BORDER_REPLICATE), mask


def extend_mask(mask: np.ndarray, left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """The mask of a photo whose frame is extended so: all that is new is to be filled. Raises RequestError as above."""
    if min(left, top, right, bottom) < 0:
        raise RequestError("A frame is extended by 0 pixels or more; to make it smaller, crop the photo.")
    height, width = mask.shape[0] + top + bottom, mask.shape[1] + left + right
    if width * height > MAX_PIXELS:
        raise RequestError(
            f"The extended photo would have {width} x {height} pixels; up to {MAX_PIXELS // 1_000_000} million work."
        )
    return cv2.copyMakeBorder(mask, top, bottom, left, right, cv2.BORDER_CONSTANT, value=255)


def paste(
    photo: np.ndarray, result: Tensor, square: Square, mask: np.ndarray | None = None, feather: int = 0
) -> np.ndarray:
    """The photo with the model's result [1,3,R,R] in the masked pixels of the square (None: in all of them).

    Every other pixel keeps its exact value. The feather is a width in pixels, inside the mask, over which the result
    comes in; where the square cuts the mask it counts as the mask's border, the photo's frame does not.
    """
    check_photo(photo)
    rows, columns = _filled(photo, square, mask)
    if rows.start == rows.stop:
        return photo.copy()
    weights = _weights(photo, rows, columns, mask, feather)
    levels = result[0].detach().float().cpu().clamp(-1, 1).add(1).mul(127.5).permute(1, 2, 0).numpy()
    down = axis_weights(levels.shape[0], square.side)[rows.start - square.y : rows.stop - square.y]
    across = axis_weights(levels.shape[1], square.side)[columns.start - square.x : columns.stop - square.x]
    wide = np.ascontiguousarray(np.einsum("wc,rcd->rwd", across, levels, optimize=True))
    pasted = photo.copy()
    for start in range(0, len(weights), STRIP):
        weight = weights[start : start + STRIP, :, None]
        if not weight.any():
            continue
        strip = pasted[rows, columns][start : start + STRIP]
        enlarged = np.tensordot(down[start : start + STRIP], wide, axes=1)
        mixed = strip + weight * (enlarged - strip)  # at weight 0 the strip itself, exactly
        strip[:] = mixed.round().clip(0, 255).astype(np.uint8)
    return pasted


def _filled(photo: np.ndarray, square: Square, mask: np.ndarray | None) -> tuple[slice, slice]:
    """Rows and columns of the photo, inside the square, that hold all that is filled."""
    rows, columns = square.inside(photo)
    if mask is None:
        return rows, columns
    check_mask(mask, photo)
    down, across = extents(mask[rows, columns] != 0)
    start_y, start_x = rows.start, columns.start
    return slice(start_y + down.start, start_y + down.stop), slice(start_x + across.start, start_x + across.stop)


def _weights(photo: np.ndarray, rows: slice, columns: slice, mask: np.ndarray | None, feather: int) -> np.ndarray:
    """Feathered weights [h,w] float32 of a part of the photo outside of which nothing is filled."""
    height, width = rows.stop - rows.start, columns.stop - columns.start
    fill = np.full((height, width), 255, np.uint8) if mask is None else mask[rows, columns]
    edges = (rows.start > 0, rows.stop < photo.shape[0], columns.start > 0, columns.stop < photo.shape[1])
    top, bottom, left, right = map(int, edges)  # a rim of kept pixels wherever the photo goes on
    weights = feather_weights(cv2.copyMakeBorder(fill, top, bottom, left, right, cv2.BORDER_CONSTANT), feather)
    return weights[top : top + height, left : left + width]


def check_photo(photo: np.ndarray) -> None:
    """Raises PictureError for arrays that are not [H,W,3] of 8 bits."""
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or photo.size == 0:
        raise PictureError("A picture array must be [rows, columns, 3] with 8 bits a channel.")


def axis_weights(old: int, new: int, enlarge: int = cv2.INTER_LANCZOS4) -> np.ndarray:
    """The matrix [new, old] that resizes one axis: area means where it shrinks, OpenCV's `enlarge` where it grows."""
    method = cv2.INTER_AREA if new < old else enlarge
    return cv2.resize(np.eye(old, dtype=np.float32), (old, new), interpolation=method)


def _resized(pixels: np.ndarray, side: int) -> np.ndarray:
    """[H,W,3] uint8 brought to [side,side,3]; each axis by area means or by Lanczos, as it shrinks or grows."""
    height, width = pixels.shape[:2]
    pixels = cv2.resize(pixels, (min(width, side), min(height, side)), interpolation=cv2.INTER_AREA)
    return cv2.resize(pixels, (side, side), interpolation=cv2.INTER_LANCZOS4)


def _beyond(picture: np.ndarray, square: Square) -> tuple[int, int, int, int]:
    """How far a square reaches out of a picture: top, bottom, left, right."""
    rows, columns = square.inside(picture)
    end_y, end_x = square.y + square.side, square.x + square.side
    return rows.start - square.y, end_y - rows.stop, columns.start - square.x, end_x - columns.stop


def _areas(old: int, new: int) -> list[slice]:
    """For each of `new` positions the old ones whose extent it touches."""
    return [slice(i * old // new, -(-(i + 1) * old // new)) for i in range(new)]
