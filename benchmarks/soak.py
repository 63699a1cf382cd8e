"""`make soak`: the page under load for twenty minutes, half of them with one hostile visitor. Linux.

A server process with the bundled model, as strangers reach it (`--public`), on this computer alone. Visitors at
addresses of their own paint a stroke a second (tests/load/visitors.py), first among themselves, then with somebody who
does whatever could harm them (tests/load/hostile.py). Every picture is compared with the same one made alone before.

Prints tables; ends with 1 if a picture was wrong, somebody honest was refused, or the server's log holds something of a
visitor. Times depend on the machine, on which the visitors run, too.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import print_table
from benchmarks.visitors import paintings
from core.runtime import machine
from tests.browser.server import ROOT, Server
from tests.load import hostile
from tests.load.page import Page
from tests.load.visitors import Stroke, Visitor
from tests.load.watching import Holding, quarters, watch

READY_S = 120.0  # seconds for the model to load


@dataclass(frozen=True)
class Soaked:
    """What came of some minutes: all strokes, and what the server held in the meantime."""

    strokes: list[Stroke]
    held: list[Holding]

    def row(self, name: str) -> list[object]:
        """Of the table of strokes."""
        times, said = [stroke.ms for stroke in self.strokes], [stroke for stroke in self.strokes if stroke.said]
        apart = max((stroke.apart or 0 for stroke in self.strokes), default=0)
        middle, slow = float(np.median(times)), float(np.percentile(times, 95))
        return [name, len(times), middle, slow, max(times), len(said), self.wrong, apart]

    @property
    def wrong(self) -> int:
        """Pictures that are others than they have to be."""
        return sum(stroke.wrong for stroke in self.strokes)

    @property
    def sentences(self) -> set[str]:
        """What visitors were told instead of a picture."""
        return {stroke.said for stroke in self.strokes} - {""}


async def paint_together(
    page: Page, server: Server, visitors: Sequence[Visitor], folder: Path, seconds: float
) -> Soaked:
    """Everybody paints for so long."""
    until = time.monotonic() + seconds
    looks = asyncio.ensure_future(watch(server.process.pid, folder, seconds))
    strokes = await asyncio.gather(*(visitor.paint(page, lambda: time.monotonic() < until) for visitor in visitors))
    return Soaked([stroke for each in strokes for stroke in each], await looks)


def start_hostile(page: Page, seconds: float, victims: Sequence[str]) -> subprocess.Popen:
    """The hostile visitor, who waits for a line of input."""
    command = [sys.executable, "-m", "tests.load.hostile", page.address, str(seconds), *victims]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def soak(server: Server, folder: Path, count: int, seconds: float) -> tuple[dict[str, Soaked], dict[str, Any]]:
    """Both halves, and what the hostile visitor prints."""
    page, sheets = Page.at(server.address), paintings()
    visitors = [Visitor(number, sheets) for number in range(count)]
    for visitor in visitors:
        asyncio.run(visitor.look_alone(page))
    among = asyncio.run(paint_together(page, server, visitors, folder, seconds))
    attacker = start_hostile(page, seconds, [visitor.name for visitor in visitors])
    print("go", file=attacker.stdin, flush=True)
    beside = asyncio.run(paint_together(page, server, visitors, folder, seconds))
    attack = json.loads(attacker.communicate(timeout=2 * hostile.ACT_S)[0])
    return {"among themselves": among, "with a hostile one": beside}, attack


def start_server(folder: Path) -> Server:
    """With files in a folder of its own, once the model is there."""
    surroundings = {name: value for name, value in os.environ.items() if name != "GRADIO_TEMP_DIR"}
    options = ("--public", "--host", "127.0.0.1", "--port", "0")
    server = Server("app", *options, surroundings=surroundings | {"TMPDIR": str(folder)})
    until = time.monotonic() + READY_S
    while not any(line.startswith("Ready") for line in server.lines) and time.monotonic() < until:
        time.sleep(0.1)
    return server


def leaks(lines: Sequence[str]) -> list[str]:
    """Lines of the log that hold an address, a name or a piece of a picture."""
    marks = ("198.51.100.", hostile.ADDRESS, "visitor-of-the-page", "invented-", "base64", "evil.example")
    return [line for line in lines if any(mark in line for mark in marks)]


def print_soak(halves: dict[str, Soaked], attack: dict[str, Any], lines: Sequence[str]) -> None:
    """The tables."""
    *_, beside = halves.values()
    head = ["visitors", "strokes", "median ms", "p95 ms", "slowest ms", "refused", "wrong", "levels apart at most"]
    print_table(head, [each.row(name) for name, each in halves.items()])
    kinds = {"memory": "memory", "children": "decoding processes", "files": "temporary files"}
    held = [
        [name, label, *quarters([getattr(each, kind) for each in half.held])]
        for name, half in halves.items()
        for kind, label in kinds.items()
    ]
    print_table(["visitors", "MB, medians of quarters", "1st", "2nd", "3rd", "4th"], held)
    acts = [
        [act, *_during(beside.strokes, attack["spans"], act), _counts(attack["came"][act])] for act in attack["came"]
    ]
    print_table(["hostile act", "others' median ms", "p95 ms", "what came of it"], acts)
    told = sorted(set().union(*(each.sentences for each in halves.values())))
    print(f"Honest visitors were told: {'; '.join(told) or 'nothing but pictures'}.")
    print(f"Lines of the log: {len(lines)}; with something of a visitor: {len(leaks(lines))}.")


def _during(strokes: Sequence[Stroke], spans: Sequence[Sequence[Any]], act: str) -> list[object]:
    """Milliseconds of the strokes that were made during an act: their median and 95th percentile."""
    times = [each.ms for each in strokes if any(act == name and a <= each.at <= b for name, a, b in spans)]
    return [float(np.median(times)), float(np.percentile(times, 95))] if times else ["", ""]


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items())


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10.0, help="of each half")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        server = start_server(Path(name))
        try:
            halves, attack = soak(server, Path(name), options.visitors, 60 * options.minutes)
        finally:
            server.end()
    print(f"{machine()}; {options.visitors} visitors, {options.minutes:g} minutes each\n")
    print_soak(halves, attack, server.lines)
    bad = any(half.wrong or half.sentences for half in halves.values()) or leaks(server.lines)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
