"""What the scripts share: medians of repeated calls, a watch on one method, a machine kept busy, rows of Markdown."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np


def milliseconds(call: Callable[[], object], *, repeats: int = 20, warm_up: int = 3) -> float:
    """The median time of a call."""
    for _ in range(warm_up):
        call()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return 1000 * float(np.median(times))


def watched(thing: object, method: str) -> list[float]:
    """Replaces a method by itself with a watch. Returns the list that gets the seconds of each call."""
    seconds, call = [], getattr(thing, method)

    def timed(*arguments):
        started = time.perf_counter()
        result = call(*arguments)
        seconds.append(time.perf_counter() - started)
        return result

    setattr(thing, method, timed)
    return seconds


@contextmanager
def busy_machine() -> Iterator[None]:
    """Other processes, of the same priority, that keep every core busy meanwhile."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    time.sleep(0.5)
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def print_table(head: list[str], rows: list[list[object]]) -> None:
    """One Markdown table on standard output."""
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in row) + " |")
    print()
