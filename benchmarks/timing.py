"""Common to the scripts: median times, timing of one method, a busy machine, tables in Markdown."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np


def milliseconds(call: Callable[[], object], *, repeats: int = 20, warm_up: int = 3) -> float:
    """The median time of a call in milliseconds, over `repeats` calls after `warm_up` calls."""
    for _ in range(warm_up):
        call()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return 1000 * float(np.median(times))


def time_method(owner: object, method: str) -> list[float]:
    """Replace a method of an object by one that measures its time. Returns the list of the seconds of each call."""
    seconds, call = [], getattr(owner, method)

    def timed(*arguments):
        started = time.perf_counter()
        result = call(*arguments)
        seconds.append(time.perf_counter() - started)
        return result

    setattr(owner, method, timed)
    return seconds


@contextmanager
def busy_machine() -> Iterator[None]:
    """A context in which other processes of the same priority keep every core busy."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    time.sleep(0.5)
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def print_table(head: list[str], rows: list[list[object]]) -> None:
    """Print a Markdown table; floats have one digit after the point."""
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in row) + " |")
    print()
