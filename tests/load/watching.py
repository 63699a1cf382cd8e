"""What a server holds, from outside: memory of its processes, bytes of its files. Linux."""

import asyncio
import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

MEGABYTE = 1_000_000
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
LOOK_S = 1.0  # seconds between two looks


@dataclass(frozen=True)
class Holding:
    """In megabytes: resident memory of a process, that of its children, files in a folder and nameless ones."""

    memory: float
    children: float
    files: float


def holding(process: int, folder: Path) -> Holding:
    """What a process holds now."""
    children = sum(_resident(child) for child in _children(process))
    return Holding(_resident(process), children, _bytes_in(folder) + _nameless(process))


async def watch(process: int, folder: Path, seconds: float) -> list[Holding]:
    """Looks for so long."""
    until, seen = time.monotonic() + seconds, []
    while time.monotonic() < until:
        seen.append(holding(process, folder))
        await asyncio.sleep(LOOK_S)
    return seen


def quarters(values: list[float]) -> list[float]:
    """The median of each quarter."""
    ends = [len(values) * k // 4 for k in range(5)]
    return [median(values[first:last]) for first, last in pairwise(ends)]


def _resident(process: int) -> float:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_BYTES / MEGABYTE
    return 0.0


def _children(process: int) -> Iterator[int]:
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(OSError):
            yield from map(int, (task / "children").read_text().split())


def _bytes_in(folder: Path) -> float:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total / MEGABYTE


def _nameless(process: int) -> float:
    """Temporary files without a name: parts of uploads."""
    total = 0
    for link in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(OSError):
            name = os.readlink(link)
            total += link.stat().st_size if name.startswith("/tmp/") and name.endswith("(deleted)") else 0
    return total / MEGABYTE
