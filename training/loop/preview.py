"""What a model can do so far: denoising errors on held-out pictures, and a sheet of pictures to look at.

Shapes: B pictures, C channels, R side.
"""

import numpy as np
import torch

from core.card import ModelCard
from core.edit_schedules import edit_sigmas
from core.images import to_uint8, write_png
from core.noise import SeededNoise
from core.sampling import paint, sample
from core.strokes import paint_sigmas, strokes_from_photo

ERROR_SIGMAS = (0.12, 0.25, 0.5, 1.0, 2.0, 4.0)
ERROR_PICTURES = 64
SHEET_PICTURES = 8
DENOISER_STEPS = 16  # from noise, at least: in the few steps that paint a denoiser makes no picture of noise


class Preview:
    """Looks at a trainer's first average, always with the same pictures and the same noise."""

    def __init__(self, trainer):
        self.trainer = trainer
        pixels, labels = self._pictures()
        self.photos = pixels.float().div(127.5).sub(1)
        self.labels = labels if trainer.config.classes else None

    def _pictures(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The first held-out pictures, or some of the training set where none are held out."""
        held_out, feed = self.trainer.validation, self.trainer.feed
        if held_out is not None:
            return held_out.pixels[:ERROR_PICTURES], held_out.labels[:ERROR_PICTURES]
        return feed.sample(min(ERROR_PICTURES, len(feed)))

    def errors(self) -> dict[str, float]:
        """Mean squared error of the clean estimate at fixed noise levels, by name `error_SIGMA`."""
        model = self.trainer.average_model()
        noise = SeededNoise(range(len(self.photos))).draw(0, tuple(self.photos.shape[1:]), self.photos.device)
        with torch.inference_mode():
            return {
                f"error_{sigma}": float(
                    (model(self.photos + sigma * noise, sigma, self.labels) - self.photos).square().mean()
                )
                for sigma in ERROR_SIGMAS
            }

    def sheet(self) -> None:
        """samples/KIMG.png: rows of photographs, their strokes, strokes painted over with 1, 2 and more steps, and
        pictures from noise in as many as the model is made for."""
        model = self.trainer.average_model()
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
        folder = self.trainer.folder / "samples"
        folder.mkdir(exist_ok=True)
        write_png(folder / f"{self.trainer.seen // 1000:06d}.png", sheet)

    def _strokes(self, photos: torch.Tensor) -> torch.Tensor:
        painted = np.stack([strokes_from_photo(photo) for photo in to_uint8(photos)])
        return torch.from_numpy(painted).permute(0, 3, 1, 2).float().div(127.5).sub(1).to(photos.device)


def levels_from_noise(card: ModelCard) -> list[float]:
    """The noise levels of pictures from noise: those that the card names, in as many steps as it is made for.

    A denoiser whose card names none gets DENOISER_STEPS at least.
    """
    denoiser = card.parameterisation == "edm" and not card.levels("generate")
    return edit_sigmas(card, "generate", max(card.default_steps, DENOISER_STEPS) if denoiser else card.default_steps)
