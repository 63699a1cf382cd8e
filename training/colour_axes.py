"""`python -m training.colour_axes MODEL --data FOLDER_OR_TAR`: along which axis should colouring replace luminance?

Held-out photographs are made grey and coloured along each axis (`core.Colorize`), with the seeds 0, 1, 2, ..., in the
card's few steps and in the paper's 40. A row for each:

distance   to the original, by features of EfficientNet-Lite0 (metrics/features.py)
PSNR       in dB, to the original
chroma     mean CIELAB chroma as a part of that of the photographs: 1 is as colourful as they are

Then the angle between each axis and the direction in which the colours of these photographs are best predicted from
their luminance: what linear regression of the three channels on luma gives.
"""

import argparse
import sys
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from torch import Tensor

import core
from core.console import unbreakable_output
from core.constraint import AXES, LUMA
from core.edit_schedules import edit_sigmas
from core.first_guess import grey
from core.runtime import use_threads
from training.evaluation.colours import mean_chroma
from training.metrics.features import ImageNetFeatures
from training.search_schedules import Task, judge, load_photos, run_edit

NAMES = {"grey": "grey", "paper": "the paper's"}


def task_along(axis: str) -> Task[core.Colorize]:
    """Colouring along an axis, begun with the grey photograph."""
    colorize = partial(core.Colorize, axis=axis)
    return Task("colorize", colorize, lambda photos, constraint: grey(constraint))


def predicting_direction(photos: Tensor) -> Tensor:
    """[3], double: how far each channel of photographs [N,3,H,W] changes with luma, by least squares over all pixels.

    Moved along it, a pixel stays the most likely one of its luma, as far as a straight line can tell.
    """
    pixels = photos.double().transpose(0, 1).flatten(1)
    luma = torch.tensor(LUMA, dtype=torch.double) @ pixels
    away = luma - luma.mean()
    return (pixels - pixels.mean(dim=1, keepdim=True)) @ away / away.square().sum()


def angle(a: Tensor, b: Tensor) -> float:
    """Between two directions [3], in degrees, 0 to 180."""
    return float(torch.rad2deg(torch.acos((a @ b / (a.norm() * b.norm())).clamp(-1, 1))))


def rows(model, photos: Tensor, steps: int, features: ImageNetFeatures) -> Iterator[str]:
    """The table's, each when it is known: the grey photographs, and those coloured along each axis."""
    chroma = mean_chroma(core.to_uint8(photos))

    def row(name: str, levels: str, task: Task, results: np.ndarray) -> str:
        figures = judge(task, results, photos, features)
        part = mean_chroma(results) / chroma
        return f"| {name} | {levels} | {figures['distance']:.4f} | {figures['psnr']:.2f} | {part:.2f} |"

    plain = task_along("grey")
    yield row("none, the grey photograph", "", plain, run_edit(model, plain, photos, []))
    schedules = {f"{steps} steps": (steps, "default"), "the paper's 40": (steps, "paper")}
    for levels, (count, schedule) in schedules.items():
        sigmas = edit_sigmas(model.card, "colorize", count, schedule)
        for axis in AXES:
            task = task_along(axis)
            yield row(NAMES[axis], levels, task, run_edit(model, task, photos, sigmas))


@unbreakable_output()
def main(arguments: list[str] | None = None) -> int:
    """Print both tables. Returns the exit code: 2 after an error, which is printed."""
    parser = argparse.ArgumentParser(
        prog="python -m training.colour_axes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model")
    parser.add_argument("--data", required=True, help="held-out photographs: a folder or a tar file")
    parser.add_argument("--count", type=int, help="only the first N photographs")
    parser.add_argument("--steps", type=int, default=4, help="beside the paper's 40 (4)")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args(arguments)
    try:
        use_threads(options.threads)
        model = core.load_model(options.model)
        photos = load_photos(options.data, model.card.resolution, options.count)
        print(f"{model.card.name}, {len(photos)} photographs\n")
        _print_angles(predicting_direction(photos))
        print("\n| axis | levels | distance | PSNR, dB | chroma |\n| --- | --- | --- | --- | --- |")
        for row in rows(model, photos, options.steps, ImageNetFeatures()):
            print(row, flush=True)
    except core.OnestrokeError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return 2
    return 0


def _print_angles(found: Tensor) -> None:
    axes = {NAMES[name]: torch.tensor(axis, dtype=torch.double) for name, axis in AXES.items()}
    print("| axis | to the direction that predicts colours best, degrees |\n| --- | --- |")
    for name, axis in axes.items():
        print(f"| {name} | {angle(axis, found):.2f} |")
    print(f"\nThat direction, of length 1: {[round(float(part), 3) for part in found / found.norm()]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
