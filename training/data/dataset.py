"""A data set: the pictures of several sources, numbered from 0 to N - 1, each decoded when it is needed.

Shapes: N pictures, R pixels along each side.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import ConfigError
from core.pictures.read import read_image
from training.config import Source
from training.data.readers.labels import label_numbers
from training.data.readers.sources import open_source
from training.data.readers.reader import Reader
from training.data.crop import cropped_pixels


class PictureSet:
    """The pictures of several sources. `labels` [N] int64 are their class numbers, 0 in a set without classes."""

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
        """Opens the sources but decodes nothing.

        root: the folder that the sources' paths are relative to. classes: the class names, () for none. resolution: R.
        square: a name in training/data/crop.py. stream: whether pictures are to be decoded during training. Raises
        ConfigError for a source that cannot be used, or not as a stream.
        """
        self._resolution, self._square = resolution, square
        self._readers: list[Reader] = []
        self._names: list[str] = []
        labels: list[str | int] = []  # one for each picture, as its source gives them
        for source in sources:
            for reader in open_source(root, source, resolution, stream=stream):
                self._readers.append(reader)
                self._names.append(_relative(root, reader.source))
                labels += _labels(reader, source, classes)
        self.left_out = tuple(line for reader in self._readers for line in reader.left_out)  # not read, and why
        self._starts = np.cumsum([0] + [len(reader) for reader in self._readers]).tolist()
        numbers = label_numbers(labels, classes) if classes else [0] * len(labels)
        self.labels = np.array(numbers, dtype=np.int64)

    def __len__(self) -> int:
        return self._starts[-1]

    def name(self, index: int) -> str:
        """A name for messages: the path of the source and the name of the file in it."""
        reader, number, source = self._find(index)
        return f"{source}: {reader.name(number)}".encode(errors="backslashreplace").decode()

    def identity(self, indices: Iterable[int]) -> dict[str, int | str]:
        """What tells the pictures at these indices from others: their number, and a digest of names and labels.

        It is the same wherever the set lies.
        """
        digest, count = sha256(), 0
        for count, index in enumerate(indices, start=1):
            reader, number, _ = self._find(index)
            line = f"{reader.name(number)}\0{self.labels[index]}\n"
            digest.update(line.encode(errors="surrogateescape"))
        return {"count": count, "digest": digest.hexdigest()[:16]}

    def pixels(self, index: int) -> np.ndarray:
        """The picture, uint8 [3,R,R]. Raises PictureError for a file that cannot be decoded."""
        reader, number, _ = self._find(index)
        content = reader.read(number)
        if isinstance(content, bytes):
            return cropped_pixels(read_image(content), self._resolution, self._square)
        if content.shape[1:] == (self._resolution, self._resolution):
            return content
        return cropped_pixels(Image.fromarray(content.transpose(1, 2, 0)), self._resolution, self._square)

    def run_starts(self) -> np.ndarray:
        """The indices, ascending, at which runs of consecutive pictures start (Reader.run_length)."""
        ranges = zip(self._starts, self._starts[1:], self._readers)
        return np.concatenate([np.arange(start, end, reader.run_length) for start, end, reader in ranges])

    def _find(self, index: int) -> tuple[Reader, int, str]:
        """The reader of a picture, the picture's number in it, and the name of its source."""
        number = bisect_right(self._starts, index) - 1
        return self._readers[number], index - self._starts[number], self._names[number]


def _labels(reader: Reader, source: Source, classes: tuple[str, ...]) -> Sequence[str | int]:
    """One label for each picture of a reader. Raises ConfigError if the source has labels but the model no classes."""
    if not source.labels:
        return [source.label or 0] * len(reader)
    if not classes:
        raise ConfigError(f'{reader.source} has labels = "{source.labels}", but network.classes is 0.')
    return reader.folder_labels() if source.labels == "folders" else reader.file_labels()


def _relative(root: str | Path, source: str) -> str:
    """The source's path relative to the root, if it is below it."""
    path = Path(source)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else source
