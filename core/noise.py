"""Noise that belongs to a picture's seed: evaluation k of seed s always gets the same numbers.

Shapes: B pictures, C channels, H rows, W columns.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from core.errors import RequestError

SEED_LIMIT = 2**64


class Noise(Protocol):
    """Noise for the pictures of a walk: for each evaluation its own."""

    def __len__(self) -> int: ...

    def draw(self, evaluation: int, shape_CHW: Sequence[int], device: torch.device | str = "cpu") -> Tensor:
        """Standard normal numbers [B,C,H,W] float32 for that evaluation; 0 is the start of the walk."""


class SeededNoise:
    """Standard normal noise as a function of (seed, evaluation) alone.

    Each picture has its own 64-bit seed. The numbers are drawn on the CPU by a counter-based generator
    (Philox, keyed by seed and evaluation) and moved, so a picture gets the same noise alone or in a batch,
    on every device, whatever was drawn before.
    """

    def __init__(self, seeds: Sequence[int]):
        """Raises RequestError for an empty list and for seeds outside 0 .. 2^64 - 1."""
        if not seeds:
            raise RequestError("At least one seed is needed: one for each picture.")
        for seed in seeds:
            if not 0 <= seed < SEED_LIMIT:
                raise RequestError(f"The seed {seed} is outside the range 0 to {SEED_LIMIT - 1}.")
        self.seeds = tuple(int(seed) for seed in seeds)

    def __len__(self) -> int:
        return len(self.seeds)

    def draw(self, evaluation: int, shape_CHW: Sequence[int], device: torch.device | str = "cpu") -> Tensor:
        """Noise [B,C,H,W] float32 for the given evaluation (0 is the start) of every seed."""
        pictures = [self._one(seed, evaluation, shape_CHW) for seed in self.seeds]
        return torch.from_numpy(np.stack(pictures)).to(device)

    @staticmethod
    def _one(seed: int, evaluation: int, shape_CHW: Sequence[int]) -> np.ndarray:
        key = np.array([seed, evaluation], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=key)).standard_normal(tuple(shape_CHW), dtype=np.float32)
