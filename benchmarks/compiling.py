"""`python -m benchmarks.compiling`: how long `--compile` takes, what comes of it, and the memory that it needs.

A picture is made, which asks for the compiled form; then the process does nothing else until a sentence says whether
that is used. Once with an empty cache of compiled code, and once more in a second process, as at the next start. The
published networks have random weights. Measured are seconds by the clock and the most memory that the process ever had
(Linux).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from queue import SimpleQueue

import torch

import core
from app.models import DEFAULT_MODEL, model_path
from benchmarks.published import NETWORKS, write_models
from benchmarks.timing import print_table
from core.compile_cache import FOLDER
from core.compiled import compile_behind
from core.runtime import machine, use_threads


def measured(source: str) -> dict:
    """What compiling the network of a model file for one picture needs, in this process."""
    model = core.load_model(source, "cpu", "bfloat16")
    labels = torch.zeros(1, dtype=torch.long) if model.card.classes else None
    told: SimpleQueue[str] = SimpleQueue()
    compile_behind(model.network, told.put)
    began = time.perf_counter()
    with torch.inference_mode():
        core.sample(model, [model.card.sigma_max], core.SeededNoise([0]), labels=labels)
    first = time.perf_counter()
    sentence = told.get()
    ready = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {"first": first - began, "ready": ready - first, "peak": peak, "sentence": sentence}


def row(source: str, start: str, cache: str, threads: int) -> list[object]:
    """A row of the table, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.compiling", "--inside", source, "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {FOLDER: cache})
    if done.returncode:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return [start, found["first"], f"{found['ready']:.0f}", f"{found['peak']:.0f}", found["sentence"]]


def main() -> None:
    """Measure both starts and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiling", description=__doc__)
    parser.add_argument("--network", choices=("bundled", *NETWORKS), default="bundled")
    parser.add_argument("--threads", type=int, help="of torch (all cores)")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.threads = use_threads(options.threads)
    if options.inside:
        print(json.dumps(measured(options.inside)))
        return
    with tempfile.TemporaryDirectory() as folder:
        source = str(model_path(DEFAULT_MODEL))
        if options.network != "bundled":
            write_models(NETWORKS[options.network], Path(folder))
            source = str(Path(folder, "ours.safetensors"))
        Path(folder, "cache").mkdir(mode=0o700)
        rows = [row(source, start, str(Path(folder, "cache")), options.threads) for start in ("first", "second")]
    print(f"{machine()}; {options.network}, bfloat16, {options.threads} threads.\n")
    print_table(["start", "first picture, s", "until told, s", "MB at most", "what is told"], rows)


if __name__ == "__main__":
    main()
