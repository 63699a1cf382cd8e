"""The pictures that a model makes for its evaluation: over paintings and from noise.

Shapes: N pictures, R pixels along each side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

import core
from core.edit_schedules import edit_sigmas
from core.models import ScaledModel

BATCH = 32  # pictures
STRENGTH = 0.5  # of painting, 0 to 1


@dataclass(frozen=True)
class Results:
    """Makes pictures of the class "photo", or of the first class without one, by the rules of a card."""

    model: ScaledModel
    card: core.ModelCard  # the model's own, or with other sampling rules

    def painted(self, paintings: np.ndarray, steps: int, seeds: Sequence[int]) -> np.ndarray:
        """[N,R,R,3] uint8: the results of paintings [N,R,R,3] uint8 at strength 0.5."""
        return self.sampled(core.paint_sigmas(self.card, STRENGTH, steps), seeds, paintings)

    def from_noise(self, steps: int, seeds: Sequence[int]) -> np.ndarray:
        """[N,R,R,3] uint8: a picture from noise for each of N seeds."""
        return self.sampled(edit_sigmas(self.card, "generate", steps), seeds)

    def sampled(self, sigmas: list[float], seeds: Sequence[int], paintings: np.ndarray | None = None) -> np.ndarray:
        """[N,R,R,3] uint8: a picture for each of N seeds, at these noise levels, over paintings or from noise."""
        look = "photo" if "photo" in self.card.classes else None
        batches = []
        for first in range(0, len(seeds), BATCH):
            noise = core.SeededNoise(seeds[first : first + BATCH])
            settings = {"labels": self.model.labels(look, len(noise)), "rules": self.card.sampling}
            if paintings is None:
                x0 = core.sample(self.model, sigmas, noise, **settings)
            else:
                strokes = _in_model_range(paintings[first : first + BATCH])
                x0 = core.paint(self.model, strokes, sigmas, noise, **settings)
            batches.append(core.to_uint8(x0))
        return np.concatenate(batches)


def _in_model_range(pictures: np.ndarray) -> torch.Tensor:
    """[N,3,R,R] float32 in [-1, 1]."""
    return torch.cat([core.to_model(picture) for picture in pictures])
