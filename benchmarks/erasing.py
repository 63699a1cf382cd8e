"""`python -m benchmarks.erasing MODEL --data FOLDER_OR_TAR`: what fills a hole best, as a table.

Hole, distance, PSNR and seam are those of `training.search_schedules`: a square of 3/8 of the side in the middle.
Smaller distances are better. The last column has the fine detail inside the hole beside the photographs' own: 1 is as
sharp as what was there.
"""

import argparse
from collections.abc import Callable

import cv2
import numpy as np
import torch

import core
from core.edit_schedules import edit_sigmas
from core.first_guess import FILL_RADIUS, filled
from core.patch_fill import copied
from core.runtime import use_threads
from training.metrics.features import ImageNetFeatures
from training.search_schedules import BATCH, TASKS, hole_of, judge, load_photos


def classical(photos, fill: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """[N,R,R,3] uint8: every photograph of [N,3,R,R] with its hole filled."""
    mask = np.where(hole_of(photos)[0, 0].numpy() != 0, 255, 0).astype(np.uint8)
    return np.stack([fill(photo, mask) for photo in core.to_uint8(photos)])


def by_model(model, photos, starts: np.ndarray, steps: int) -> np.ndarray:
    """[N,R,R,3] uint8: what the model makes of holes that start as in `starts`."""
    results = []
    for first in range(0, len(photos), BATCH):
        part = photos[first : first + BATCH]
        noise = core.SeededNoise(range(first, first + len(part)))
        labels = model.labels("photo" if "photo" in model.card.classes else None, len(part))
        constraint, start = (
            core.Inpaint(part, hole_of(part)),
            torch.cat([*map(core.to_model, starts[first : first + BATCH])]),
        )
        sigmas = edit_sigmas(model.card, "inpaint", steps)
        x0 = core.edit(model, constraint, sigmas, noise, start=start, labels=labels)
        results.append(core.to_uint8(constraint.project_in_range(x0)))
    return np.concatenate(results)


def sharpness(results: np.ndarray, photos) -> float:
    """Mean magnitude of the fine detail (what a blur of 1 pixel takes) inside the hole, beside the photographs'."""
    inside = hole_of(photos)[0, 0].numpy() != 0

    def detail(pixels: np.ndarray) -> float:
        grey = pixels.astype(np.float32).mean(axis=3)
        return float(np.mean([np.abs(each - cv2.GaussianBlur(each, (0, 0), 1))[inside].mean() for each in grey]))

    return detail(results) / detail(core.to_uint8(photos))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.erasing", description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--data", required=True, help="held-out photographs")
    parser.add_argument("--count", type=int, default=64, help="the first N of them (64)")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    use_threads(options.threads)
    model, features = core.load_model(options.model), ImageNetFeatures()
    photos = load_photos(options.data, model.card.resolution, options.count)
    telea = core.to_uint8(filled(photos, hole_of(photos)))
    patches = classical(photos, copied)
    rows = {
        "Telea": telea,
        "Navier-Stokes": classical(photos, lambda p, m: cv2.inpaint(p, m, FILL_RADIUS, cv2.INPAINT_NS)),
        "patches (Erase)": patches,
        "the model, from Telea (Fill)": by_model(model, photos, telea, 4),
        "the model, from patches": by_model(model, photos, patches, 4),
    }
    print("| filling | distance | PSNR, dB | seam, levels | detail |\n| --- | --- | --- | --- | --- |")
    for name, results in rows.items():
        figures = judge(TASKS[0], results, photos, features)
        row = f"| {name} | {figures['distance']:.4f} | {figures['psnr']:.2f} | {figures['seam']:.2f} |"
        print(f"{row} {sharpness(results, photos):.2f} |", flush=True)


if __name__ == "__main__":
    main()
