"""Draws a painted example without a browser, by Pillow and OpenCV, as app/web/static/surface/draw.js does.

It is drawn larger and made smaller, so its edges are as soft as those of the canvas. Along them the two differ by a
level or two.
"""

from collections.abc import Sequence
from itertools import pairwise
from operator import mul

import cv2
import numpy as np
from PIL import Image, ImageColor, ImageDraw

SIDE = 256  # the paper, in the units of the operations
SCALE = 3  # the drawing is this many times larger
PAPER = ("#d9d0c3", "#c3a988", 176)  # colours of wall and floor, first row of the floor
TOLERANCE = 40  # levels: how much a filled pixel may differ from the clicked one in a channel
CURVE = 6  # straight pieces that a curve is drawn in


def render_painting(painting: dict) -> Image.Image:
    """{"paper", "ops"} of an example to a 256x256 RGB picture."""
    paper = _lay_paper(painting.get("paper", PAPER))
    sheet = paper.copy()
    for op in painting["ops"]:
        sheet = _apply(sheet, op, paper)
    return sheet.resize((SIDE, SIDE), Image.Resampling.BOX)


def _lay_paper(paper: Sequence) -> Image.Image:
    wall, floor, horizon = paper
    sheet = Image.new("RGB", (SIDE * SCALE, SIDE * SCALE), wall)
    sheet.paste(floor, (0, round(horizon * SCALE), SIDE * SCALE, SIDE * SCALE))
    return sheet


def _apply(sheet: Image.Image, op: dict, paper: Image.Image) -> Image.Image:
    """The sheet after one operation: "brush", "eraser" or "fill"."""
    if op["tool"] == "fill":
        return _fill(sheet, op["point"], op["color"])
    ink = paper if op["tool"] == "eraser" else Image.new("RGB", sheet.size, op["color"])
    return Image.composite(ink, sheet, _stroke_mask(op["points"], op["size"]))


def _stroke_mask(points: Sequence[Sequence[float]], size: float) -> Image.Image:
    """The mask of a round brush along the points (x, y) or (x, y, factor of the brush's size)."""
    mask = Image.new("L", (SIDE * SCALE, SIDE * SCALE))
    draw = ImageDraw.Draw(mask)
    path = _curve([(x * SCALE, y * SCALE, size * SCALE * (rest[0] if rest else 1)) for x, y, *rest in points])
    if all(len(point) == 2 for point in points):
        draw.line([(x, y) for x, y, _ in path], fill=255, width=round(size * SCALE), joint="curve")
    else:
        for (x0, y0, _), (x1, y1, width) in pairwise(path):
            draw.line((x0, y0, x1, y1), fill=255, width=round(width))
    for x, y, width in path:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return mask


def _curve(points: list[tuple]) -> list[tuple]:
    """Curves through the middles of the segments, each point the control point of its corner."""
    path = [points[0]]
    for at in range(len(points) - 1):
        start, corner = path[-1], points[at]
        end = tuple((a + b) / 2 for a, b in zip(points[at], points[at + 1], strict=True))
        for step in range(1, CURVE + 1):
            t = step / CURVE
            weights = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
            path.append(tuple(sum(map(mul, weights, parts)) for parts in zip(start, corner, end, strict=True)))
    return [*path, points[-1]]


def _fill(sheet: Image.Image, point: Sequence[float], color: str) -> Image.Image:
    """Fills the connected pixels around the point whose colour differs from its colour by at most TOLERANCE."""
    pixels = np.array(sheet)
    at = tuple(int(v * SCALE) for v in point)
    limit = (TOLERANCE,) * 3
    cv2.floodFill(pixels, None, at, ImageColor.getrgb(color), limit, limit, flags=4 | cv2.FLOODFILL_FIXED_RANGE)
    return Image.fromarray(pixels)
