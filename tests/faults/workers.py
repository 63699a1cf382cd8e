"""`python -m tests.faults.workers --photos FOLDER [--every 5]`: a folder edited in Ray, whose workers are killed.

The same command is run here first. At random moments a worker is killed, until the command over Ray ends. Its results
must have the bytes of those that were made here, and nothing may be missing. Prints the figures, and the photographs a
minute of both; the exit code is 1 if a result is missing or different, or if no worker was killed. Linux alone.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from core.files import UNFINISHED

WORKER = b"(Worker)"  # in the name that Ray gives to a process with app/cluster/workers.py


def descendants(process: int) -> Iterator[int]:
    """The processes below a process, by their ids."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
        except (OSError, ValueError):
            continue
    waiting = children.get(process, [])
    while waiting:
        yield (found := waiting.pop())
        waiting += children.get(found, [])


def workers_of(process: int) -> list[int]:
    """The workers below a command that has a cluster of its own."""
    return [found for found in descendants(process) if WORKER in _command_line(found)]


def _command_line(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def killed_workers(
    command: subprocess.Popen, out: Path, every_s: float, chance: random.Random, most: int | None = None
) -> int:
    """Kill a worker of a running command now and then. Returns how many, when it has ended or `most` are killed.

    every_s: seconds from a new result to the next kill, about: on a busy machine a worker takes long to start again.
    """
    killed, at, seen = 0, 0.0, 0
    while command.poll() is None and killed != most:
        time.sleep(0.05)
        if not at and (there := len(names(out))) > seen:
            at, seen = time.monotonic() + chance.uniform(0.0, 2.0) * every_s, there
        workers = workers_of(command.pid) if at and time.monotonic() >= at else []
        if workers:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.kill(chance.choice(workers), signal.SIGKILL)
                killed, at, seen = killed + 1, 0.0, len(names(out))
    return killed


def names(folder: Path) -> list[str]:
    """Of the files of a folder that can be seen; none where there is no folder."""
    return [name for name in os.listdir(folder) if not name.endswith(UNFINISHED)] if folder.is_dir() else []


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder that can be seen, by name."""
    return {name: (folder / name).read_bytes() for name in names(folder)}


def main() -> int:
    """Print what happened. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.workers", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, help="a folder of photographs")
    parser.add_argument("--edit", default="colorize", help="which edit (colorize)")
    parser.add_argument("--steps", default="1", help="of the edit (1)")
    parser.add_argument(
        "--every", type=float, default=5.0, help="seconds from a new result to the next kill, about (5)"
    )
    parser.add_argument("--threads", default="1", help="of each evaluation (1)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (0)")
    options = parser.parse_args()
    line = [sys.executable, "-m", "app.cli", options.edit, str(options.photos), "--steps", options.steps]
    line += ["--threads", options.threads]
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:
        here, there = Path(folder, "here"), Path(folder, "there")
        began = time.monotonic()
        subprocess.run([*line, "-o", str(here)], stdout=nowhere, check=True)
        between = time.monotonic()
        command = subprocess.Popen([*line, "-o", str(there), "--engine", "ray"], stdout=nowhere)
        killed = killed_workers(command, there, options.every, random.Random(options.seed))
        ended = time.monotonic()
        right, made = contents(here), contents(there)
    different = sum(made[name] != right.get(name) for name in made)
    print(
        f"{len(right)} photographs, {options.edit}, --threads {options.threads}: {between - began:.0f} s here"
        f" ({60 * len(right) / (between - began):.0f} a minute), {ended - between:.0f} s in Ray"
        f" ({60 * len(made) / (ended - between):.0f} a minute) with {killed} workers killed;"
        f" exit code {command.returncode}, {len(right.keys() - made.keys())} missing, {different} different"
    )
    return 0 if made == right and killed and command.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
