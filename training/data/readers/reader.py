"""What every reader offers: the pictures of one place by their numbers, in an order that never changes.

Numbers, not a sequence to run through: so a stream can begin anywhere without decoding what lies before.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from core.errors import ConfigError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"}
IN_A_ROW = 64  # pictures of an archive that a stream reads one after another: about 6 MB of photographs


def is_picture(name: str) -> bool:
    """Whether a file's name ends as that of a picture."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


class Reader:
    """Pictures 0 .. len - 1 of one place. May be read by several threads at a time."""

    place = ""  # what people call it: a path
    in_a_row = 1  # pictures that are better read one after another, because they lie so on the disk

    def __len__(self) -> int:
        raise NotImplementedError

    def name(self, index: int) -> str:
        """The picture's file name inside the place, folders included, with forward slashes."""
        raise NotImplementedError

    def read(self, index: int) -> bytes | np.ndarray:
        """An encoded picture, or uint8 [3,H,W]. Raises PictureError if it cannot be read."""
        raise NotImplementedError

    def file_labels(self) -> Sequence[str | int]:
        """What the place itself says of the class of each picture: names or numbers. Raises ConfigError."""
        raise ConfigError(f'{self.place} has no labels of its own: give its source a label, or labels = "folders".')

    def folder_labels(self) -> list[str]:
        """The names of the folders that the pictures lie in. Raises ConfigError for pictures outside any folder."""
        folders = [PurePosixPath(self.name(index)).parent.name for index in range(len(self))]
        if "" in folders:
            name = self.name(folders.index(""))
            raise ConfigError(f'{self.place} has {name} outside any folder, so labels = "folders" cannot be.')
        return folders
