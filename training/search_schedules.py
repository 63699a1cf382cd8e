"""`python -m training.search_schedules MODEL --data FOLDER_OR_TAR`: noise levels for each edit, and how good they are.

For inpainting, colorizing, super-resolution and deblurring it tries start and end levels for 4 and 8 evaluations on
photographs, keeps those with the smallest perceptual distance to the original, and prints them beside the paper's 40
levels from 80 down (Song et al. 2023, appendix D) and what an edit starts from, measured on held-out photographs in the
same run. For pictures from noise it tries
end levels for 2 and 4 evaluations and keeps those with the smallest kernel distance to the photographs. `--write` puts
the levels found into the model's card; `--keep` searches nothing and measures the levels that are in it.

Perceptual distance: EfficientNet-Lite0's features (metrics/features.py), since LPIPS's weights need a download.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

import core
from core.checkpoint import read_tensors
from core.console import unbreakable_output
from core.edit_schedules import edit_sigmas
from core.first_guess import enlarged, filled, grey
from core.runtime import use_threads
from core.sampling_rules import MOVES
from core.schedule import SIGMA_MAX, geometric_sigmas
from training.config import Source
from training.data.memory import load_pictures
from training.evaluation.results import Results
from training.metrics.distribution import kernel_distance
from training.metrics.features import ImageNetFeatures

C = TypeVar("C", bound=core.Constraint)

BATCH = 32
STEPS = (4, 8)
FIRST = (
    0.2,
    0.4,
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    80.0,
)  # start levels that are tried at 64 pixels; scaled with the side, up to 80
LAST = {4: (0.15, 0.3, 0.6), 8: (0.08, 0.15, 0.3)}  # end levels, at 64 pixels too
FROM_NOISE = {2: (0.6, 1.2, 2.5, 5.0, 10.0), 4: (0.3, 0.6, 1.2, 2.5)}  # end levels of pictures from noise, at 64 pixels
FROM_NOISE_COUNT = 128  # photographs that pictures from noise are compared with in the search: a distance of sets
FACTOR = 4  # of super-resolution
BLUR = 2.0  # pixels, of deblurring
HOLE = slice(20, 44)  # rows and columns of the hole at 64 pixels; scaled with the side


@dataclass(frozen=True)
class Task(Generic[C]):
    """An edit as a test: what is known of photographs, what it starts from, where it is judged (1 inside a hole)."""

    name: str
    constraint: Callable[[Tensor], C]
    start: Callable[[Tensor, C], Tensor]
    mask: Callable[[Tensor], Tensor] | None = None


def hole_of(photos: Tensor) -> Tensor:
    """A square hole in the middle, [1,1,R,R]."""
    side = photos.shape[-1]
    mask = torch.zeros(1, 1, side, side, device=photos.device)
    inside = slice(HOLE.start * side // 64, HOLE.stop * side // 64)
    mask[:, :, inside, inside] = 1
    return mask


def small_of(photos: Tensor) -> Tensor:
    """Block means [N,3,R/FACTOR,R/FACTOR] of photographs [N,3,R,R]."""
    return torch.nn.functional.avg_pool2d(photos, FACTOR)


TASKS = (
    Task[core.Inpaint](
        "inpaint",
        lambda photos: core.Inpaint(photos, hole_of(photos)),
        lambda photos, constraint: filled(photos, hole_of(photos)),
        hole_of,
    ),
    Task[core.Colorize]("colorize", core.Colorize, lambda photos, constraint: grey(constraint)),
    Task[core.SuperResolve](
        "super-resolve",
        lambda photos: core.SuperResolve(small_of(photos), FACTOR),
        lambda photos, constraint: enlarged(constraint),
    ),
    Task(
        "deblur",
        lambda photos: core.Deblur(core.blurred(photos, BLUR), BLUR),
        lambda photos, constraint: constraint.apply(core.blurred(photos, BLUR)),
    ),
)


def run_edit(model, task: Task, photos: Tensor, sigmas: list[float]) -> np.ndarray:
    """[N,H,W,3] uint8: every photograph edited, seeds 0, 1, 2, ... Without levels, what the edit starts from."""
    results = []
    for first in range(0, len(photos), BATCH):
        part = photos[first : first + BATCH]
        noise = core.SeededNoise(range(first, first + len(part)))
        look = "photo" if "photo" in model.card.classes else None
        labels = model.labels(look, len(part))
        constraint = task.constraint(part)
        x0 = start = task.start(part, constraint)
        if sigmas:
            x0 = core.edit(model, constraint, sigmas, noise, start=start, labels=labels)
        results.append(core.to_uint8(constraint.project_in_range(x0)))
    return np.concatenate(results)


def judge(task: Task, results: np.ndarray, photos: Tensor, features: ImageNetFeatures) -> dict[str, float]:
    """Perceptual distance and PSNR in dB of results [N,R,R,3] uint8 to photographs [N,3,R,R].

    For an edit with a hole PSNR is measured inside it, and the seam at its border in levels of 255.
    """
    originals = core.to_uint8(photos)
    figures = {"distance": float(features.distances(results, originals).mean())}
    gap = (results.astype(np.float64) - originals) / 255
    if task.mask is None:
        return figures | {"psnr": _psnr(np.square(gap).mean())}
    hole = task.mask(photos)[0, 0].numpy().astype(bool)
    return figures | {"psnr": _psnr(np.square(gap[:, hole]).mean()), "seam": _seam(gap, hole)}


def _psnr(mean_square: float) -> float:
    return float(-10 * np.log10(max(mean_square, 1e-12)))


def _seam(gap: np.ndarray, hole: np.ndarray) -> float:
    """Mean absolute step, in levels of 255, that the error makes across the border of the hole."""
    across_rows = np.abs(np.diff(gap, axis=1))[:, hole[1:] != hole[:-1]]
    across_columns = np.abs(np.diff(gap, axis=2))[:, hole[:, 1:] != hole[:, :-1]]
    return float(255 * np.concatenate([across_rows.ravel(), across_columns.ravel()]).mean())


def short_levels(first: float, last: float, steps: int) -> list[float]:
    """Levels in equal ratios, of four digits each."""
    return [float(f"{sigma:.4g}") for sigma in geometric_sigmas(first, last, steps)]


def search(model, task: Task, photos: Tensor, steps: int, features: ImageNetFeatures) -> list[float]:
    """The levels of that many steps with the smallest perceptual distance on photographs [N,3,R,R]."""
    scale = photos.shape[-1] / 64
    candidates = [
        short_levels(min(scale * first, SIGMA_MAX), scale * last, steps)
        for first, last in product(FIRST, LAST[steps])
        if last < first
    ]

    def distance(sigmas: list[float]) -> float:
        return judge(task, run_edit(model, task, photos, sigmas), photos, features)["distance"]

    return min(candidates, key=distance)


def kernel_distance_of(model, sigmas: list[float], real: np.ndarray, features: ImageNetFeatures) -> float:
    """KID of pictures from noise to photographs, from these features of the latter; as many of the one as the other."""
    samples = Results(model, model.card).sampled(sigmas, range(len(real)))
    return kernel_distance(features(samples), real)


def search_from_noise(model, photos: Tensor, steps: int, features: ImageNetFeatures) -> list[float]:
    """The levels from SIGMA_MAX down whose pictures are the nearest, by KID, to photographs [N,3,R,R]."""
    scale = photos.shape[-1] / 64
    candidates = [short_levels(SIGMA_MAX, scale * last, steps) for last in FROM_NOISE[steps]]
    real = features(core.to_uint8(photos))
    return min(candidates, key=lambda sigmas: kernel_distance_of(model, sigmas, real, features))


def load_photos(path: str, resolution: int, count: int | None) -> Tensor:
    """[N,3,R,R] in [-1, 1]."""
    pixels = load_pictures(".", (Source(path),), (), resolution).pixels[:count]
    return pixels.float().div(127.5).sub(1)


@unbreakable_output()
def main(arguments: list[str] | None = None) -> int:
    """Search, print the table, write the card if asked to. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.search_schedules", description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--data", required=True, help="held-out photographs that the table is measured on")
    parser.add_argument("--search-on", help="photographs that levels are chosen on; by default those of --data")
    parser.add_argument("--search-count", type=int, default=64, help="how many photographs those are (64)")
    parser.add_argument("--count", type=int, help="only the first N photographs of --data")
    parser.add_argument("--keep", action="store_true", help="measure the levels in the model's card, search none")
    parser.add_argument("--write", action="store_true", help="put the levels into the model's card")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args(arguments)
    try:
        use_threads(options.threads)
        model, features = core.load_model(options.model), ImageNetFeatures()
        photos = load_photos(options.data, model.card.resolution, options.count)
        for_noise = None
        if options.keep:
            rows_of = partial(_kept, model)
            print(f"{model.card.name}: the card's levels, measured on {len(photos)} photographs\n")
        else:
            chosen_on = load_photos(options.search_on or options.data, model.card.resolution, options.search_count)
            for_noise = load_photos(options.search_on or options.data, model.card.resolution, FROM_NOISE_COUNT)
            rows_of = partial(_searched, model, chosen_on, features)
            print(f"{model.card.name}: levels chosen on {len(chosen_on)} photographs, measured on {len(photos)}\n")
        found = _measure_all(model, rows_of, photos, features)
        found |= _measure_from_noise(model, for_noise, photos, features)
        if options.write:
            card = replace(model.card, schedules=model.card.schedules | found)
            core.save_model(options.model, card, read_tensors(options.model))
    except core.OnestrokeError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return 2
    return 0


