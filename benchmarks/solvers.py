"""`python -m benchmarks.solvers DENOISER.safetensors`: how near each deterministic sampler comes to the exact flow, by
what it may spend.

The same noise for all, float32. The exact flow is taken from 200 steps of Heun, 400 evaluations. The figure is the mean
squared distance of the pictures in model range, [-1, 1]; two pictures of different noise are given beside it.
"""

import argparse
from pathlib import Path

import torch

import core
from benchmarks.timing import print_table
from core.schedule import SIGMA_MAX
from core.solvers import evaluations, plan, solve

SOLVERS = {
    "euler": "Euler (DDIM)",
    "heun": "Heun",
    "dpm2": "DPM-Solver-2",
    "dpm_fast": "DPM-Solver-fast",
    "deis3": "3-DEIS",
}
BUDGETS = (5, 6, 8, 10, 15, 20)
REFERENCE_STEPS = 200


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.solvers", description=__doc__)
    parser.add_argument("model", type=Path, help="a denoiser's model file")
    parser.add_argument("--pictures", default=8, type=int, help="seeds 0, 1, 2, ...; by default 8")
    options = parser.parse_args(arguments)
    model = core.load_model(options.model, device="cpu", dtype="float32")
    x = SIGMA_MAX * core.SeededNoise(range(options.pictures)).draw(0, model.shape)
    labels = model.labels(None, len(x))

    def walk(solver: str, nfe: int) -> torch.Tensor:
        return solve(model, x, *plan(solver, nfe), labels)

    exact = walk("heun", 2 * REFERENCE_STEPS)
    rows = [
        [name, *(f"{float((walk(solver, nfe) - exact).square().mean()):.4f}" for nfe in BUDGETS)]
        for solver, name in SOLVERS.items()
    ]
    unlike = float((exact - exact.roll(1, dims=0)).square().mean())
    print(f"{options.model.name}, {len(x)} pictures; two different ones are {unlike:.3f} apart.\n")
    print_table(["sampler", *(f"{nfe} evaluations" for nfe in BUDGETS)], rows)
    short = [nfe for nfe in BUDGETS if evaluations(*plan("heun", nfe)) < nfe]
    print(f"Heun and DPM-Solver-2 leave one of {' and '.join(map(str, short))} evaluations unspent.")


if __name__ == "__main__":
    main()
