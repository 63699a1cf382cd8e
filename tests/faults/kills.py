"""Programs that are killed at random moments, again and again: a tiny training, the command line over a folder.

After each kill every file that can be seen must be whole. A training that goes on must end with the bytes of one that
was never killed, and so must the results of the folder.
"""

import json
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch
from PIL import Image

import app.cli
import core
import training.__main__
from core.checkpoint import read_tensors
from core.files import UNFINISHED
from tests import tiny
from tests.training.loop.test_trainer import equal_states, state_of
from training.config import load_config, to_toml

STEPS = 12  # of the training, which saves after every second one
PHOTOS = 10  # of the folder: more than a batch
KILLED = -9  # the exit code of what was killed


class FaultError(Exception):
    """A file was half-written, or a result differs. The message says which."""


@dataclass
class Deaths:
    """How often a program was killed, how often it came to its end, and how many half-written files it left hidden."""

    killed: int = 0
    ended: int = 0
    unfinished: int = 0


def kill_training(folder: Path, kills: int, rng: random.Random) -> Deaths:
    """Kill a training until it was hit that often, each run going on until it ends. Raises FaultError."""
    config = tiny.run_config(
        tiny.write_pictures(folder / "pictures", 11), kimg=0.004 * STEPS, validate_kimg=0.004, save_kimg=0.008
    )
    (folder / "run.toml").write_text(to_toml(config))
    duration = _duration(_train, folder / "run.toml", folder / "whole")
    deaths, run = Deaths(), folder / "run-0"
    while deaths.killed < kills or run.exists():
        if _killed(_start(_train, folder / "run.toml", run), _moment(duration, deaths.killed < kills, rng)):
            deaths.killed += 1
            deaths.unfinished += _check_run(run)
        else:
            deaths.ended += 1
            _check_same_run(folder / "whole", run)
            run = folder / f"run-{deaths.ended}"
    return deaths


def kill_folder(folder: Path, kills: int, rng: random.Random) -> Deaths:
    """Kill the command line over a folder of photos until it was hit that often. Raises FaultError."""
    model = tiny.teacher_file(folder)
    for number in range(PHOTOS):
        core.write_png((folder / f"{number:02d}.png"), tiny.picture(number, 60, 80))
    (folder / "in").mkdir()
    for path in folder.glob("*.png"):
        path.rename(folder / "in" / path.name)
    given = _contents(folder / "in")
    duration = _duration(_edit, model, folder / "in", folder / "whole")
    whole, deaths, out = _contents(folder / "whole"), Deaths(), folder / "out"
    ended = False
    while deaths.killed < kills or not ended:
        after = _moment(duration, deaths.killed < kills, rng)
        ended = not _killed(_start(_edit, model, folder / "in", out), after)
        found = _contents(out) if out.is_dir() else {}
        seen = {name: data for name, data in found.items() if not _is_unfinished(name)}
        _expect(seen.items() <= whole.items(), f"half-written or different: {sorted(seen.keys())}")
        _expect(not ended or seen == whole, f"{len(seen)} of {PHOTOS} results after the end")
        _expect(_contents(folder / "in") == given, "a given photo has changed")
        deaths.killed, deaths.ended = deaths.killed + (not ended), deaths.ended + ended
        deaths.unfinished = len(found) - len(seen)
        for name in seen:
            (out / name).unlink()
    return deaths


def _train(config: Path, out: Path) -> int:
    return training.__main__.main([str(config), "--out", str(out), "--threads", "1"])


def _edit(model: Path, photos: Path, out: Path) -> int:
    return app.cli.main(["denoise", str(photos), "-o", str(out), "--model", str(model), "--device", "cpu"])


def _start(program: Callable[..., int], *arguments: Path) -> BaseProcess:
    """A process of its own, with everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.kills"])
    process = context.Process(target=_in_silence, args=(program, *arguments))
    process.start()
    return process


def _in_silence(program: Callable[..., int], *arguments: Path) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    torch.set_num_threads(1)
    sys.exit(program(*arguments))


def _duration(program: Callable[..., int], *arguments: Path) -> float:
    """The seconds that a program takes, in a process that has to import nothing any more."""
    _start(int).join()
    began, process = time.monotonic(), _start(program, *arguments)
    process.join()
    _expect(process.exitcode == 0, "the program fails without being killed")
    return time.monotonic() - began


def _moment(duration: float, kill: bool, rng: random.Random) -> float:
    """The seconds after which a program is killed: now and then it has ended by then, and without `kill` always."""
    return rng.uniform(0, 1.2 * duration) if kill else 100 * duration


def _killed(process: BaseProcess, after: float) -> bool:
    """Whether a process was still there to be killed after so many seconds."""
    process.join(after)
    process.kill()
    process.join()
    _expect(process.exitcode in (0, KILLED), f"the program ended with code {process.exitcode}")
    return process.exitcode == KILLED


def _check_run(run: Path) -> int:
    """Whether all files of a run are whole. Returns the number of hidden ones that are not."""
    for path in run.glob("*"):
        if path.name == "state.pt":
            state_of(run)
        elif path.name == "model.safetensors":
            read_tensors(path)
        elif path.name == "config.toml":
            load_config(path)
        elif path.name == "log.jsonl":
            for line in path.read_text().splitlines():
                json.loads(line)
    for path in run.glob("samples/[!.]*"):
        Image.open(path).load()
    return sum(_is_unfinished(path.name) for path in run.rglob("*"))


def _check_same_run(whole: Path, run: Path) -> None:
    """Raises FaultError unless two runs have the same state, the same model and the same log."""
    _expect(equal_states(state_of(whole), state_of(run)), f"{run} ends in another state")
    weights = [read_tensors(folder / "model.safetensors") for folder in (whole, run)]
    _expect(equal_states(*weights), f"{run} ends with another model")
    lines = [(folder / "log.jsonl").read_text().splitlines() for folder in (whole, run)]
    records = [[{**json.loads(line), "seconds": 0} for line in each] for each in lines]
    _expect(records[0] == records[1], f"{run} has another log")
    _expect(not _check_run(run), f"{run} has half-written files after its end")


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _is_unfinished(name: str) -> bool:
    return name.startswith(".") and name.endswith(UNFINISHED)


def _expect(true: bool, message: str) -> None:
    if not true:
        raise FaultError(message)
