"""The squares that the model works in, found around what is to be filled.

Holes that lie close together share a square; holes far apart have one each, so that each is filled as sharply as its
own size allows. A hole that no square holds together with some of its surroundings is filled by several that overlap,
from what is known inwards.

Masks are [H,W] uint8 with 255 where to fill. Boxes are (left, top, right, bottom), half open, as squares in pixels.
"""

from itertools import combinations

import cv2
import numpy as np

from core.compose import Square
from core.errors import RequestError

CONTEXT = 2  # the side of the square around a hole, in sides of the hole: the model must see what surrounds it
SHARED = 2.5  # holes share a square of up to this many sides of the larger of their own squares
OVERLAP = 1 / 4  # of a square: what it shows of its hole's surroundings, or of its neighbour over a long hole
MAX_SQUARES = 8
MAX_HOLES = 32  # that are looked at one by one; more of them are one
SEARCHED = 512  # pixels of the longer side of the mask that holes are searched in

NOTHING_TO_FILL = "Nothing is marked to be filled. Paint over what should go: white in a mask file is filled."
HOLE_TOO_LONG = (
    f"This hole is longer than {MAX_SQUARES} squares of the model. Fill it in parts, or place the square yourself."
)

Box = tuple[int, int, int, int]


def squares_around(mask: np.ndarray, resolution: int) -> tuple[Square, ...]:
    """Squares inside the photo that together cover all masked pixels, in the order in which they are to be filled.

    resolution: the least side of a square where the photo allows it. Raises RequestError for an empty mask, and if more
    than MAX_SQUARES are needed.
    """
    groups = _grouped(_holes(mask), resolution)
    squares = [_cover(box, mask.shape, resolution) for box in groups]
    while sum(map(len, squares)) > MAX_SQUARES and len(groups) > 1:
        groups = _merged(groups, *min(combinations(groups, 2), key=lambda pair: _side(_around(*pair), resolution)))
        squares = [_cover(box, mask.shape, resolution) for box in groups]
    found = [square for several in squares for square in several]
    if len(found) > MAX_SQUARES:
        raise RequestError(HOLE_TOO_LONG)
    return _known_first(found, mask)


def _holes(mask: np.ndarray) -> list[Box]:
    """The box of every hole; one around all if there are more than MAX_HOLES. Raises RequestError without any."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        raise RequestError(NOTHING_TO_FILL)
    whole = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    step = -(-max(mask.shape) // SEARCHED)
    count, _, stats, _ = cv2.connectedComponentsWithStats(_coarse(mask, step))
    if count - 1 > MAX_HOLES:
        return [whole]
    coarse = [(x, y, x + width, y + height) for x, y, width, height, _ in stats[1:].tolist()]
    return [_common(tuple(step * edge for edge in box), whole) for box in coarse]


def _coarse(mask: np.ndarray, step: int) -> np.ndarray:
    """1 for each block of step x step pixels that touches the mask, else 0."""
    if step == 1:
        return (mask != 0).astype(np.uint8)
    height, width = (-length % step for length in mask.shape)
    padded = np.pad(mask != 0, ((0, height), (0, width)))
    blocks = padded.reshape(padded.shape[0] // step, step, padded.shape[1] // step, step)
    return np.asarray(blocks.any(axis=(1, 3)), np.uint8)


def _common(box: tuple[int, ...], whole: Box) -> Box:
    return max(box[0], whole[0]), max(box[1], whole[1]), min(box[2], whole[2]), min(box[3], whole[3])


def _around(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _side(box: Box, resolution: int) -> int:
    """Of the square that a hole would like to have."""
    return max(CONTEXT * max(box[2] - box[0], box[3] - box[1]), resolution)


def _grouped(boxes: list[Box], resolution: int) -> list[Box]:
    """Boxes around holes that share a square: the nearest first, until no two are near enough."""

    def growth(pair: tuple[Box, Box]) -> float:
        return _side(_around(*pair), resolution) / max(_side(box, resolution) for box in pair)

    while len(boxes) > 1:
        nearest = min(combinations(boxes, 2), key=growth)
        if growth(nearest) > SHARED:
            break
        boxes = _merged(boxes, *nearest)
    return boxes


def _merged(boxes: list[Box], a: Box, b: Box) -> list[Box]:
    rest = list(boxes)
    rest.remove(a)
    rest.remove(b)
    return [*rest, _around(a, b)]


def _cover(box: Box, shape: tuple[int, ...], resolution: int) -> list[Square]:
    """Squares of one size inside a photo of (height, width) that together cover a box."""
    height, width = shape
    side = min(_side(box, resolution), height, width)
    xs = _spread(*_with_surroundings(box[0], box[2], side, width), side, width)
    ys = _spread(*_with_surroundings(box[1], box[3], side, height), side, height)
    return [Square(x, y, side) for y in ys for x in xs]


def _with_surroundings(start: int, end: int, side: int, length: int) -> tuple[int, int]:
    """start..end on an axis, and beside it OVERLAP of a square, on those sides where the photo goes on."""
    ends = (start > 0) + (end < length)
    beside = round(side * OVERLAP / ends) if ends else 0
    return max(start - beside, 0), min(end + beside, length)


def _spread(start: int, end: int, side: int, length: int) -> list[int]:
    """Where squares of that side begin on an axis, so that they cover start..end and stay inside 0..length."""
    if end - start <= side:
        return [min(max((start + end - side) // 2, 0), length - side)]
    count = 1 + -int(-(end - start - side) // (side * (1 - OVERLAP)))
    return [round(start + k * (end - start - side) / (count - 1)) for k in range(count)]


def _known_first(squares: list[Square], mask: np.ndarray) -> tuple[Square, ...]:
    """In the order of how much is known in each, once those before it are filled; without those that fill nothing."""
    unknown, ordered, rest = mask != 0, [], list(squares)
    while rest:
        best = min(rest, key=lambda square: unknown[square.inside(mask)].mean())
        rest.remove(best)
        if unknown[best.inside(mask)].any():
            ordered.append(best)
            unknown[best.inside(mask)] = False
    return tuple(ordered)
