"""The tables that `python -m training.evaluate` prints, each row as soon as it is known.

Shapes: N photographs, K paintings, M training pictures, all [.,R,R,3] uint8.
"""

from collections.abc import Sequence

import numpy as np

import core
from training.evaluation.colours import colour_differences, kept
from training.evaluation.comparison import Comparison
from training.evaluation.copies import TrainingSet, pixel_means, share_of_copies, sheet
from training.evaluation.report import Report
from training.evaluation.resize import blurred
from training.evaluation.results import Results
from training.metrics.features import ImageNetFeatures

BLUR = 4
PAINTING_STEPS, PAINTING_SEED = (1, 2, 4), 7


def over_strokes(
    report: Report, results: Results, comparison: Comparison, photos: np.ndarray, steps: Sequence[int]
) -> None:
    """Strokes made from the photographs: bare, and painted over with each number of steps, seeds 0, 1, 2, ..."""
    strokes = np.stack([core.strokes_from_photo(photo) for photo in photos])
    report.add("Over strokes", comparison.row("bare strokes", strokes) | {"kept": kept(strokes, strokes)})
    for count in steps:
        painted = results.painted(strokes, count, range(len(photos)))
        report.add("Over strokes", comparison.row(_name(count), painted) | {"kept": kept(painted, strokes)})


def from_noise(
    report: Report, results: Results, comparison: Comparison, photos: np.ndarray, steps: Sequence[int]
) -> np.ndarray:
    """As many pictures as photographs with each number of steps, seeds 0, 1, 2, ...; returns the last ones."""
    for count in steps:
        made = results.from_noise(count, range(len(photos)))
        report.add("From noise", comparison.row(_name(count), made))
    return made


def yardsticks(
    report: Report, comparison: Comparison, photos: np.ndarray, features: ImageNetFeatures, side: int
) -> None:
    """What photographs themselves get, in the table of pictures from noise: a random half, and all of them blurred."""
    order = np.random.Generator(np.random.Philox(key=0)).permutation(len(photos))
    first, second = np.split(photos[order[: len(photos) // 2 * 2]], 2)
    halves = Comparison(first, features, side).row("half of the photographs against the other", second)
    report.add("From noise", halves)
    report.add("From noise", comparison.row(f"photographs blurred {BLUR}x", blurred(photos, BLUR)))


def over_paintings(report: Report, results: Results, paintings: np.ndarray) -> None:
    """How far colours move when paintings are painted over with seed 7: the mean and the worst painting."""
    for count in PAINTING_STEPS:
        painted = results.painted(paintings, count, [PAINTING_SEED] * len(paintings))
        found = colour_differences(painted, paintings)
        row = {"pictures": _name(count), "colour": float(found.mean()), "worst": float(found.max())}
        report.add("Colours of paintings", row)


def copies(
    report: Report, samples: np.ndarray, photos: np.ndarray, training: np.ndarray, features: ImageNetFeatures
) -> np.ndarray:
    """The share of samples that are copies, by pixels and by features; returns a sheet of the nearest pictures."""
    searched = []
    for name, describe in (("pixels", pixel_means), ("features", features)):
        among = TrainingSet(training, describe)
        nearest = among.nearest(samples)
        searched.append((among, nearest))
        share = share_of_copies(nearest, among.nearest(photos))
        report.add("Copies of training pictures", {"nearest by": name, "copies": share})
    return sheet(samples, searched)


def _name(steps: int) -> str:
    return f"{steps} step{'s' * (steps > 1)}"
