"""What a model can do so far: denoising errors on held-out pictures, and a sheet of pictures to look at.

Shapes: B pictures, C channels, R side.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.card import ModelCard
from core.edit_schedules import edit_sigmas
from core.images import to_uint8, write_png
from core.models import ScaledModel
from core.noise import SeededNoise
from core.sampling import paint, sample
from core.strokes import paint_sigmas, strokes_from_photo
from training.data.loader import Loader
from training.data.memory import Pictures

ERROR_SIGMAS = (0.12, 0.25, 0.5, 1.0, 2.0, 4.0)
ERROR_PICTURES = 64
SHEET_PICTURES = 8
DENOISER_STEPS = 16  # from noise, at least: in the few steps that paint a denoiser makes no picture of noise


class Preview:
    """Looks at a model always with the same pictures and the same noise."""

    def __init__(self, loader: Loader, held_out: Pictures | None, *, labelled: bool):
        """Takes the first held-out pictures, or some of the training set where none are held out.

        labelled: whether the model is told the classes of the pictures.
        """
        if held_out is None:
            pixels, labels = loader.sample(min(ERROR_PICTURES, len(loader)))
        else:
            pixels, labels = held_out.pixels[:ERROR_PICTURES], held_out.labels[:ERROR_PICTURES]
        self.photos = pixels.float().div(127.5).sub(1)
        self.labels = labels if labelled else None

    def errors(self, model: ScaledModel) -> dict[str, float]:
        """Mean squared error of the clean estimate at fixed noise levels, by name `error_SIGMA`."""
        noise = SeededNoise(range(len(self.photos))).draw(0, tuple(self.photos.shape[1:]), self.photos.device)
        with torch.inference_mode():
            return {
                f"error_{sigma}": float(
                    (model(self.photos + sigma * noise, sigma, self.labels) - self.photos).square().mean()
                )
                for sigma in ERROR_SIGMAS
            }

    def sheet(self, model: ScaledModel, path: Path) -> None:
        """Write a PNG file with rows of photographs, their strokes, strokes painted over in 1, 2 and 8 steps, and
        pictures from noise in as many steps as the model is made for. Raises OSError.
        """
        count = min(SHEET_PICTURES, len(self.photos))
        photos, labels = self.photos[:count], None if self.labels is None else self.labels[:count]
        strokes = self._strokes(photos)
        noise = SeededNoise(range(count))
        rows = [photos, strokes]
        for steps in (1, 2, 8):
            sigmas = paint_sigmas(model.card, 0.5, steps)
            rows.append(paint(model, strokes, sigmas, noise, labels=labels))
        rows.append(sample(model, levels_from_noise(model.card), noise, labels=labels))
        sheet = np.concatenate([np.concatenate(list(to_uint8(row)), axis=1) for row in rows])
        path.parent.mkdir(exist_ok=True)
        write_png(path, sheet)

    def _strokes(self, photos: Tensor) -> Tensor:
        painted = np.stack([strokes_from_photo(photo) for photo in to_uint8(photos)])
        return torch.from_numpy(painted).permute(0, 3, 1, 2).float().div(127.5).sub(1).to(photos.device)


def levels_from_noise(card: ModelCard) -> list[float]:
    """The noise levels of pictures from noise: those that the card names, in as many steps as it is made for.

    A denoiser whose card names none gets DENOISER_STEPS at least.
    """
    denoiser = card.parameterisation == "edm" and not card.levels("generate")
    return edit_sigmas(card, "generate", max(card.default_steps, DENOISER_STEPS) if denoiser else card.default_steps)
