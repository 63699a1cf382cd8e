"""Files that visitors and scripts have sent, and results for scripts: on disk, for half an hour after their last use.

Each lies in a folder of its own with a random name, so that nobody finds another's, and is read by the path under which
it was stored and by no other.
"""

import errno
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import PictureError
from core.pictures.limits import MAX_BYTES

KEPT_S = 30 * 60  # seconds after the last use
ALL_BYTES = 4_000_000_000  # on disk at the same time
CHUNK = 1 << 20  # bytes
MAX_NAME = 100  # characters
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # error numbers

NOT_UPLOADED = "This file did not arrive. Open it once more."
TOO_LARGE = f"This picture is larger than {MAX_BYTES // 1_000_000} MB. A smaller copy works."
NO_ROOM = "There is no room for more files at the moment. Wait half an hour, or send fewer."
DISK_FULL = "The disk of this server is full. Nothing was stored; what you made is still on your page."


@dataclass
class Stored:
    """A file on disk. owner: the address that sent it. read: whether it was used. used: the time of its last use."""

    owner: str
    size: int
    used: float
    read: bool = False


class Uploads:
    """Files in a folder of their own. May be called from any thread."""

    def __init__(
        self,
        folder: Path,
        *,
        owner_bytes: int = ALL_BYTES,
        all_bytes: int = ALL_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ):
        """folder: nobody else writes there. owner_bytes: of one owner's files. all_bytes: of all files together."""
        self.folder, self.owner_bytes, self.all_bytes, self.clock = folder, owner_bytes, all_bytes, clock
        self.files: dict[Path, Stored] = {}
        self._lock = threading.Lock()

    def store(self, stream: BinaryIO, name: str, owner: str) -> Path:
        """Write a file of at most MAX_BYTES to disk, whole or not at all. Returns its path.

        Files that were read already make room for it, those of the same owner first. Raises PictureError if it is too
        large, if there is no room, or if the disk is full.
        """
        size = _size(stream)
        if size > MAX_BYTES:
            raise PictureError(TOO_LARGE)
        path = self.folder / secrets.token_hex(32) / _safe(name)
        with self._lock:
            self._sweep()
            self._make_room(size, owner)
            self.files[path] = Stored(owner, size, self.clock())  # counted before it is there: others are on their way
        try:
            _write(stream, path)
        except OSError as error:
            self._forget(path)
            if error.errno in NO_SPACE:
                raise PictureError(DISK_FULL) from error
            raise
        return path

    def take(self, path: Any) -> bytes:
        """The bytes of a stored file. Raises PictureError for any other path."""
        with self._lock:
            self._sweep()
            known = Path(path) if isinstance(path, str) and "\0" not in path else None
            stored = None if known is None else self.files.get(known)
            if known is None or stored is None:
                raise PictureError(NOT_UPLOADED)
            stored.used, stored.read = self.clock(), True
        try:
            return known.read_bytes()
        except OSError as error:
            raise PictureError(NOT_UPLOADED) from error

    def sweep(self) -> None:
        """Remove what was used more than half an hour ago."""
        with self._lock:
            self._sweep()

    def _make_room(self, size: int, owner: str) -> None:
        """Removes used files, if that is enough. Raises PictureError if it is not."""
        for limit, counts in ((self.owner_bytes, lambda stored: stored.owner == owner), (self.all_bytes, bool)):
            counted = [(path, stored) for path, stored in self.files.items() if counts(stored)]
            excess = sum(stored.size for _, stored in counted) + size - limit
            spare = sorted((pair for pair in counted if pair[1].read), key=lambda pair: pair[1].used)
            if excess > sum(stored.size for _, stored in spare):
                raise PictureError(NO_ROOM)
            for path, stored in spare:
                if excess <= 0:
                    break
                excess -= stored.size
                self._remove(path)

    def _sweep(self) -> None:
        now = self.clock()
        for path in [path for path, stored in self.files.items() if now - stored.used > KEPT_S]:
            self._remove(path)

    def _forget(self, path: Path) -> None:
        with self._lock:
            self._remove(path)

    def _remove(self, path: Path) -> None:
        self.files.pop(path, None)
        shutil.rmtree(path.parent, ignore_errors=True)


def _write(stream: BinaryIO, path: Path) -> None:
    """Under another name first, so that the path is there when the file is whole."""
    path.parent.mkdir(parents=True)
    partial = path.with_name(".partial")
    with partial.open("xb") as file:
        shutil.copyfileobj(stream, file, CHUNK)
    partial.replace(path)


def _size(stream: BinaryIO) -> int:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return size


def _safe(name: str) -> str:
    """A file name without folders and without characters that mean something to a shell or a browser."""
    return re.sub(r"[^\w.-]+", "_", name.replace("\\", "/").rpartition("/")[2])[-MAX_NAME:].lstrip(".") or "file"
