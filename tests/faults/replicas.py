"""`python -m tests.faults.replicas`: replicas of the bundled model that are killed in the middle of painters' walks.

The painters send one painting of several steps after the other through an engine whose model is in Ray. After some
evaluation of some of the walks a replica is killed. No picture may be missing, and each must be the one that a model in
this process makes: bit for bit with one painter, else up to the rounding of pictures that share an evaluation
(app/engine/sharing.py).
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

import core
from app.cluster.engine import ray_engine
from app.edits.paint import PaintRequest
from app.engine.engine import Engine
from app.engine.jobs import Ticket
from app.engine.loading import open_model
from app.examples import load_examples
from app.gallery.render import render_painting
from app.models import DEFAULT_MODEL, model_path
from core.errors import OnestrokeError

STEPS = 4
ROUNDING = 12  # of 255 levels by which a pixel may differ where evaluations are shared


@dataclass
class Deaths:
    """What happened. levels: the greatest difference of each picture from what it should be, of 255."""

    lost: list[str] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    killed: int = 0
    longest_s: float = 0.0


def paintings(walks: int) -> list[PaintRequest]:
    """So many requests, of all example paintings in turn, each with a seed of its own."""
    sheets = [core.png_bytes(np.asarray(render_painting(example))) for example in load_examples()]
    return [PaintRequest(strokes=sheets[k % len(sheets)], seeds=(k,), steps=STEPS) for k in range(walks)]


async def pictures(
    engine: Engine,
    requests: Sequence[PaintRequest],
    painters: int,
    what: Deaths,
    after_step: Callable[[int, int], None],
) -> list[np.ndarray]:
    """The picture of each request, from so many painters at the same time; an empty one where there is none.

    after_step: is called on another thread after each evaluation, with the number of the request and of its step.
    """
    waiting, found = list(enumerate(requests)), [np.zeros(0, np.uint8)] * len(requests)

    async def paint(painter: int) -> None:
        while waiting:
            k, request = waiting.pop(0)
            began = time.monotonic()
            try:
                async for answer in engine.run(request, Ticket(f"painter {painter}", k)):
                    if answer.state == "step":
                        await asyncio.to_thread(after_step, k, answer.step)
                    elif answer.state == "done":
                        found[k] = np.asarray(core.read_image(answer.pictures[0].png))
            except OnestrokeError as error:
                what.lost.append(f"{k}: {error}")
            what.longest_s = max(what.longest_s, time.monotonic() - began)

    await asyncio.gather(*(paint(painter) for painter in range(painters)))
    return found


def kill_replicas(walks: int, painters: int, kills: int, chance: random.Random) -> Deaths:
    """What became of so many walks, in which so many replicas were killed."""
    what, requests = Deaths(), paintings(walks)
    path = model_path(DEFAULT_MODEL)
    card = core.read_card(path)
    here = Engine(card, lambda: open_model(path, card))
    here.start().result()
    right = asyncio.run(pictures(here, requests, 1, Deaths(), lambda k, step: None))
    here.close()
    engine = ray_engine(path, card, replicas=2)
    moments = {k: chance.randrange(1, STEPS) for k in chance.sample(range(walks), kills)}

    def after_step(k: int, step: int) -> None:
        if moments.get(k) == step:
            os.kill(engine.start().result().replicas.about().result()["pid"], signal.SIGKILL)  # whichever answers
            what.killed += 1

    try:
        engine.start().result()
        found = asyncio.run(pictures(engine, requests, painters, what, after_step))
    finally:
        engine.close()
    for one, other in zip(found, right, strict=True):
        if one.size:
            what.levels.append(int(np.abs(one.astype(int) - other).max()))
    return what


def main() -> int:
    """Print what happened. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.replicas", description=__doc__)
    parser.add_argument("--walks", type=int, default=200, help="paintings in all (200)")
    parser.add_argument("--painters", type=int, default=1, help="who paint at the same time (1)")
    parser.add_argument("--kills", type=int, default=20, help="replicas that are killed (20)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (0)")
    options = parser.parse_args()
    what = kill_replicas(options.walks, options.painters, options.kills, random.Random(options.seed))
    most = 0 if options.painters == 1 else ROUNDING
    wrong, same = sum(level > most for level in what.levels), sum(level == 0 for level in what.levels)
    print(
        f"{options.walks} walks of {STEPS} steps, {options.painters} at a time; {what.killed} replicas killed;"
        f" {options.walks - len(what.levels)} pictures lost, {wrong} different, {same} the same bit for bit"
        f" (at most {max(what.levels, default=0)} of 255 levels apart); the longest took {what.longest_s:.1f} s"
    )
    for line in what.lost:
        print(line, file=sys.stderr)
    return int(len(what.levels) < options.walks or wrong > 0 or what.killed < options.kills)


if __name__ == "__main__":
    sys.exit(main())
