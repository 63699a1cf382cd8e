"""Paint over strokes: `python -m examples.paint [OUT.png]`. On the left the strokes, on the right the room."""

import sys

import numpy as np
from PIL import Image, ImageDraw

import core


def draw_strokes(side: int) -> Image.Image:
    """A wall, a floor, a window, a bed and its pillows."""
    strokes = Image.new("RGB", (side, side), "#d9cfc1")
    draw = ImageDraw.Draw(strokes)
    draw.rectangle((0, 0.7 * side, side, side), fill="#b98f5f")
    draw.rectangle((0.1 * side, 0.15 * side, 0.35 * side, 0.45 * side), fill="#cfe3f2")
    draw.rectangle((0.4 * side, 0.55 * side, 0.95 * side, 0.85 * side), fill="#3f6ea8")
    draw.rectangle((0.72 * side, 0.55 * side, 0.92 * side, 0.64 * side), fill="#f3eee4")
    return strokes


def main(out: str = "painted.png") -> None:
    model = core.load_model("assets/models/bedroom-128.safetensors")
    strokes = core.to_model(draw_strokes(model.card.resolution))
    sigmas = core.paint_sigmas(model.card, strength=0.5, steps=4)
    x0 = core.paint(model, strokes, sigmas, core.SeededNoise([7]), labels=model.labels("photo", 1))
    core.write_png(out, np.hstack([core.to_uint8(strokes)[0], core.to_uint8(x0)[0]]))
    print(out)


if __name__ == "__main__":
    main(*sys.argv[1:2])
