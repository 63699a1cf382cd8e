"""The folder of this process for files that others send and fetch. It is removed when the process ends.

A process that is killed cannot remove its folder: the next one does. A lock that ends with its process tells which
folders are still used.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: folders of killed processes stay until its own cleaning
    fcntl = None  # type: ignore[assignment]

PREFIX = "onestroke-"
LOCK = ".in-use"

_locks: list[IO[str]] = []  # held open until the process ends


def make_temporary_folder() -> Path:
    """A new folder, removed at exit. Removes those of processes that were killed."""
    remove_abandoned_folders()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = (folder / LOCK).open("w")
    _locks.append(lock)
    if fcntl:
        fcntl.flock(lock, fcntl.LOCK_EX)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def remove_abandoned_folders() -> None:
    """Remove the folders whose process has ended. One that has no lock, or not yet, stays."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError):
            if fcntl and _is_free(lock):
                shutil.rmtree(lock.parent, ignore_errors=True)


def temporary_folder() -> Path:
    """The folder for this process: the one that Gradio was told, otherwise Gradio's own."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir()) / "gradio")


def _is_free(lock: Path) -> bool:
    with lock.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
