"""`python -m benchmarks.solvers DENOISER.safetensors`: the error of each deterministic sampler by its evaluations.

All samplers start from the same noise, in float32. The exact flow is approximated by 200 steps of Heun, which are 400
evaluations. The figure is the mean squared difference of the pictures in model range, [-1, 1]. That of two pictures
from different noise is printed for comparison.
"""

import argparse
from pathlib import Path

import torch

import core
from benchmarks.timing import print_table
from core.schedule import SIGMA_MAX
from core.solvers import evaluations, plan, solve

SOLVERS = {  # names in core.solvers and in the table
    "euler": "Euler (DDIM)",
    "heun": "Heun",
    "dpm2": "DPM-Solver-2",
    "dpm_fast": "DPM-Solver-fast",
    "deis3": "3-DEIS",
}
BUDGETS = (5, 6, 8, 10, 15, 20)  # evaluations of the denoiser
REFERENCE_STEPS = 200  # of Heun


def main(arguments: list[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.solvers", description=__doc__)
    parser.add_argument("model", type=Path, help="a denoiser's model file")
    parser.add_argument("--pictures", default=8, type=int, help="seeds 0, 1, 2, ...; by default 8")
    options = parser.parse_args(arguments)
    model = core.load_model(options.model, device="cpu", dtype="float32")
    x = SIGMA_MAX * core.SeededNoise(range(options.pictures)).draw(0, model.shape)
    labels = model.labels(None, len(x))

    def sample(solver: str, nfe: int) -> torch.Tensor:
        return solve(model, x, *plan(solver, nfe), labels)

    exact = sample("heun", 2 * REFERENCE_STEPS)
    rows = [
        [name, *(f"{float((sample(solver, nfe) - exact).square().mean()):.4f}" for nfe in BUDGETS)]
        for solver, name in SOLVERS.items()
    ]
    unlike = float((exact - exact.roll(1, dims=0)).square().mean())
    print(f"{options.model.name}, {len(x)} pictures; two different ones are {unlike:.3f} apart.\n")
    print_table(["sampler", *(f"{nfe} evaluations" for nfe in BUDGETS)], rows)
    short = [nfe for nfe in BUDGETS if evaluations(*plan("heun", nfe)) < nfe]
    print(f"Heun and DPM-Solver-2 leave one of {' and '.join(map(str, short))} evaluations unspent.")


if __name__ == "__main__":
    main()
