"""Picture files in a folder and its subfolders."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import ConfigError, PictureError
from core.files import read_regular
from core.pictures.read import picture_bytes
from training.data.readers.labels import INDEX_NAME, index_limit, labels_of_index
from training.data.readers.reader import Reader, is_picture


class FolderReader(Reader):
    """All picture files below a folder, sorted by name, folder by folder.

    Links to folders are followed, and every real folder is read once. Hidden folders are left out.
    """

    def __init__(self, path: Path):
        self.source, self._path = str(path), path
        left_out: list[str] = []
        self._names = sorted(_files_below(path, left_out), key=lambda name: name.split("/"))
        self.left_out = tuple(left_out)

    def __len__(self) -> int:
        return len(self._names)

    def name(self, index: int) -> str:
        """The file's path relative to the folder."""
        return self._names[index]

    def read(self, index: int) -> bytes:
        """The content of the file. Raises PictureError if it cannot be read."""
        return picture_bytes(self._path / self._names[index])

    def file_labels(self) -> Sequence[str | int]:
        """The labels in the folder's dataset.json. Raises ConfigError if there is none or it lacks pictures."""
        index = self._path / INDEX_NAME
        if not index.exists():
            return super().file_labels()
        try:
            return labels_of_index(read_regular(index, index_limit(len(self))), self)
        except OSError as error:
            raise ConfigError(f"{index} cannot be read: {error.strerror}.") from error


def _files_below(path: Path, left_out: list[str]) -> Iterator[str]:
    """The paths of all pictures, relative to the folder, with forward slashes. What is not read goes to `left_out`.

    Links wait until all real folders are read, so that a folder is read under its own name where it has one here.
    """
    seen: set[tuple[int, int]] = set()
    roots = [path]
    for root in roots:
        if not _is_new(root, seen, left_out):
            continue
        for folder, names, files in os.walk(root, onerror=lambda error: left_out.append(_unread(error))):
            inside = Path(folder).relative_to(path).as_posix()
            yield from (name if inside == "." else f"{inside}/{name}" for name in files if is_picture(name))
            paths = [Path(folder, name) for name in sorted(names)]
            left_out += [f"{below}: it is a hidden folder" for below in paths if below.name.startswith(".")]
            shown = [below for below in paths if not below.name.startswith(".")]
            roots += [below for below in shown if below.is_symlink()]
            names[:] = [below.name for below in shown if not below.is_symlink() and _is_new(below, seen, left_out)]


def _is_new(folder: Path, seen: set[tuple[int, int]], left_out: list[str]) -> bool:
    """Whether a folder is there and was not read under any name yet. It counts as read then."""
    try:
        found = folder.stat()
    except OSError as error:  # it has gone since it was listed, or may not be seen
        left_out.append(_unread(error))
        return False
    if (found.st_dev, found.st_ino) in seen:
        left_out.append(f"{folder}: it is read already, under another name")
        return False
    seen.add((found.st_dev, found.st_ino))
    return True


def _unread(error: OSError) -> str:
    return f"{error.filename}: it cannot be read ({error.strerror})"
