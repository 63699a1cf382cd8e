"""Sheets of the edits: the input, the results, and the original.

A sheet for each edit, a row for each of the example pictures (held out from training), at the model's own size, with
the edit's usual number of steps, twice as many, and the paper's 40 levels. Seed 0 throughout; nothing is picked by
hand.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

import core
from app.edits.registry import EDITS as SPECS
from app.gallery.paintings import grid
from core.edit_schedules import edit_sigmas
from core.first_guess import enlarged, filled, grey
from core.models import ScaledModel

PHOTOS = Path(__file__).resolve().parents[2] / "assets" / "photos"
FACTOR = 4
NOISE = 0.3  # sigma of the denoising example
BLUR = 2.0  # pixels, of the deblurring example
LOOK = "render"  # what the example pictures are


def hole(side: int) -> Tensor:
    """A mask [1,1,R,R] with a square hole (1) in the middle. side: R."""
    mask = torch.zeros(1, 1, side, side)
    inside = slice(side * 5 // 16, side * 11 // 16)
    mask[:, :, inside, inside] = 1
    return mask


def inpaint(photo: Tensor) -> tuple[Tensor, core.Constraint, Tensor]:
    """Of a photo [1,3,R,R]: the input to show (hole in grey) [1,3,R,R], the constraint, and the start [1,3,R,R]."""
    mask = hole(photo.shape[-1])
    return torch.where(mask == 1, torch.zeros_like(photo), photo), core.Inpaint(photo, mask), filled(photo, mask)


def colorize(photo: Tensor) -> tuple[Tensor, core.Constraint, Tensor]:
    """Of a photo [1,3,R,R]: the input in grey [1,3,R,R], the constraint, and the same grey as the start."""
    constraint = core.Colorize(photo)
    return grey(constraint), constraint, grey(constraint)


def super_resolve(photo: Tensor) -> tuple[Tensor, core.Constraint, Tensor]:
    """Of a photo [1,3,R,R]: the input in square pixels [1,3,R,R], the constraint, and a smooth start."""
    small = F.avg_pool2d(photo, FACTOR)
    constraint = core.SuperResolve(small, FACTOR)
    return F.interpolate(small, scale_factor=FACTOR, mode="nearest"), constraint, enlarged(constraint)


EDITS: dict[str, Callable[[Tensor], tuple[Tensor, core.Constraint, Tensor]]] = {
    "inpaint": inpaint,
    "colorize": colorize,
    "super-resolve": super_resolve,
}


def edit_sheet(model: ScaledModel, name: str) -> np.ndarray:
    """[H,W,3] uint8. Columns: input, the usual steps, twice as many, the paper's 40, original."""
    usual = SPECS[name].steps
    levels = [edit_sigmas(model.card, name, steps) for steps in (usual, 2 * usual)]
    levels.append(edit_sigmas(model.card, name, 40, "paper"))
    rows = []
    for photo in example_photos(model):
        shown, constraint, start = EDITS[name](photo)
        noise, labels = core.SeededNoise([0]), model.labels(_look(model), 1)
        results = [core.edit(model, constraint, sigmas, noise, start=start, labels=labels) for sigmas in levels]
        rows.append([_image(x) for x in (shown, *results, photo)])
    return grid(rows)


def denoise_sheet(model: ScaledModel) -> np.ndarray:
    """[H,W,3] uint8. Columns: input, one evaluation, original."""
    rows = []
    for photo in example_photos(model):
        noisy = photo + NOISE * core.SeededNoise([0]).draw(0, model.shape)
        rows.append(
            [_image(x) for x in (noisy, core.denoise(model, noisy, NOISE, labels=model.labels(_look(model), 1)), photo)]
        )
    return grid(rows)


def deblur_sheet(model: ScaledModel) -> np.ndarray:
    """[H,W,3] uint8. Columns: input, the usual steps, original."""
    rows = []
    for photo in example_photos(model):
        given = core.blurred(photo, BLUR)
        constraint = core.Deblur(given, BLUR)
        noise, labels = core.SeededNoise([0]), model.labels(_look(model), 1)
        sigmas = edit_sigmas(model.card, "deblur", SPECS["deblur"].steps)
        sharp = core.edit(model, constraint, sigmas, noise, start=constraint.apply(given), labels=labels)
        rows.append([_image(x) for x in (given, sharp, photo)])
    return grid(rows)


def interpolation_sheet(model: ScaledModel, frames: int = 7) -> np.ndarray:
    """[H,W,3] uint8. One row of pictures, from noises on the arc between those of seeds 1 and 2."""
    first, second = (core.SeededNoise([seed]).draw(0, model.shape) for seed in (1, 2))
    sigmas = edit_sigmas(model.card, "interpolate", 4)
    labels = model.labels(_look(model), 1)
    row = []
    for k in range(frames):
        start = sigmas[0] * (core.slerp(first, second, k / (frames - 1)) - first)
        row.append(_image(core.edit(model, core.Nothing(), sigmas, core.SeededNoise([1]), start=start, labels=labels)))
    return grid([row])


def example_photos(model: ScaledModel) -> list[Tensor]:
    """The example pictures, [1,3,R,R] each."""
    return [core.to_model(core.read_image(path), model.card.resolution) for path in sorted(PHOTOS.glob("*.jpg"))]


def _look(model: ScaledModel) -> str | None:
    return LOOK if LOOK in model.card.classes else None


def _image(x: Tensor) -> Image.Image:
    return Image.fromarray(core.to_uint8(x)[0])


def edit_sheets(model: ScaledModel) -> dict[str, np.ndarray]:
    """A sheet [H,W,3] uint8 for each edit, by the name of its file."""
    sheets = {f"edit-{name}": edit_sheet(model, name) for name in EDITS}
    sheets |= {"edit-denoise": denoise_sheet(model), "edit-deblur": deblur_sheet(model)}
    return sheets | {"edit-interpolate": interpolation_sheet(model)}
