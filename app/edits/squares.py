"""The squares of a photo that an edit works on, and the masks and strokes that lie over the photo.

Shapes: photos [H,W,3] uint8, masks [H,W] uint8 with 255 where to fill; R is the side of the model. Squares and frames
are in pixels of the photo.
"""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import torch

from app.edits.inputs import read_whole
from core.compose import Square
from core.errors import RequestError

FARTHEST = 100_000  # pixels: no coordinate and no side is larger


def read_square(value: Any) -> Square | None:
    """[x, y, side] as a Square, None as None. Raises RequestError for anything else."""
    if value is None:
        return None
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise RequestError("The square is three whole numbers: x, y and side, in pixels of the photo.")
    x, y = (read_whole(number, "The square's corner", -FARTHEST, FARTHEST) for number in value[:2])
    return Square(x, y, read_whole(value[2], "The square's side", 1, FARTHEST))


def read_frame(value: Any) -> tuple[int, int, int, int]:
    """[left, top, right, bottom], the pixels by which a photo is extended; None is four zeros.

    Raises RequestError for anything else.
    """
    if value is None:
        return 0, 0, 0, 0
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise RequestError("The frame is four whole numbers: left, top, right and bottom, in pixels.")
    left, top, right, bottom = (read_whole(number, "Each side of the frame", 0, FARTHEST) for number in value)
    return left, top, right, bottom


def shifted(square: Square, x: int, y: int) -> Square:
    """The square in the coordinates of a photo that got x more columns on the left and y more rows on top."""
    return replace(square, x=square.x + x, y=square.y + y)


def photo_square(photo: np.ndarray, value: Any) -> Square | None:
    """[x, y, side] on a photo [H,W,3] as a checked Square, None as None. Raises RequestError for anything else."""
    square = read_square(value)
    if square is not None:
        check_square(photo, square)
    return square


def check_square(photo: np.ndarray, square: Square) -> None:
    """Raises RequestError for a square outside the photo [H,W,3], or of more than twice its longer side."""
    square.inside(photo)
    if square.side > 2 * max(photo.shape[:2]):
        raise RequestError("The square is much larger than the photo. Make it smaller.")


def square_numbers(square: Square | None) -> tuple[int, int, int] | None:
    """(x, y, side) of a square, for the page and for records; None for None."""
    return None if square is None else (square.x, square.y, square.side)


def fit_mask(mask: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """A mask [h,w] at the size of the photo [H,W,3]: it may have been drawn on a smaller view of it.

    Raises RequestError for a mask whose sides have another ratio.
    """
    height, width = photo.shape[:2]
    if mask.shape == (height, width):
        return mask
    rows, columns = mask.shape
    if abs(rows * width - columns * height) > max(width, height):  # more than a pixel off
        raise RequestError(
            f"The mask has {columns} x {rows} pixels, the photo {width} x {height}: they must have the same shape."
        )
    return np.where(cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR) >= 128, 255, 0).astype(np.uint8)


def layer_view(layer: np.ndarray, size: tuple[int, int], square: Square | None, resolution: int) -> np.ndarray:
    """A square of a layer [h,w,4] uint8 at the model's size: [R,R,4] float32 in 0..1, colour times alpha, and alpha.

    The layer is stretched over a whole photo of size (width, height). square: in pixels of the photo; None: all of it.
    """
    colour = layer.astype(np.float32) / 255
    colour[..., :3] *= colour[..., 3:]
    if square is None:
        return cv2.resize(colour, (resolution, resolution), interpolation=cv2.INTER_AREA)
    scale = resolution / square.side
    scaled_size = max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)
    if scaled_size[0] > layer.shape[1]:  # a small square is cut out of the layer, not the layer enlarged
        return _cut_view(colour, size, square, resolution)
    scaled = cv2.resize(colour, scaled_size, interpolation=cv2.INTER_AREA)
    return _window(scaled, round(square.x * scale), round(square.y * scale), resolution)


def _cut_view(colour: np.ndarray, size: tuple[int, int], square: Square, resolution: int) -> np.ndarray:
    across, down = colour.shape[1] / size[0], colour.shape[0] / size[1]
    matrix = np.array([
        [across * square.side / resolution, 0, across * square.x],
        [0, down * square.side / resolution, down * square.y],
    ])  # fmt: skip
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(colour, matrix, (resolution, resolution), flags=flags)


def _window(picture: np.ndarray, x: int, y: int, side: int) -> np.ndarray:
    """[side,side,C] from column x and row y of a picture [h,w,C]; 0 outside the picture."""
    window = np.zeros((side, side, picture.shape[2]), np.float32)
    left, top = max(x, 0), max(y, 0)
    part = picture[top : max(y + side, 0), left : max(x + side, 0)]
    window[top - y : top - y + part.shape[0], left - x : left - x + part.shape[1]] = part
    return window


def drawn_over(x: torch.Tensor, layer: np.ndarray) -> torch.Tensor:
    """x [1,3,R,R] in [-1, 1] with a layer [R,R,4] as from `layer_view` laid over it."""
    over = torch.from_numpy(np.ascontiguousarray(layer.transpose(2, 0, 1)))[None]
    alpha = over[:, 3:]
    return x * (1 - alpha) + (2 * over[:, :3] - alpha)
