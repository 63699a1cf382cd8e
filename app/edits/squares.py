"""Where on a photo an edit works: squares from untrusted numbers, squares around a hole, layers drawn over the photo.

Photos are [H,W,3] uint8, masks [H,W] uint8 with 255 where to fill. All boxes are in pixels of the photo.
"""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import torch

from app.edits.inputs import read_whole
from core.compose import Square
from core.errors import RequestError

FARTHEST = 100_000  # pixels: no coordinate is larger
CONTEXT = 2  # sides of a hole that the square around it has: what surrounds it tells what belongs there
MAX_SQUARES = 8
OVERLAP = 1 / 4  # of a square's side, with the next one of a long hole

NOTHING_TO_FILL = "Nothing is marked to be filled. Paint over what should go: white in a mask file is filled."
HOLE_TOO_LONG = (
    f"This hole is longer than {MAX_SQUARES} squares of the model. Fill it in parts, or place the square yourself."
)


def read_square(value: Any) -> Square | None:
    """[x, y, side] as a Square, None as None."""
    if value is None:
        return None
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise RequestError("The square is three whole numbers: x, y and side, in pixels of the photo.")
    x, y = (read_whole(number, "The square's corner", -FARTHEST, FARTHEST) for number in value[:2])
    return Square(x, y, read_whole(value[2], "The square's side", 1, FARTHEST))


def read_frame(value: Any) -> tuple[int, int, int, int]:
    """[left, top, right, bottom] pixels that a photo is extended by."""
    if value is None:
        return 0, 0, 0, 0
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise RequestError("The frame is four whole numbers: left, top, right and bottom, in pixels.")
    left, top, right, bottom = (read_whole(number, "Each side of the frame", 0, FARTHEST) for number in value)
    return left, top, right, bottom


def shifted(square: Square, x: int, y: int) -> Square:
    """The same square of a photo whose origin has moved to the left and up by that much."""
    return replace(square, x=square.x + x, y=square.y + y)


def within(photo: np.ndarray, square: Square | None) -> Square | None:
    """The same square, once it is sure that it touches the photo and is not absurdly larger."""
    if square is not None:
        square.inside(photo)
        if square.side > 2 * max(photo.shape[:2]):
            raise RequestError("The square is much larger than the photo. Make it smaller.")
    return square


def squares_around(mask: np.ndarray, resolution: int) -> tuple[Square, ...]:
    """Squares that together cover all that is to be filled, each with what surrounds it as far as the photo reaches.

    One, unless the hole is longer than the photo's shorter side. Raises RequestError for an empty mask.
    """
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        raise RequestError(NOTHING_TO_FILL)
    height, width = mask.shape
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    shorter = min(height, width)
    side = min(max(CONTEXT * max(right - left, bottom - top), resolution), shorter)
    xs = _spread(int(left), int(right), int(side), width)
    ys = _spread(int(top), int(bottom), int(side), height)
    if len(xs) * len(ys) > MAX_SQUARES:
        raise RequestError(HOLE_TOO_LONG)
    return tuple(Square(x, y, int(side)) for y in ys for x in xs)


def _spread(start: int, end: int, side: int, length: int) -> list[int]:
    """Where squares of that side begin on an axis, so that they cover start..end and stay inside 0..length."""
    if end - start <= side:
        return [min(max((start + end - side) // 2, 0), length - side)]
    count = 1 + -int(-(end - start - side) // (side * (1 - OVERLAP)))
    return [round(start + k * (end - start - side) / (count - 1)) for k in range(count)]


def fit_mask(mask: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """A mask that was drawn on a smaller view of the photo, at the photo's size.

    Raises RequestError for a mask of another shape.
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
    """A layer [h,w,4] uint8 over a whole photo of that width and height as the model sees it.

    [R,R,4] float32 in 0..1, colour times alpha.
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
    """A square of a picture, with zeros beyond its frame."""
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
