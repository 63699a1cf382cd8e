"""Features that need no network: known answers for what compares pictures by features."""

import numpy as np


class Means:
    """Features that are the mean colour, and a distance that is the mean difference. Pictures: [N,H,W,3] uint8."""

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        return pictures.mean(axis=(1, 2)).astype(np.float64)

    def distances(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.abs(a.astype(float) - b).mean(axis=(1, 2, 3))


def noise(count: int, side: int, *, spread: float = 30.0, seed: int = 0) -> np.ndarray:
    """White noise around grey, [N,R,R,3] uint8."""
    values = 127.5 + spread * np.random.default_rng(seed).standard_normal((count, side, side, 3))
    return values.round().clip(0, 255).astype(np.uint8)
