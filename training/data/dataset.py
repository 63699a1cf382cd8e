"""A data set: the pictures of several sources as one row, decoded when they are asked for.

Shapes: N pictures, R side.
"""

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import ConfigError
from core.images import read_image
from training.config import Source
from training.data.readers.labels import label_numbers
from training.data.readers.places import open_source
from training.data.readers.reader import Reader
from training.data.crop import square_pixels


class PictureSet:
    """Pictures 0 .. N - 1, and `labels` [N], their classes: 0 in a set without classes."""

    def __init__(
        self,
        root: str | Path,
        sources: tuple[Source, ...],
        classes: tuple[str, ...],
        resolution: int,
        *,
        square: str = "box",
        stream: bool = False,
    ):
        """Looks where the pictures are. Raises ConfigError for a source that cannot be used, or not as a stream."""
        self._resolution, self._square = resolution, square
        self._readers: list[Reader] = []
        self._places: list[str] = []
        labels: list[str | int] = []  # one a picture, as its source gives them
        for source in sources:
            for reader in open_source(root, source, resolution, stream=stream):
                self._readers.append(reader)
                self._places.append(_inside(root, reader.place))
                labels += _labels(reader, source, classes)
        self._starts = np.cumsum([0] + [len(reader) for reader in self._readers]).tolist()
        numbers = label_numbers(labels, classes) if classes else [0] * len(labels)
        self.labels = np.array(numbers, dtype=np.int64)

    def __len__(self) -> int:
        return self._starts[-1]

    def name(self, index: int) -> str:
        """For people: the source's path and the file's name in it."""
        reader, number, place = self._find(index)
        return f"{place}: {reader.name(number)}".encode(errors="backslashreplace").decode()

    def pixels(self, index: int) -> np.ndarray:
        """uint8 [3,R,R]. Raises PictureError for a file that is no picture."""
        reader, number, _ = self._find(index)
        content = reader.read(number)
        if isinstance(content, bytes):
            return square_pixels(read_image(content), self._resolution, self._square)
        if content.shape[1:] == (self._resolution, self._resolution):
            return content
        return square_pixels(Image.fromarray(content.transpose(1, 2, 0)), self._resolution, self._square)

    def row_starts(self) -> np.ndarray:
        """The pictures at which rows begin that are better read one after another (Reader.in_a_row), ascending."""
        ranges = zip(self._starts, self._starts[1:], self._readers)
        return np.concatenate([np.arange(start, end, reader.in_a_row) for start, end, reader in ranges])

    def _find(self, index: int) -> tuple[Reader, int, str]:
        number = bisect_right(self._starts, index) - 1
        return self._readers[number], index - self._starts[number], self._places[number]


def _labels(reader: Reader, source: Source, classes: tuple[str, ...]) -> Sequence[str | int]:
    if not source.labels:
        return [source.label or 0] * len(reader)
    if not classes:
        raise ConfigError(f'{reader.place} has labels = "{source.labels}", but network.classes is 0.')
    return reader.folder_labels() if source.labels == "folders" else reader.file_labels()


def _inside(root: str | Path, place: str) -> str:
    path = Path(place)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else place
