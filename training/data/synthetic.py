"""Synthetic pictures: simple bedrooms that the project draws, to try out training without a data set.

A bedroom has a wall, a floor, a window with its light, a bed with blanket and pillows, and sometimes a rug and a
painting. Coordinates are fractions of the picture's side, x to the right and y down, so a room looks the same at every
resolution.

Shapes: N pictures, R pixels along each side.
"""

from collections.abc import Callable, Sequence
from colorsys import hsv_to_rgb
from typing import cast

import numpy as np
from PIL import Image, ImageDraw

OVERSAMPLING = 4  # factor by which pictures are drawn larger, then averaged, for smooth edges

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]  # left, top, right, bottom
Range = tuple[float, float]


def synthetic_pictures(count: int, resolution: int, seed: int) -> np.ndarray:
    """uint8 [N,3,R,R] the bedrooms 0 to count - 1 of this seed. A bedroom depends on the seed and its number alone."""
    return np.stack([_bedroom(_rng(seed, index), resolution) for index in range(count)])


def _rng(seed: int, index: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[seed, index]))


def _bedroom(rng: np.random.Generator, resolution: int) -> np.ndarray:
    """One room, uint8 [3,R,R]: flat surfaces from back to front, then light over all of them."""
    canvas = _Canvas(resolution * OVERSAMPLING)
    floor_line = rng.uniform(0.5, 0.65)
    _draw_wall_and_floor(canvas, rng, floor_line)
    window = _draw_window(canvas, rng, floor_line)
    _draw_bed(canvas, rng, floor_line)
    room = np.asarray(canvas.picture.reduce(OVERSAMPLING), dtype=np.float32)
    lit = np.clip(room * _light(rng, window, resolution), 0, 255).astype(np.uint8)
    mirrored = lit[:, ::-1] if rng.random() < 0.5 else lit
    return mirrored.transpose(2, 0, 1)


class _Canvas:
    """Draws flat shapes, with coordinates as fractions of the side."""

    def __init__(self, side: int):
        self.side = side
        self.picture = Image.new("RGB", (side, side))
        self.draw = ImageDraw.Draw(self.picture)

    def box(self, box: Box, colour: Colour) -> None:
        self.draw.rectangle(self._pixels(box), fill=colour)

    def oval(self, box: Box, colour: Colour) -> None:
        self.draw.ellipse(self._pixels(box), fill=colour)

    def polygon(self, corners: Sequence[tuple[float, float]], colour: Colour) -> None:
        self.draw.polygon([(x * self.side, y * self.side) for x, y in corners], fill=colour)

    def floor(self) -> Colour:
        """The colour of the lower left corner."""
        return cast("Colour", self.picture.getpixel((0, self.side - 1)))  # so in an RGB picture

    def _pixels(self, box: Box) -> Box:
        left, top, right, bottom = (coordinate * self.side for coordinate in box)
        return left, top, right, bottom


def _colour(rng: np.random.Generator, hue: Range, saturation: Range, value: Range) -> Colour:
    """A random colour with hue, saturation and value in these ranges, 0 to 1; hue wraps around."""
    hsv = (rng.uniform(*hue) % 1, rng.uniform(*saturation), rng.uniform(*value))
    red, green, blue = (round(255 * channel) for channel in hsv_to_rgb(*hsv))
    return red, green, blue


def _scaled(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, round(factor * channel)) for channel in colour)
    return red, green, blue


def _draw_wall_and_floor(canvas: _Canvas, rng: np.random.Generator, floor_line: float) -> None:
    wall = _colour(rng, (0, 1), (0.02, 0.35), (0.55, 0.9))
    floor = _colour(rng, (0.04, 0.12), (0.15, 0.6), (0.3, 0.75))
    canvas.box((0, 0, 1, floor_line), wall)
    canvas.box((0, floor_line, 1, 1), floor)
    canvas.box((0, floor_line - 0.02, 1, floor_line), _scaled(wall, 1.15))  # skirting board
    if rng.random() < 0.4:
        rug = _colour(rng, (0, 1), (0.1, 0.7), (0.3, 0.8))
        canvas.oval((rng.uniform(-0.1, 0.3), floor_line + 0.18, rng.uniform(0.7, 1.1), 0.98), rug)
    if rng.random() < 0.4:
        left, top = rng.uniform(0.6, 0.75), rng.uniform(0.08, 0.15)
        canvas.box((left, top, left + 0.18, top + 0.14), _scaled(wall, 0.45))
        canvas.box((left + 0.02, top + 0.02, left + 0.16, top + 0.12), _colour(rng, (0, 1), (0.2, 0.8), (0.4, 0.9)))


