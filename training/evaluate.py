"""`python -m training.evaluate MODEL --data FOLDER_OR_TAR`: how good are rooms painted over strokes?

Strokes are made from held-out photographs (core/strokes.py) and painted over with 1, 2, 4 and 8 evaluations; the table
shows the kernel distance (KID) of the results to the photographs beside that of the bare strokes, and how much of the
strokes is kept. Features: EfficientNet-Lite0, not Inception, so the figures compare among themselves only.
"""

import argparse
import json
import sys
from dataclasses import replace

import cv2
import numpy as np
import torch

import core
from core.runtime import use_threads
from training.config import Source
from training.data import load_pictures
from training.distances import frechet_distance, kernel_distance
from training.features import ImageNetFeatures

STEPS = (1, 2, 4, 8)
BATCH = 32
BLOCKS = 8  # a picture is compared with its strokes by means of 8 x 8 blocks


def paint_all(model, card: core.ModelCard, strokes: np.ndarray, *, steps: int, look: str | None) -> np.ndarray:
    """[N,H,W,3] uint8 strokes painted over at the card's levels, seeds 0, 1, 2, ...; look: the class for all."""
    sigmas = core.paint_sigmas(card, 0.5, steps)
    painted = []
    for first in range(0, len(strokes), BATCH):
        start = torch.cat([core.to_model(picture) for picture in strokes[first : first + BATCH]])
        labels = model.labels(look, len(start))
        noise = core.SeededNoise(range(first, first + len(start)))
        painted.append(
            core.to_uint8(
                core.edit(model, core.Nothing(), sigmas, noise, start=start, labels=labels, rules=card.sampling)
            )
        )
    return np.concatenate(painted)


def kept(painted: np.ndarray, strokes: np.ndarray) -> float:
    """Correlation of block means of results and strokes, 1 for identical."""
    return float(np.corrcoef(_block_means(painted), _block_means(strokes))[0, 1])


def _block_means(pictures: np.ndarray) -> np.ndarray:
    count, side = len(pictures), pictures.shape[1] // BLOCKS
    return pictures.reshape(count, BLOCKS, side, BLOCKS, side, 3).mean(axis=(2, 4)).ravel()


def resized(pictures: np.ndarray, side: int) -> np.ndarray:
    """[N,side,side,3] uint8, by area means or cubic."""
    how = cv2.INTER_AREA if side < pictures.shape[1] else cv2.INTER_CUBIC
    return np.stack([cv2.resize(picture, (side, side), interpolation=how) for picture in pictures])


def table(model, card: core.ModelCard, photos: np.ndarray, side: int | None = None) -> list[dict]:
    """One row for the bare strokes and one for each step count.

    card: the model's, perhaps with other levels. side: of the pictures when they are compared; by default the model's.
    """
    extract, side = ImageNetFeatures(), side or photos.shape[1]

    def features(pictures: np.ndarray) -> np.ndarray:
        return extract(resized(pictures, side))

    real = features(photos)
    strokes = np.stack([core.strokes_from_photo(photo) for photo in photos])
    look = "photo" if "photo" in model.card.classes else None
    rows = [_row("bare strokes", features(strokes), real, strokes, strokes)]
    for steps in STEPS:
        painted = paint_all(model, card, strokes, steps=steps, look=look)
        rows.append(_row(f"{steps} step{'s' * (steps > 1)}", features(painted), real, painted, strokes))
    return rows


def _row(name: str, found: np.ndarray, real: np.ndarray, painted: np.ndarray, strokes: np.ndarray) -> dict:
    return {
        "pictures": name,
        "KID": round(kernel_distance(found, real), 5),
        "Frechet": round(frechet_distance(found, real), 3),
        "kept": round(kept(painted, strokes), 3),
    }


def main(arguments: list[str] | None = None) -> int:
    """Print the table. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--data", required=True, help="held-out photographs: a folder or a tar file")
    parser.add_argument("--count", type=int, help="only the first N photographs")
    parser.add_argument("--carry-end", type=float, help="end a denoiser's walk at another noise level than the card's")
    parser.add_argument("--guidance", type=float, help="instead of the card's; 0 for none")
    parser.add_argument("--shifts", type=int, help="instead of the card's; 1 for none")
    parser.add_argument("--side", type=int, help="compare pictures at this side, so that models of two sizes compare")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args(arguments)
    use_threads(options.threads)
    try:
        model = core.load_model(options.model)
        pictures = load_pictures(".", (Source(options.data),), (), model.card.resolution)
        photos = pictures.pixels[: options.count].permute(0, 2, 3, 1).contiguous().numpy()
        rules = model.card.sampling
        guidance = rules.guidance if options.guidance is None else options.guidance
        shifts = options.shifts or rules.shifts
        rules = replace(rules, carry_end=options.carry_end or rules.carry_end, guidance=guidance, shifts=shifts)
        rows = table(model, replace(model.card, sampling=rules), photos, options.side)
    except core.OnestrokeError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({"model": model.card.name, "photographs": len(photos), "rows": rows}))
        return 0
    print(f"{model.card.name}, {len(photos)} photographs, features of EfficientNet-Lite0\n")
    print("| pictures | KID | Fréchet | strokes kept |\n| --- | --- | --- | --- |")
    for row in rows:
        print(f"| {row['pictures']} | {row['KID']:.4f} | {row['Frechet']:.2f} | {row['kept']:.3f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
