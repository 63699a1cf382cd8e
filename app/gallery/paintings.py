"""The example paintings and what the bundled model makes of them, and its pictures from noise.

One sheet a look: a row for each example, with the strokes, then 1, 2 and 4 steps, always with the page's first seed.
One sheet from noise: seeds 1 to 16 in one step, then the same in four. Nothing is picked by hand.
"""

import numpy as np
from PIL import Image

import core
from app.edits.registry import PAINT
from app.edits.spec import PAGE_SEED
from app.examples import load_examples
from app.gallery.render import render_painting
from core.edit_schedules import edit_sigmas
from core.models import ScaledModel

STEPS = (1, 2, 4)
FROM_NOISE_STEPS = (1, 4)
FROM_NOISE_SEEDS = range(1, 17)
COLUMNS = 8  # of the sheet from noise
SIDE = 192  # of a picture on the sheet, in pixels
GAP = 8  # pixels between two pictures


def sheet(model: ScaledModel, look: str | None) -> np.ndarray:
    """[H,W,3] uint8: a row for each example."""
    return grid([_row(model, render_painting(example), look) for example in load_examples()])


def _row(model: ScaledModel, painting: Image.Image, look: str | None) -> list[Image.Image]:
    start = core.to_model(painting, resolution=model.card.resolution)
    labels = model.labels(look, 1)
    cells = [painting]
    for steps in STEPS:
        sigmas = core.paint_sigmas(model.card, PAINT["strength"].default, steps)
        x0 = core.paint(model, start, sigmas, core.SeededNoise([PAGE_SEED]), labels=labels)
        cells.append(Image.fromarray(core.to_uint8(x0)[0]))
    return cells


def grid(rows: list[list[Image.Image]]) -> np.ndarray:
    """Rows of pictures as one picture [H,W,3] uint8; each of them is resized to SIDE x SIDE."""
    step = SIDE + GAP
    sheet = Image.new("RGB", (len(rows[0]) * step - GAP, len(rows) * step - GAP), "white")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.paste(cell.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (c * step, r * step))
    return np.asarray(sheet)


def noise_sheet(model: ScaledModel) -> np.ndarray:
    """[H,W,3] uint8: rows of pictures from noise in the card's first look, all seeds for each number of steps."""
    look = model.card.classes[0] if model.card.classes else None
    labels = model.labels(look, len(FROM_NOISE_SEEDS))
    cells: list[Image.Image] = []
    for steps in FROM_NOISE_STEPS:
        sigmas = edit_sigmas(model.card, "generate", steps)
        x0 = core.sample(model, sigmas, core.SeededNoise(FROM_NOISE_SEEDS), labels=labels)
        cells += map(Image.fromarray, core.to_uint8(x0))
    return grid([cells[first : first + COLUMNS] for first in range(0, len(cells), COLUMNS)])


def example_sheets(model: ScaledModel) -> dict[str, np.ndarray]:
    """A sheet [H,W,3] uint8 for each look and one from noise, by the name of its file."""
    looks = {f"examples-{look or 'all'}": sheet(model, look) for look in model.card.classes or (None,)}
    return looks | {"from-noise": noise_sheet(model)}
