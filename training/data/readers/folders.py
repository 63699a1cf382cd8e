"""Picture files in a folder and its subfolders."""

import os
from collections.abc import Sequence
from pathlib import Path

from core.errors import PictureError
from training.data.readers.labels import INDEX_NAME, labels_of_index
from training.data.readers.reader import Reader, is_picture


class FolderReader(Reader):
    """All picture files below a folder, sorted by name, folder by folder."""

    def __init__(self, path: Path):
        self.source, self._path = str(path), path
        self._names = sorted(_files_below(path), key=lambda name: name.split("/"))

    def __len__(self) -> int:
        return len(self._names)

    def name(self, index: int) -> str:
        """The file's path relative to the folder."""
        return self._names[index]

    def read(self, index: int) -> bytes:
        """The content of the file. Raises PictureError if it cannot be read."""
        try:
            return (self._path / self._names[index]).read_bytes()
        except OSError as error:
            raise PictureError(f"The file cannot be read: {error.strerror}.") from error

    def file_labels(self) -> Sequence[str | int]:
        """The labels in the folder's dataset.json. Raises ConfigError if there is none or it lacks pictures."""
        index = self._path / INDEX_NAME
        return labels_of_index(index.read_bytes(), self) if index.is_file() else super().file_labels()


def _files_below(path: Path) -> list[str]:
    """The paths of all pictures, relative to the folder, with forward slashes."""
    names = []
    for folder, _, files in os.walk(path):
        inside = Path(folder).relative_to(path).as_posix()
        names += [name if inside == "." else f"{inside}/{name}" for name in files if is_picture(name)]
    return names