def _kept(model, task: Task) -> dict[str, list[float]]:
    """The card's rows for a task, or for a card without any the levels at STEPS; by the number of steps as text."""
    return {str(steps): edit_sigmas(model.card, task.name, steps) for steps in model.card.levels(task.name) or STEPS}


def _searched(model, photos: Tensor, features: ImageNetFeatures, task: Task) -> dict[str, list[float]]:
    return {str(steps): search(model, task, photos, steps, features) for steps in STEPS}


def _measure_all(model, rows_of: Callable[[Task], dict], photos: Tensor, features: ImageNetFeatures) -> dict:
    """Print a row for the paper's levels and for each of a task's own; returns the latter by task and step count."""
    print("| edit | levels | distance | PSNR, dB | seam, levels |\n| --- | --- | --- | --- | --- |")
    found = {}
    for task in TASKS:
        rows = found[task.name] = rows_of(task)
        levels = {"none, the first guess": [], "the paper's 40": edit_sigmas(model.card, task.name, 40, "paper")}
        for name, sigmas in (levels | {f"{json.dumps(row)}": row for row in rows.values()}).items():
            figures = judge(task, run_edit(model, task, photos, sigmas), photos, features)
            seam = f"{figures['seam']:.2f}" if "seam" in figures else ""
            row = f"| {task.name} | {name} | {figures['distance']:.4f} | {figures['psnr']:.2f} | {seam} |"
            print(row, flush=True)
    return found


def _measure_from_noise(model, chosen_on: Tensor | None, photos: Tensor, features: ImageNetFeatures) -> dict:
    """Print a row for each number of steps from noise, searched on photographs or (None) those of the card.

    Returns the levels of generating and interpolating, nothing for models that bring their own.
    """
    own = MOVES[model.card.sampling.move].ends_itself
    rows = {}
    for steps in FROM_NOISE:
        if chosen_on is None or own:
            rows[str(steps)] = edit_sigmas(model.card, "generate", steps)
        else:
            rows[str(steps)] = search_from_noise(model, chosen_on, steps, features)
    real = features(core.to_uint8(photos))
    print("\n| from noise, levels | KID |\n| --- | --- |")
    for sigmas in ([SIGMA_MAX], *rows.values()):
        print(f"| {json.dumps(sigmas)} | {kernel_distance_of(model, sigmas, real, features):.4f} |", flush=True)
    return {} if own else {"generate": rows, "interpolate": rows}


if __name__ == "__main__":
    sys.exit(main())
