"""The interface of all readers: the pictures of one source by their indices, in an order that never changes.

Pictures are read by index, not in sequence, so a stream can start anywhere without decoding the pictures before.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from core.errors import ConfigError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"}
RUN_LENGTH = 64  # pictures of an archive that a stream reads one after another: about 6 MB of photographs


def is_picture(name: str) -> bool:
    """Whether the file's name has the suffix of a picture."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


class Reader:
    """The pictures 0 to len - 1 of one source. Several threads may read at the same time."""

    source = ""  # its path, for messages
    left_out: tuple[str, ...] = ()  # what of the source is not read, and why
    run_length = 1  # pictures that should be read one after another, since they are neighbours on the disk

    def __len__(self) -> int:
        raise NotImplementedError

    def name(self, index: int) -> str:
        """The picture's path inside the source, with forward slashes."""
        raise NotImplementedError

    def read(self, index: int) -> bytes | np.ndarray:
        """The encoded picture, or its pixels, uint8 [3,H,W]. Raises PictureError if it cannot be read."""
        raise NotImplementedError

    def file_labels(self) -> Sequence[str | int]:
        """The label of each picture, a class name or number, from the source's own files.

        Raises ConfigError if the source has no labels, or not for all pictures.
        """
        raise ConfigError(f'{self.source} has no labels of its own: give its source a label, or labels = "folders".')

    def folder_labels(self) -> list[str]:
        """The name of the folder of each picture. Raises ConfigError for a picture that is in no folder."""
        folders = [PurePosixPath(self.name(index)).parent.name for index in range(len(self))]
        if "" in folders:
            name = self.name(folders.index(""))
            raise ConfigError(f'{self.source} has {name} outside any folder, so labels = "folders" cannot be.')
        return folders
