"""Pictures that are in memory already."""

from collections.abc import Sequence

import numpy as np

from training.data.readers.reader import Reader


class ArrayReader(Reader):
    """uint8 [N,3,H,W], with labels if there are any."""

    def __init__(self, place: str, pixels: np.ndarray, labels: list[int] | None = None):
        self.place, self._pixels, self._labels = place, pixels, labels

    def __len__(self) -> int:
        return len(self._pixels)

    def name(self, index: int) -> str:
        return f"{index:06d}"

    def read(self, index: int) -> np.ndarray:
        return self._pixels[index]

    def file_labels(self) -> Sequence[str | int]:
        return super().file_labels() if self._labels is None else self._labels
