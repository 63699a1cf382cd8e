"""How much memory a device has left: what a graphics card says, and what Linux and its control groups say."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import torch


class ControlGroups(NamedTuple):
    """Where a version of control groups lies, and how it calls a group's limit, its use and its cache of files."""

    folder: str
    limit: str
    used: str
    cache: str


VERSION_1 = ControlGroups(
    "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
)
VERSION_2 = ControlGroups("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file")


def available_memory(device: torch.device) -> int | None:
    """Bytes that can be taken on the device, what torch keeps there for later included; None where nothing says it."""
    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + kept
    return linux_memory() if device.type == "cpu" and sys.platform == "linux" else None


def linux_memory(root: Path = Path("/")) -> int | None:
    """Bytes that this process can take: the least of what the system and each of its control groups have left.

    root: where proc and sys lie.
    """
    return min([*_of_system(root), *_of_groups(root)], default=None)


def _of_system(root: Path) -> Iterator[int]:
    with suppress(OSError, ValueError, KeyError):
        yield 1024 * int(_table(root / "proc/meminfo")["MemAvailable"])


def _of_groups(root: Path) -> Iterator[int]:
    for groups, path in _groups(root):
        top = root / groups.folder
        group = top / path.strip("/")  # inside a container it may be a path that only the host has
        for folder in (group, *group.parents):
            with suppress(OSError, ValueError, KeyError):  # no limit is "max"
                limit, used = (int((folder / name).read_text()) for name in (groups.limit, groups.used))
                yield max(limit - used + int(_table(folder / "memory.stat")[groups.cache]), 0)
            if folder == top:
                break


def _groups(root: Path) -> Iterator[tuple[ControlGroups, str]]:
    """The process's groups that can limit memory, with the path of each."""
    with suppress(OSError, ValueError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                yield VERSION_2, path
            elif "memory" in controllers.split(","):
                yield VERSION_1, path


def _table(file: Path) -> dict[str, str]:
    """The first number of each line by the word before it."""
    lines = (line.replace(":", " ").split() for line in file.read_text().splitlines())
    return {words[0]: words[1] for words in lines if len(words) > 1}
