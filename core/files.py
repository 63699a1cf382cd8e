"""Files that are whole or not there, and lines likewise: no kill and no full disk leaves half of one."""

import os
import tempfile
from collections.abc import Iterable
from errno import EFBIG, EINVAL, ENOSPC
from pathlib import Path
from stat import S_ISREG

UNFINISHED = ".tmp"  # how the name of a file ends that is being written; it begins with a dot


def write_whole(path: str | Path, data: bytes) -> Path:
    """Write a file whole or not at all: under a temporary name in the same folder, fsync, then rename.

    Raises OSError, which names this file, with the old file, if there was one, untouched.
    """
    return write_parts(path, [data])


def write_parts(path: str | Path, parts: Iterable[bytes | memoryview]) -> Path:
    """Write the parts one behind the other as one file, whole or not at all, as `write_whole` does. Raises OSError."""
    path = Path(path)
    try:
        _replace(path, parts)
    except OSError as error:
        error.filename = str(path)
        raise
    return path


def _replace(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


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


def read_regular(path: str | Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    Raises OSError for a larger file, and for a pipe or a device: reading these may never end.
    """
    if not S_ISREG(os.stat(path).st_mode):
        raise OSError(EINVAL, "It is not a regular file", str(path))
    with open(path, "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(EFBIG, f"It is larger than {limit // 1_000_000} MB", str(path))
    return data


def overwritten(outputs: Iterable[Path], inputs: Iterable[Path]) -> Path | None:
    """The first output that would take the place of an input, under whichever name; None if none would.

    A folder among the inputs stands for all files below it.
    """
    there = [path for path in inputs if path.exists()]
    files = {_identity(path) for path in there if not path.is_dir()}
    folders = {_identity(path) for path in there if path.is_dir()}
    for output in outputs:
        if output.is_file():
            above = output.resolve().parents if folders else ()
            if _identity(output) in files or any(_identity(folder) in folders for folder in above):
                return output
    return None


def _identity(path: Path) -> tuple[int, int]:
    """What two names of one file have in common."""
    found = path.stat()
    return found.st_dev, found.st_ino
