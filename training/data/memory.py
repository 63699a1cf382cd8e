"""Training pictures in memory, decoded once into one uint8 tensor, and the order in which batches take them.

Shapes: N pictures, C channels, R pixels along each side, B pictures in a batch.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.errors import ConfigError, PictureError
from training.config import Source
from training.data.dataset import PictureSet

AT_A_TIME = 1024  # pictures that are queued for decoding


@dataclass
class Pictures:
    """All pictures of a data set: pixels [N,C,R,R] uint8 and labels [N].

    broken: the names of files that did not open. left_out: what was not read at all, and why. identity: what tells the
    set from others (`PictureSet.identity`).
    """

    pixels: Tensor
    labels: Tensor
    broken: tuple[str, ...]
    left_out: tuple[str, ...]
    identity: dict[str, int | str]

    def __len__(self) -> int:
        return len(self.pixels)

    def to(self, device: torch.device) -> "Pictures":
        """The same pictures and labels on that device."""
        return replace(self, pixels=self.pixels.to(device), labels=self.labels.to(device))

    def messages(self) -> list[str]:
        """For the log: what was left out, and why."""
        return left_out_messages(self.left_out) + [f"left out, does not open: {name}" for name in self.broken]


def left_out_messages(left_out: Iterable[str]) -> list[str]:
    """Messages for the log about folders that are not read."""
    return [f"left out, {line}" for line in left_out]


def load_pictures(
    root: str | Path, sources: tuple[Source, ...], classes: tuple[str, ...], resolution: int, square: str = "box"
) -> Pictures:
    """Decode every picture of the sources to a square of `resolution` pixels (training/data/crop.py).

    Files that do not open are left out and named in the result. Raises ConfigError for a source that is missing or
    empty, and if no file opens.
    """
    pictures = PictureSet(root, sources, classes, resolution, square=square)
    pixels = np.empty((len(pictures), 3, resolution, resolution), dtype=np.uint8)
    opened = np.zeros(len(pictures), dtype=bool)

    def decode(index: int) -> None:
        try:
            pixels[index] = pictures.pixels(index)
            opened[index] = True
        except PictureError:
            pass

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(pictures), AT_A_TIME):
            list(pool.map(decode, range(start, min(start + AT_A_TIME, len(pictures)))))
    if not opened.any():
        raise ConfigError(f"None of the {len(pictures)} files under {root} opens as a picture.")
    broken = tuple(pictures.name(int(index)) for index in np.flatnonzero(~opened))
    if broken:
        pixels = pixels[opened]
    identity = pictures.identity(np.flatnonzero(opened).tolist())
    labels = torch.from_numpy(pictures.labels[opened])
    return Pictures(torch.from_numpy(pixels), labels, broken, pictures.left_out, identity)


def batch_indices(count: int, batch: int, seen: int, seed: int) -> Tensor:
    """[B] the indices of the `batch` pictures that follow after `seen` pictures, among `count`.

    Every epoch is a random permutation that depends on (seed, epoch) alone.
    """
    parts = []
    for epoch in range(seen // count, (seen + batch - 1) // count + 1):
        start, end = seen - epoch * count, seen + batch - epoch * count
        parts.append(_permutation(count, seed, epoch)[max(start, 0) : end])
    return torch.cat(parts)


@lru_cache(maxsize=4)
def _permutation(count: int, seed: int, epoch: int) -> Tensor:
    rng = np.random.Generator(np.random.Philox(key=[seed, epoch]))
    return torch.from_numpy(rng.permutation(count))


def step_seed(seed: int, seen: int) -> int:
    """A seed of 63 bits for all random numbers of the step after `seen` pictures."""
    return int(np.random.SeedSequence([seed, seen]).generate_state(1, np.uint64)[0] >> 1)
