"""`python -m benchmarks.visitors`: pictures a second for 1, 4 and 20 visitors who paint at the same time.

Each visitor has one of the example paintings and sends the next stroke as soon as the last one is answered, straight
to the engine: no page, no network. With `--against FOLDER` another checkout of the repository is measured in turns with
this one, so that other work on the machine affects both alike. Pictures a second of processor time are of all threads
together: there other work counts little.

Then it prints what a picture costs in evaluations of several, and by how much it differs from the same picture alone.
"""

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch

import core
from app.edits.base import shape_of
from app.edits.paint import PaintRequest
from app.engine.engine import Engine
from app.engine.jobs import Ticket
from app.engine.loading import open_model, warm_up
from app.examples import load_examples
from app.gallery.render import render_painting
from app.models import DEFAULT_MODEL, model_path
from benchmarks.timing import milliseconds, print_table
from core.models import class_labels
from core.runtime import machine

HERE = Path(__file__).resolve().parents[1]
VISITORS = (1, 4, 20)
CHANGES = itertools.count()
BATCHES = (1, 2, 4, 8, 16)  # pictures in one evaluation


def paintings() -> list[bytes]:
    """PNG files of the example paintings, as the page sends them."""
    return [core.png_bytes(np.asarray(render_painting(example))) for example in load_examples()]


async def paint(engine: Engine, name: int, strokes: bytes, until: float) -> list[float]:
    """The seconds of each stroke of one visitor, until that moment."""
    times = []
    while (began := time.perf_counter()) < until:
        request = PaintRequest(strokes=strokes, seeds=(name,), steps=1)
        async for answer in engine.run(request, Ticket(f"visitor {name}", next(CHANGES))):
            assert answer.state in ("done", "queue"), answer.state
        times.append(time.perf_counter() - began)
    return times


async def paint_together(engine: Engine, visitors: int, seconds: float) -> dict[str, float]:
    """Figures of so many visitors who paint for so many seconds."""
    sheets = paintings()
    began, processor = time.perf_counter(), time.process_time()
    runs = [paint(engine, name, sheets[name % len(sheets)], began + seconds) for name in range(visitors)]
    times = np.concatenate(await asyncio.gather(*runs))
    took, used = time.perf_counter() - began, time.process_time() - processor
    return {"rate": len(times) / took, "processor": len(times) / used, "ms": 1000 * float(np.median(times))}


def measure(seconds: float) -> dict[str, dict[str, float]]:
    """The figures of this checkout, by the number of visitors."""
    path = model_path(DEFAULT_MODEL)
    card = core.read_card(path)
    engine = Engine(card, lambda: open_model(path, card), warm_up=warm_up)
    engine.start().result()
    for visitors in VISITORS:  # kernels are chosen at the first evaluation of a batch size
        asyncio.run(paint_together(engine, visitors, seconds / 2))
    figures = {str(visitors): asyncio.run(paint_together(engine, visitors, seconds)) for visitors in VISITORS}
    engine.close()
    return figures


def measure_apart(checkout: Path, seconds: float) -> dict[str, dict[str, float]]:
    """The figures of a checkout, in a process of its own."""
    command = [sys.executable, __file__, "--measure", "--seconds", str(seconds)]
    surroundings = os.environ | {"PYTHONPATH": str(checkout), "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, cwd=checkout, env=surroundings, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def rows(checkouts: list[Path], seconds: float, rounds: int) -> list[list[object]]:
    """A row for each checkout and number of visitors: medians over the rounds, in which the checkouts take turns."""
    measured = [[measure_apart(checkout, seconds) for checkout in checkouts] for _ in range(rounds)]
    table: list[list[object]] = []
    for visitors in map(str, VISITORS):
        for at, checkout in enumerate(checkouts):
            turns = [turn[at][visitors] for turn in measured]
            ratio = np.median([turn[at][visitors]["rate"] / turn[-1][visitors]["rate"] for turn in measured])
            medians = [float(np.median([turn[name] for turn in turns])) for name in ("rate", "processor", "ms")]
            table.append([visitors, checkout.name, *medians, f"{ratio:.2f}"])
    return table


def noisy(model: core.Model, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Arguments for the model: pictures [B,3,R,R] of nothing but noise, its levels [B], labels [B] or None."""
    sigma = torch.linspace(0.5, 5.0, count)
    x = core.SeededNoise(range(count)).draw(0, shape_of(model)) * sigma[:, None, None, None]
    return x.to(model.device), sigma.to(model.device), class_labels(model.card, None, count, model.device)


def cost(model: core.Model, count: int) -> float:
    """Milliseconds for each of so many pictures in one evaluation."""
    arguments = noisy(model, count)
    with torch.inference_mode():
        return milliseconds(lambda: model(*arguments).cpu()) / count


def difference(dtype: str) -> float:
    """How far a picture in [-1, 1] of a batch is from the same picture alone, at most."""
    model = core.load_model(model_path(DEFAULT_MODEL), dtype=dtype)
    x, sigma, labels = noisy(model, max(BATCHES))
    ones = [slice(k, k + 1) for k in range(len(x))]
    with torch.inference_mode():
        alone = [model(x[one], sigma[one], None if labels is None else labels[one]) for one in ones]
        return float((model(x, sigma, labels) - torch.cat(alone)).abs().max())


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.visitors", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="for which each number of visitors paints")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another checkout")
    parser.add_argument(
        "--measure", action="store_true", help="print the figures of this checkout as JSON, and no more"
    )
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.seconds)))
        return
    checkouts = [HERE, *([options.against.resolve()] if options.against else [])]
    table = rows(checkouts, options.seconds, options.rounds)
    print(f"{machine()}; {options.seconds:.0f} s each, medians of {options.rounds} rounds in turns.\n")
    print_table(["visitors", "checkout", "pictures/s", "pictures/s of processor", "median ms", "ratio"], table)
    path = model_path(DEFAULT_MODEL)
    model = open_model(path, core.read_card(path))
    print_table(["pictures in one evaluation", "ms each"], [[count, cost(model, count)] for count in BATCHES])
    apart = ", ".join(f"{difference(dtype):.1g} in {dtype}" for dtype in ("float32", "bfloat16"))
    print(f"A picture in [-1, 1] alone and in a batch of {max(BATCHES)} differ by {apart}.")


if __name__ == "__main__":
    main()
