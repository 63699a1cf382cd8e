"""Pictures for training: folders and tar files, decoded once into one uint8 tensor.

Shapes: N pictures, C channels, R side.
"""

import tarfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from core.errors import ConfigError, PictureError
from core.images import read_image
from training.config import Source
from training.made import made_pictures

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"}


@dataclass
class Pictures:
    """All pictures of a data set: pixels [N,C,R,R] uint8 and labels [N]; `broken` names files that did not open."""

    pixels: Tensor
    labels: Tensor
    broken: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pixels)

    def to(self, device: torch.device) -> "Pictures":
        return Pictures(self.pixels.to(device), self.labels.to(device), self.broken)


def load_pictures(root: str | Path, sources: tuple[Source, ...], classes: tuple[str, ...], resolution: int) -> Pictures:
    """Decode every picture of the sources to its central square of that side.

    Files that do not open are counted and named, not fatal. Raises ConfigError for a source that is missing or empty.
    """
    pixels, labels, broken = [], [], []
    with ThreadPoolExecutor() as pool:
        for source in sources:
            label = classes.index(source.label) if source.label else 0
            if source.made:
                pixels.extend(made_pictures(source.made, resolution, seed=0))
                labels.extend([label] * source.made)
                continue
            names, files = zip(*_files(Path(root) / source.path))
            for name, square in zip(names, pool.map(lambda data: _square(data, resolution), files)):
                if square is None:
                    broken.append(f"{source.path}: {name}")
                else:
                    pixels.append(square)
                    labels.append(label)
    if not pixels:
        raise ConfigError(f"None of the {len(broken)} files under {root} opens as a picture.")
    return Pictures(torch.from_numpy(np.stack(pixels)), torch.tensor(labels), tuple(broken))


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every picture file in a folder or tar file, in a fixed order."""
    if path.is_dir():
        found = [(str(p.relative_to(path)), p.read_bytes()) for p in sorted(path.rglob("*")) if _is_picture(p.name)]
    elif path.is_file():
        try:
            with tarfile.open(path) as tar:
                found = [(m.name, tar.extractfile(m).read()) for m in tar if m.isfile() and _is_picture(m.name)]
        except (tarfile.TarError, OSError, EOFError, zlib.error) as error:  # what a cut archive raises
            raise ConfigError(f"{path} is neither a folder nor a readable tar file.") from error
    else:
        raise ConfigError(f"There is no folder or tar file {path}; say where the pictures are with --set data.root=...")
    if not found:
        raise ConfigError(f"{path} holds no pictures ({', '.join(sorted(SUFFIXES))}).")
    return iter(found)


def _is_picture(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES


def _square(data: bytes, resolution: int) -> np.ndarray | None:
    try:
        picture = read_image(data)
    except PictureError:
        return None
    square = ImageOps.fit(picture, (resolution, resolution), Image.Resampling.BOX)
    return np.asarray(square).transpose(2, 0, 1)


def batch_indices(count: int, batch: int, seen: int, seed: int) -> Tensor:
    """Which pictures come next after `seen`: every epoch is a permutation of its own, drawn from (seed, epoch)."""
    epochs = range(seen // count, (seen + batch - 1) // count + 1)
    order = torch.cat([_permutation(count, seed, epoch) for epoch in epochs])
    start = seen - epochs[0] * count
    return order[start : start + batch]


def _permutation(count: int, seed: int, epoch: int) -> Tensor:
    rng = np.random.Generator(np.random.Philox(key=[seed, epoch]))
    return torch.from_numpy(rng.permutation(count))


def step_seed(seed: int, seen: int) -> int:
    """A 63-bit seed for everything random in the step after `seen` pictures."""
    return int(np.random.SeedSequence([seed, seen]).generate_state(1, np.uint64)[0] >> 1)
