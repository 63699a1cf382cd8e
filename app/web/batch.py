"""The zip file of a batch, which is the same edit of several photos. Each result is written as soon as it is made."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.edits.registry import PHOTO_EDITS
from app.store.results import ResultStore, file_name
from app.web.tickets import task_of
from core.errors import RequestError

MAX_PHOTOS = 32
MAX_ZIP = 1_000_000_000  # bytes

NOTHING_DONE = "None of these photos could be edited."
ZIP_FULL = "The zip file is full at 1 GB. Edit the rest in a batch of its own."


@dataclass(eq=False)
class Batch:
    """The zip file on disk, the names of the photos' files, and what went wrong with some of them."""

    results: ResultStore
    file: Path
    names: list[str]
    task: str
    written: dict[int, str] = field(default_factory=dict)  # the name in the zip file by the photo's number
    errors: list[dict[str, Any]] = field(default_factory=list)

    def add(self, index: int, data: bytes) -> str:
        """Put the PNG file of a photo's result into the zip file, and return its name there.

        Nothing is compressed: PNG is already. Raises RequestError when the zip file is full, PictureError
        when there is no room for more zip files.
        """
        if self.file.exists() and self.file.stat().st_size + len(data) > MAX_ZIP:
            raise RequestError(ZIP_FULL)
        name = file_name(self.names[index], self.task)
        if name in self.written.values():
            name = f"{index + 1}-{name}"
        with self.results.room(self.file, len(data)):
            append_to_zip(self.file, name, data)
        self.written[index] = name
        return name

    def failed(self, indices: Sequence[int], error: str) -> None:
        """Note that these photos could not be edited, and why; those that are written already are left out."""
        missing = [index for index in indices if index not in self.written]
        self.errors += [{"file": index + 1, "name": self.names[index], "error": error} for index in missing]


def append_to_zip(file: Path, name: str, data: bytes) -> None:
    """Add a file to a zip file, whole or not at all: after an OSError, such as that of a full disk, the rest is there.

    A zip file ends with its list of contents, which every addition overwrites.
    """
    contents = b""
    if file.exists():
        with zipfile.ZipFile(file) as archive, file.open("rb") as stream:
            start = stream.seek(archive.start_dir)
            contents = stream.read()
    try:
        with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
            archive.writestr(name, data)
    except OSError:
        if contents:
            with file.open("r+b") as stream:
                stream.truncate(start)
                stream.seek(start)
                stream.write(contents)
        else:
            file.unlink(missing_ok=True)
        raise


def read_batch(value: dict, results: ResultStore, owner: str) -> Batch:
    """The batch that a page's value asks for, without any picture yet. Raises RequestError.

    owner: the address for which it is made.
    """
    task = task_of(value)
    if task not in PHOTO_EDITS:
        raise RequestError(f"A batch is for {', '.join(PHOTO_EDITS)}.")
    names = _names(value)
    return Batch(results, results.new_zip(owner), names, task)


def _names(value: dict) -> list[str]:
    photos, names = value.get("photos"), value.get("names")
    if not isinstance(photos, list) or not 1 <= len(photos) <= MAX_PHOTOS:
        raise RequestError(f"A batch takes 1 to {MAX_PHOTOS} photos.")
    names = names if isinstance(names, list) and len(names) == len(photos) else [None] * len(photos)
    return [name if isinstance(name, str) else f"photo-{k}" for k, name in enumerate(names, 1)]
