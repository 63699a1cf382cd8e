"""`python -m app.gallery [--out docs/images]`: the example paintings and what the bundled model makes of them.

One sheet a look: a row for each example, with the strokes, then 1, 2 and 4 steps, always with the page's first seed.
One sheet from noise: seeds 1 to 16 in one step, then the same in four. Nothing is picked by hand.
"""

import argparse
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import core
from app.__main__ import DEFAULT_MODEL, model_path
from app.examples import load_examples
from app.load import interactive_threads
from app.painting import render_painting
from app.tabs.paint import SEED, STRENGTH
from core.edit_schedules import edit_sigmas
from core.images import write_whole
from core.runtime import use_threads

STEPS = (1, 2, 4)
FROM_NOISE_STEPS = (1, 4)
FROM_NOISE_SEEDS = range(1, 17)
COLUMNS = 8  # of the sheet from noise
SIDE = 192  # of a picture on the sheet, in pixels
GAP = 8


def sheet(model, look: str | None) -> np.ndarray:
    """[H,W,3] uint8: a row for each example."""
    return grid([_row(model, render_painting(example), look) for example in load_examples()])


def _row(model, painting: Image.Image, look: str | None) -> list[Image.Image]:
    start = core.to_model(painting, resolution=model.card.resolution)
    labels = model.labels(look, 1)
    cells = [painting]
    for steps in STEPS:
        sigmas = core.paint_sigmas(model.card, STRENGTH, steps)
        x0 = core.paint(model, start, sigmas, core.SeededNoise([SEED]), labels=labels)
        cells.append(Image.fromarray(core.to_uint8(x0)[0]))
    return cells


def grid(rows: list[list[Image.Image]]) -> np.ndarray:
    """One picture [H,W,3] of rows of pictures, each enlarged alike."""
    step = SIDE + GAP
    sheet = Image.new("RGB", (len(rows[0]) * step - GAP, len(rows) * step - GAP), "white")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.paste(cell.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (c * step, r * step))
    return np.asarray(sheet)


def noise_sheet(model) -> np.ndarray:
    """[H,W,3] uint8: rows of pictures from noise in the card's first look, all seeds for each number of steps."""
    look = model.card.classes[0] if model.card.classes else None
    labels = model.labels(look, len(FROM_NOISE_SEEDS))
    cells = []
    for steps in FROM_NOISE_STEPS:
        sigmas = edit_sigmas(model.card, "generate", steps)
        x0 = core.sample(model, sigmas, core.SeededNoise(FROM_NOISE_SEEDS), labels=labels)
        cells += map(Image.fromarray, core.to_uint8(x0))
    return grid([cells[first : first + COLUMNS] for first in range(0, len(cells), COLUMNS)])


def example_sheets(model) -> dict[str, np.ndarray]:
    """A sheet for each look and one from noise, by its file's name."""
    looks = {f"examples-{look or 'all'}": sheet(model, look) for look in model.card.classes or (None,)}
    return looks | {"from-noise": noise_sheet(model)}


def write_sheets(program: str, description: str, sheets: Callable[[Any], dict[str, np.ndarray]]) -> None:
    """The command line of this page of pictures and of its like: load a model in float32, write NAME.webp for each.

    WebP, since every new model brings new sheets: as PNG they are six times as large.
    """
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    options = parser.parse_args()
    use_threads(interactive_threads())
    model = core.load_model(model_path(options.model), "cpu", "float32")
    options.out.mkdir(parents=True, exist_ok=True)
    for name, pixels in sheets(model).items():
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "WEBP", quality=90, method=6)
        print(write_whole(options.out / f"{name}.webp", file.getvalue()))


if __name__ == "__main__":
    write_sheets("python -m app.gallery", __doc__, example_sheets)
