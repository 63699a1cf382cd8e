"""`python -m benchmarks.cluster`: pictures a second of one process and of two replicas in Ray, and of ways to batch.

First painters send one stroke after the other straight to the engine, as in benchmarks/visitors.py, whose model is in
this process or in two replicas on this machine; both in turns. Then askers put evaluations to one replica, which takes
them one by one, by Ray's own `serve.batch`, or by the line that stands in each replica (app/engine/sharing.py).
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import torch

import core
from app.cluster.connect import connect
from app.cluster.engine import ray_engine
from app.engine.engine import Engine
from app.engine.loading import open_model, warm_up
from app.models import DEFAULT_MODEL, model_path
from benchmarks.timing import print_table
from benchmarks.visitors import paint_together
from core.noise import SeededNoise
from core.runtime import machine

PAINTERS = (1, 4, 16)
PATH = model_path(DEFAULT_MODEL)
CARD = core.read_card(PATH)


def measure(name: str, seconds: float) -> dict[str, dict[str, float]]:
    """Figures by the number of painters. name: "2 replicas", or the threads of a model in this process."""
    if name == "2 replicas":
        engine: Engine = ray_engine(PATH, CARD, replicas=2)
    else:
        engine = Engine(CARD, partial(open_model, PATH, CARD, threads=int(name.split()[0])), warm_up=warm_up)
    try:
        engine.start().result()
        for painters in PAINTERS:  # kernels are chosen at the first evaluation of a batch size
            asyncio.run(paint_together(engine, painters, 1.0))
        return {str(painters): asyncio.run(paint_together(engine, painters, seconds)) for painters in PAINTERS}
    finally:
        engine.close()


def measure_apart(name: str, seconds: float) -> dict[str, dict[str, float]]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.cluster", "--measure", name, "--seconds", str(seconds)]
    surroundings = os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, env=surroundings, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def painting(seconds: float, rounds: int) -> list[list[object]]:
    """For each number of painters and engine, strokes a second, those a second of the page process's processor time,
    and milliseconds of one: medians over the rounds, in which the engines take turns.
    """
    engines = ("1 thread", "2 threads", "2 replicas")
    measured = [{name: measure_apart(name, seconds) for name in engines} for _ in range(rounds)]
    table: list[list[object]] = []
    for painters in map(str, PAINTERS):
        for name in engines:
            turns = [turn[name][painters] for turn in measured]
            medians = [statistics.median(turn[key] for turn in turns) for key in ("rate", "processor", "ms")]
            table.append([painters, name, *medians])
    return table


def batching(seconds: float) -> list[list[object]]:
    """Evaluations of single pictures a second that one replica makes, by its way to batch and the number of askers."""
    connect()
    from ray import serve

    from app.cluster.remote_model import RemoteModel
    from app.cluster.replica import ModelReplica
    from app.cluster.replicas import Replicas
    from app.cluster.serving import opener
    from app.engine.sharing import Sharing

    class OneByOne(ModelReplica):
        def __init__(self, opened: Callable[[], Any]):
            super().__init__(opened)
            self._sharing = Sharing(ThreadPoolExecutor(1), max_pictures=1)

    class ServeBatch(ModelReplica):
        @serve.batch(max_batch_size=16, batch_wait_timeout_s=0.0)
        async def answer(self, questions: list) -> list:
            return await asyncio.gather(*(super(ServeBatch, self).answer(each) for each in questions))

    table: list[list[object]] = []
    ways = {"one by one": OneByOne, "serve.batch": ServeBatch, "the engine's line": ModelReplica}
    for name, replica in ways.items():
        options: dict[str, Any] = {"max_ongoing_requests": 64, "ray_actor_options": {"num_cpus": 1}}
        deployed = serve.deployment(**options)(replica).bind(opener(PATH))
        handle = serve.run(deployed, name="ways", route_prefix=None)
        model = RemoteModel(CARD, Replicas(handle))
        asked(model, 16, 1.0)
        table += [[askers, name, asked(model, askers, seconds)] for askers in PAINTERS]
        serve.delete("ways")
    return sorted(table, key=lambda row: row[0])


def asked(model: core.Model, askers: int, seconds: float) -> float:
    """Evaluations a second of so many askers, each with one picture at a time."""
    x = 2 * SeededNoise([0]).draw(0, (3, CARD.resolution, CARD.resolution))
    labels = torch.zeros(1, dtype=torch.long) if CARD.classes else None
    until = time.perf_counter() + seconds

    def ask(_: int) -> int:
        count = 0
        while time.perf_counter() < until:
            model(x, 2.0, labels)
            count += 1
        return count

    with ThreadPoolExecutor(askers) as threads:
        began = time.perf_counter()
        return sum(threads.map(ask, range(askers))) / (time.perf_counter() - began)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="for which each number of painters paints")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", metavar="MODEL", help="print the figures of one of them as JSON, and no more")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.seconds)))
        return
    print(f"{machine()}; {options.seconds:.0f} s each, medians of {options.rounds} rounds in turns.\n")
    head = ["painters", "model", "pictures/s", "pictures/s of the page's processor", "median ms"]
    print_table(head, painting(options.seconds, options.rounds))
    print("\nOne replica, one thread:\n")
    print_table(["askers", "batches", "pictures/s"], batching(options.seconds))


if __name__ == "__main__":
    main()