def _draw_window(canvas: _Canvas, rng: np.random.Generator, floor_line: float) -> Box:
    """The window in the left half, and the patch of its light on the floor. Returns the window's box."""
    left, top = rng.uniform(0.04, 0.15), rng.uniform(0.06, 0.14)
    right, bottom = left + rng.uniform(0.22, 0.36), rng.uniform(0.62, 0.78) * floor_line
    sky = _colour(rng, (0.52, 0.64), (0.05, 0.4), (0.85, 1))
    frame, bar = (245, 243, 238), 0.012
    canvas.box((left - 2 * bar, top - 2 * bar, right + 2 * bar, bottom + 2 * bar), frame)
    canvas.box((left, top, right, bottom), sky)
    middle_x, middle_y = (left + right) / 2, top + 0.4 * (bottom - top)
    canvas.box((middle_x - bar, top, middle_x + bar, bottom), frame)
    canvas.box((left, middle_y - bar, right, middle_y + bar), frame)
    if rng.random() < 0.5:
        curtain = _colour(rng, (0, 1), (0.1, 0.6), (0.5, 0.95))
        canvas.box((left - 0.06, top - 0.04, left + 0.03, floor_line), curtain)
        canvas.box((right - 0.03, top - 0.04, right + 0.06, floor_line), curtain)
    near, far = floor_line + 0.08, floor_line + 0.25
    shift = rng.uniform(0.08, 0.2)
    patch = [(left + shift, near), (right + shift, near), (right + 2 * shift, far), (left + 2 * shift, far)]
    canvas.polygon(patch, _scaled(canvas.floor(), 1.35))
    return left, top, right, bottom


def _draw_bed(canvas: _Canvas, rng: np.random.Generator, floor_line: float) -> None:
    """A bed seen from its foot: head to the wall, wider towards the eye."""
    centre, half = rng.uniform(0.45, 0.68), rng.uniform(0.2, 0.29)
    head, foot = floor_line - 0.04, rng.uniform(0.76, 0.86)
    ground = foot + rng.uniform(0.06, 0.11)
    wood = _colour(rng, (0.03, 0.11), (0.2, 0.7), (0.2, 0.6))
    sheet = _colour(rng, (0, 1), (0, 0.1), (0.8, 0.98))
    blanket = _colour(rng, (0, 1), (0.2, 0.85), (0.35, 0.95))
    floor = canvas.floor()

    def across(y: float, width: float = 1.0) -> Range:
        """The left and right edges of the bed's surface at this height; width: fraction of its width."""
        reach = width * half * (0.8 + 0.2 * (y - head) / (foot - head))
        return centre - reach, centre + reach

    def strip(y: float, height: float) -> Box:
        """A box as wide as the bed's surface at y, of that height downwards, or upwards if negative."""
        return across(y)[0], min(y, y + height), across(y)[1], max(y, y + height)

    def surface(start: float, colour: Colour) -> None:
        (a, b), (c, d) = across(start), across(foot)
        canvas.polygon([(a, start), (b, start), (d, foot), (c, foot)], colour)

    left, right = across(foot)
    canvas.oval((left - 0.05, foot - 0.08, right + 0.05, ground + 0.04), _scaled(floor, 0.65))  # shadow
    canvas.box(strip(head, -rng.uniform(0.08, 0.18)), wood)  # headboard
    surface(head, sheet)
    canvas.box(strip(foot, ground - foot), wood)
    _draw_pillows(canvas, rng, across, head)
    fold = head + rng.uniform(0.35, 0.55) * (foot - head)
    surface(fold, blanket)
    canvas.box(strip(fold, 0.025), _scaled(blanket, 1.25))  # turned back
    canvas.box(strip(foot, 0.7 * (ground - foot)), _scaled(blanket, 0.75))  # hanging over the foot


def _draw_pillows(canvas: _Canvas, rng: np.random.Generator, across: Callable[..., Range], head: float) -> None:
    pillow = _colour(rng, (0, 1), (0, 0.25), (0.85, 1))
    left, right = across(head, 0.9)
    count = int(rng.integers(1, 3))
    width = (right - left) / 2
    start = left if count == 2 else left + width / 2
    for i in range(count):
        edge = start + i * width
        canvas.oval((edge + 0.005, head - 0.035, edge + width - 0.005, head + 0.06), _scaled(pillow, 0.85))
        canvas.oval((edge + 0.01, head - 0.035, edge + width - 0.01, head + 0.045), pillow)


def _light(rng: np.random.Generator, window: Box, resolution: int) -> np.ndarray:
    """[R,R,3] the factor of brightness: highest at the window, lower away from it, slightly warm."""
    left, top, right, bottom = window
    coordinates = (np.arange(resolution, dtype=np.float32) + 0.5) / resolution
    distance = np.square(coordinates[None, :] - (left + right) / 2) + np.square(coordinates[:, None] - (top + bottom) / 2)
    glow = np.exp(-distance / (2 * rng.uniform(0.3, 0.6) ** 2))
    ambient = rng.uniform(0.45, 0.75)
    warmth = 1 + rng.uniform(-0.04, 0.1) * np.array([1, 0.2, -1], dtype=np.float32)
    return (ambient + (1.1 - ambient) * glow)[:, :, None] * warmth
