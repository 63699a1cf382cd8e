"""The tables of `python -m training.evaluate`. Each row is printed as soon as it is known.

Shapes: N photographs, K paintings and M training pictures, [.,R,R,3] uint8, R pixels along each side.
"""

from collections.abc import Sequence

import numpy as np

import core
from training.evaluation.colours import colour_differences, stroke_correlation
from training.evaluation.comparison import Comparison
from training.evaluation.copies import TrainingSet, copied_fraction, pixel_means, sheet
from training.evaluation.report import Report
from training.evaluation.resize import blurred
from training.evaluation.results import Results
from training.metrics.features import ImageNetFeatures

BLUR = 4  # factor by which photographs are reduced and enlarged again
PAINTING_STEPS, PAINTING_SEED = (1, 2, 4), 7  # step counts and seed for --paintings


def over_strokes(
    report: Report, results: Results, comparison: Comparison, photos: np.ndarray, steps: Sequence[int]
) -> None:
    """A row for strokes made from the photographs, and one for their results with each number of steps.

    The seeds are 0, 1, 2, ...
    """
    strokes = np.stack([core.strokes_from_photo(photo) for photo in photos])
    report.add("Over strokes", comparison.row("bare strokes", strokes) | {"kept": stroke_correlation(strokes, strokes)})
    for count in steps:
        painted = results.painted(strokes, count, range(len(photos)))
        report.add(
            "Over strokes", comparison.row(_name(count), painted) | {"kept": stroke_correlation(painted, strokes)}
        )


def from_noise(
    report: Report, results: Results, comparison: Comparison, photos: np.ndarray, steps: Sequence[int]
) -> np.ndarray:
    """A row for each number of steps, for as many pictures from noise as there are photographs.

    The seeds are 0, 1, 2, ... Returns the pictures [N,R,R,3] uint8 of the last number of steps.
    """
    for count in steps:
        samples = results.from_noise(count, range(len(photos)))
        report.add("From noise", comparison.row(_name(count), samples))
    return samples


def yardsticks(
    report: Report, comparison: Comparison, photos: np.ndarray, features: ImageNetFeatures, side: int
) -> None:
    """Two rows for photographs in the table of pictures from noise: one half against the other, and all blurred."""
    shuffled = np.random.Generator(np.random.Philox(key=0)).permutation(len(photos))
    first, second = np.split(photos[shuffled[: len(photos) // 2 * 2]], 2)
    halves = Comparison(first, features, side).row("half of the photographs against the other", second)
    report.add("From noise", halves)
    report.add("From noise", comparison.row(f"photographs blurred {BLUR}x", blurred(photos, BLUR)))


def over_paintings(report: Report, results: Results, paintings: np.ndarray) -> None:
    """Rows for the change of colours when paintings [K,R,R,3] are painted over with seed 7: mean and worst painting."""
    for count in PAINTING_STEPS:
        painted = results.painted(paintings, count, [PAINTING_SEED] * len(paintings))
        differences = colour_differences(painted, paintings)
        row = {"pictures": _name(count), "colour": float(differences.mean()), "worst": float(differences.max())}
        report.add("Colours of paintings", row)


def copies(
    report: Report, samples: np.ndarray, photos: np.ndarray, training: np.ndarray, features: ImageNetFeatures
) -> np.ndarray:
    """Rows for the fraction of samples that are copies of training pictures, by pixels and by features.

    Returns a sheet of samples and the training pictures nearest to them (training/evaluation/copies.py).
    """
    searched = []
    for name, describe in (("pixels", pixel_means), ("features", features)):
        training_set = TrainingSet(training, describe)
        nearest = training_set.nearest(samples)
        searched.append((training_set, nearest))
        fraction = copied_fraction(nearest, training_set.nearest(photos))
        report.add("Copies of training pictures", {"nearest by": name, "copies": fraction})
    return sheet(samples, searched)


def _name(steps: int) -> str:
    return f"{steps} step{'s' * (steps > 1)}"
