"""Files that are whole or not there, and lines likewise: no kill and no full disk leaves half of one."""

import os
import tempfile
from errno import ENOSPC
from pathlib import Path

UNFINISHED = ".tmp"  # how the name of a file ends that is being written; it begins with a dot


def write_whole(path: str | Path, data: bytes) -> Path:
    """Write a file whole or not at all: under a temporary name in the same folder, fsync, then rename.

    Raises OSError, with the old file, if there was one, untouched.
    """
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def append_whole(path: str | Path, data: bytes) -> None:
    """Add to the end of a file all of the data or nothing. Raises OSError."""
    with Path(path).open("ab", buffering=0) as file:
        size = file.tell()
        if file.write(data) < len(data):
            file.truncate(size)
            raise OSError(ENOSPC, "No space left on device")


def remove_unfinished(folder: str | Path) -> None:
    """Remove from a folder what a kill left half-written by `write_whole`."""
    for path in Path(folder).glob(f".*{UNFINISHED}"):
        path.unlink()
