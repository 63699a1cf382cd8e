"""Pictures that are already in memory.

Shapes: N pictures, H rows, W columns.
"""

from collections.abc import Sequence

import numpy as np

from training.data.readers.reader import Reader


class ArrayReader(Reader):
    """Pictures of an array."""

    def __init__(self, source: str, pixels: np.ndarray, labels: list[int] | None = None):
        """source: a name for messages. pixels: uint8 [N,3,H,W]. labels: N class numbers, None without."""
        self.source, self._pixels, self._labels = source, pixels, labels

    def __len__(self) -> int:
        return len(self._pixels)

    def name(self, index: int) -> str:
        """The index, in six digits."""
        return f"{index:06d}"

    def read(self, index: int) -> np.ndarray:
        """uint8 [3,H,W]."""
        return self._pixels[index]

    def file_labels(self) -> Sequence[str | int]:
        """The labels that were given. Raises ConfigError if there are none."""
        return super().file_labels() if self._labels is None else self._labels
