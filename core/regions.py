"""Parts of a large file, read when they are needed.

Nothing is mapped into memory: a program that uses a mapped file ends when the file is cut short.
"""

import os
from errno import EINVAL, EIO
from pathlib import Path
from stat import S_ISREG

import torch
from torch import Tensor


class FileRegions:
    """A regular file that is read in parts. All parts are of one version of it."""

    def __init__(self, path: str | Path):
        """Raises OSError if it is not there, and for a pipe or a device: reading these may never end."""
        self.path = Path(path)
        found = os.stat(self.path)
        if not S_ISREG(found.st_mode):
            raise OSError(EINVAL, "It is not a regular file", str(path))
        self.size = found.st_size
        self._version = _version(found)

    def read(self, start: int, count: int) -> Tensor:
        """`count` bytes from `start` on, [count] uint8, in memory of their own.

        Raises OSError if the file ends before, or is another one than at first.
        """
        if start + count > self.size:
            raise OSError(EIO, "It is cut short", str(self.path))
        values = torch.empty(count, dtype=torch.uint8)
        with self.path.open("rb", buffering=0) as file:
            if _version(os.fstat(file.fileno())) != self._version:
                raise OSError(EIO, "It has changed while it was read", str(self.path))
            file.seek(start)
            _fill(values.numpy().data, file)
        return values


def _fill(memory: memoryview, file) -> None:
    """One read returns at most 2 GB."""
    done = 0
    while done < len(memory):
        count = file.readinto(memory[done:])
        if not count:
            raise OSError(EIO, "It is cut short", file.name)
        done += count


def _version(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
