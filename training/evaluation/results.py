"""The pictures of a model that is evaluated: over paintings and from noise.

Shapes: N pictures, R side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

import core
from core.edit_schedules import edit_sigmas
from core.models import ScaledModel

BATCH = 32
STRENGTH = 0.5


@dataclass(frozen=True)
class Results:
    """Makes pictures [N,R,R,3] uint8 of the class "photo", or of the only one, at the levels of a card."""

    model: ScaledModel
    card: core.ModelCard  # the model's, perhaps with other rules

    def painted(self, paintings: np.ndarray, steps: int, seeds: Sequence[int]) -> np.ndarray:
        """Paintings [N,R,R,3] uint8 painted over at strength 0.5."""
        return self.made(core.paint_sigmas(self.card, STRENGTH, steps), seeds, paintings)

    def from_noise(self, steps: int, seeds: Sequence[int]) -> np.ndarray:
        return self.made(edit_sigmas(self.card, "generate", steps), seeds)

    def made(self, sigmas: list[float], seeds: Sequence[int], paintings: np.ndarray | None = None) -> np.ndarray:
        """One picture for each seed at these levels, over paintings or from noise."""
        look = "photo" if "photo" in self.card.classes else None
        made = []
        for first in range(0, len(seeds), BATCH):
            noise = core.SeededNoise(seeds[first : first + BATCH])
            given = {"labels": self.model.labels(look, len(noise)), "rules": self.card.sampling}
            if paintings is None:
                x0 = core.sample(self.model, sigmas, noise, **given)
            else:
                strokes = _in_model_range(paintings[first : first + BATCH])
                x0 = core.paint(self.model, strokes, sigmas, noise, **given)
            made.append(core.to_uint8(x0))
        return np.concatenate(made)


def _in_model_range(pictures: np.ndarray) -> torch.Tensor:
    return torch.cat([core.to_model(picture) for picture in pictures])
