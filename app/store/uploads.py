"""Files that Gradio has received. They are removed half an hour after they were read last.

Gradio names a file by its content, so if two visitors upload the same bytes under the same name there is one file. If
the first reading removed it, the second visitor would find nothing: so it stays half an hour longer. A file that was
uploaded again since it was read is a new file at the same path, and is not removed with the old one.
"""

import os
import re
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import PictureError
from core.pictures.limits import MAX_BYTES

KEPT_S = 30 * 60  # seconds after the last reading
CACHE_FOLDER = re.compile(r"[0-9a-f]{64}")  # Gradio names a folder by the hash of the content

NOT_UPLOADED = "This file did not arrive. Open it once more."
TOO_LARGE = f"This picture is larger than {MAX_BYTES // 1_000_000} MB. A smaller copy works."


class Uploads:
    """Uploaded files in Gradio's folder. May be called from any thread."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic):
        self.folder, self.clock = folder, clock
        self._lock = threading.Lock()
        self._read: dict[Path, tuple[tuple[int, int], float]] = {}  # (its identity, the time of the last reading)

    def take(self, path: Any) -> bytes:
        """The bytes of an uploaded file. Raises PictureError for any other path, and for more than MAX_BYTES."""
        file = self._checked(path)
        with self._lock:  # another call may have moved the file for a moment (`_remove`)
            self._remove_old()
            try:
                with file.open("rb") as stream:
                    status = os.fstat(stream.fileno())
                    self._read[file] = _identity(status), self.clock()
                    if status.st_size > MAX_BYTES:
                        raise PictureError(TOO_LARGE)
                    return stream.read()
            except OSError as error:
                raise PictureError(NOT_UPLOADED) from error

    def _checked(self, path: Any) -> Path:
        """The path of an upload: one folder deep, in a folder whose name is a hash."""
        if not isinstance(path, str) or len(path) > 1000 or "\0" in path:
            raise PictureError(NOT_UPLOADED)
        try:
            root, file = self.folder.resolve(), Path(path).resolve()
            parts = file.relative_to(root).parts
        except (OSError, ValueError, RuntimeError) as error:
            raise PictureError(NOT_UPLOADED) from error
        if len(parts) != 2 or not CACHE_FOLDER.fullmatch(parts[0]):
            raise PictureError(NOT_UPLOADED)
        return file

    def _remove_old(self) -> None:
        now = self.clock()
        for file in [file for file, (_, when) in self._read.items() if now - when > KEPT_S]:
            identity, _ = self._read.pop(file)
            _remove(file, identity)


def _remove(file: Path, identity: tuple[int, int]) -> None:
    """Remove the file if it has this identity. It is moved first, so that no newer upload can come between."""
    moved = file.with_name(f".{secrets.token_hex(8)}")
    try:
        file.rename(moved)
        if _identity(moved.stat()) == identity:
            moved.unlink()
        else:
            moved.rename(file)
    except FileNotFoundError:
        pass  # Gradio has removed it already


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_ino, status.st_mtime_ns


def upload_folder() -> Path:
    """The folder in which Gradio stores uploads."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir()) / "gradio")
