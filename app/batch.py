"""Several photos with the same edit: their results in one zip file, written as they are made."""

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.ask import PHOTO_TASKS
from app.evaluate import Finished
from app.pictures import file_name
from core.errors import RequestError

MAX_PHOTOS = 32
MAX_ZIP = 1_000_000_000  # bytes

NOTHING_DONE = "None of these photos could be edited."
ZIP_FULL = "The zip file is full at 1 GB. Edit the rest in a batch of its own."


@dataclass(eq=False)
class Batch:
    """The zip file on disk, the photos' names, and what went wrong with some of them."""

    file: Path
    names: list[str]
    task: str
    written: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def add(self, index: int, finished: Finished) -> None:
        """Put the result of a photo into the file. PNG is compressed already. Raises RequestError when it is full."""
        data = finished.results[0].png()
        if self.file.exists() and self.file.stat().st_size + len(data) > MAX_ZIP:
            raise RequestError(ZIP_FULL)
        name = file_name(self.names[index], self.task)
        if name in self.written:
            name = f"{index + 1}-{name}"
        with zipfile.ZipFile(self.file, "a", zipfile.ZIP_STORED) as archive:
            archive.writestr(name, data)
        self.written.append(name)


def read_names(value: dict) -> list[str]:
    """A name for each of the photos of a batch. Raises RequestError for what is no batch."""
    task = value.get("task")
    if not isinstance(task, str) or task.replace("_", "-") not in PHOTO_TASKS:
        raise RequestError(f"A batch is for {', '.join(PHOTO_TASKS)}.")
    photos, names = value.get("photos"), value.get("names")
    if not isinstance(photos, list) or not 1 <= len(photos) <= MAX_PHOTOS:
        raise RequestError(f"A batch takes 1 to {MAX_PHOTOS} photos.")
    names = names if isinstance(names, list) and len(names) == len(photos) else [None] * len(photos)
    return [name if isinstance(name, str) else f"photo-{k}" for k, name in enumerate(names, 1)]
