"""Files that Gradio has received: read, and removed half an hour after they were read last.

Gradio names a file by its content, so what two visitors upload with the same bytes and name is one file. Were it
removed with the first reading, the second visitor would find nothing. It stays, therefore, until everybody who uploaded
it has had half an hour; and one that has come again since it was read is another file, which its removal leaves alone.
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
from core.images import MAX_BYTES

KEPT_S = 30 * 60
CACHE_FOLDER = re.compile(r"[0-9a-f]{64}")  # Gradio's, one for each content

NOT_UPLOADED = "This file did not arrive. Open it once more."
TOO_LARGE = f"This picture is larger than {MAX_BYTES // 1_000_000} MB. A smaller copy works."


class Uploads:
    """Uploaded files in Gradio's folder. May be called from any thread."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic):
        self.folder, self.clock = folder, clock
        self._lock = threading.Lock()
        self._read: dict[Path, tuple[tuple[int, int], float]] = {}  # which file it was, and when it was read

    def take(self, path: Any) -> bytes:
        """The bytes of an uploaded file. Raises PictureError for anything else that a path may name."""
        file = self._checked(path)
        with self._lock:  # nothing is looked at while another call may be putting it back
            self._remove_old()
            try:
                with file.open("rb") as stream:
                    about = os.fstat(stream.fileno())
                    self._read[file] = _identity(about), self.clock()
                    if about.st_size > MAX_BYTES:
                        raise PictureError(TOO_LARGE)
                    return stream.read()
            except OSError as error:
                raise PictureError(NOT_UPLOADED) from error

    def _checked(self, path: Any) -> Path:
        """Uploads lie one folder deep, in a folder that is named by a hash of their content."""
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
            known, _ = self._read.pop(file)
            _remove(file, known)


def _remove(file: Path, known: tuple[int, int]) -> None:
    """Remove that very file. One that has taken its place meanwhile is put back: it holds the same bytes."""
    aside = file.with_name(f".{secrets.token_hex(8)}")
    try:
        file.rename(aside)
        if _identity(aside.stat()) == known:
            aside.unlink()
        else:
            aside.rename(file)
    except FileNotFoundError:
        pass  # Gradio's own cleaning was first


def _identity(about: os.stat_result) -> tuple[int, int]:
    return about.st_ino, about.st_mtime_ns


def upload_folder() -> Path:
    """Where Gradio puts what is uploaded."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir()) / "gradio")
