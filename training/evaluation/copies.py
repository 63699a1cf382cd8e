"""Whether a model copies: the training pictures that are nearest to its samples.

Shapes: N samples, K held-out photographs, M training pictures, all [.,R,R,3] uint8; D numbers that describe a picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.resize import resized

SHOWN, NEAREST = 16, 3  # samples on a sheet, and training pictures below each
PIXELS_SIDE = 32
PERCENTILE = 1


@dataclass(frozen=True)
class Nearest:
    """The nearest training pictures of N pictures, nearest first; each array is [N,3]."""

    distance: np.ndarray
    index: np.ndarray
    mirrored: np.ndarray  # whether it is the mirror image that is near


class TrainingSet:
    """Training pictures, described once, to look for copies among."""

    def __init__(self, pictures: np.ndarray, describe: Callable[[np.ndarray], np.ndarray]):
        """pictures: at least 3. describe: pictures to [.,D]; nearness is Euclidean there."""
        self.pictures = pictures
        self._describe, self._described = describe, describe(pictures)

    def nearest(self, pictures: np.ndarray) -> Nearest:
        """Of each training picture and its mirror image, the nearer one counts."""
        plain, mirrored = (self._distances(each) for each in (pictures, np.ascontiguousarray(pictures[:, :, ::-1])))
        distance = np.minimum(plain, mirrored)
        index = distance.argsort(axis=1)[:, :NEAREST]
        return Nearest(
            np.take_along_axis(distance, index, axis=1), index, np.take_along_axis(mirrored < plain, index, axis=1)
        )

    def shown(self, nearest: Nearest, row: int) -> list[np.ndarray]:
        """The training pictures near that picture, turned as they are near."""
        found = zip(nearest.index[row], nearest.mirrored[row])
        return [self.pictures[index][:, ::-1] if mirrored else self.pictures[index] for index, mirrored in found]

    def _distances(self, pictures: np.ndarray) -> np.ndarray:
        """[N,M]."""
        a, b = self._describe(pictures), self._described
        squares = np.square(a).sum(1)[:, None] + np.square(b).sum(1) - 2 * a @ b.T
        return np.sqrt(squares.clip(min=0))


def pixel_means(pictures: np.ndarray) -> np.ndarray:
    """Pictures described by their pixels, 0 to 1, as means over areas where they are more than 32x32: [N,D]."""
    small = resized(pictures, min(PIXELS_SIDE, pictures.shape[1]))
    return small.reshape(len(small), -1) / 255


def share_of_copies(samples: Nearest, held_out: Nearest) -> float:
    """The share of samples that are nearer to a training picture than 99 of 100 held-out photographs are.

    0.01 is what held-out photographs themselves have.
    """
    return float((samples.distance[:, 0] < np.percentile(held_out.distance[:, 0], PERCENTILE)).mean())


def sheet(samples: np.ndarray, searched: Sequence[tuple[TrainingSet, Nearest]]) -> np.ndarray:
    """A picture with a column for each of the first 16 samples: on top itself, below what each search found nearest."""
    columns = []
    for row, sample in enumerate(samples[:SHOWN]):
        found = [picture for training, nearest in searched for picture in training.shown(nearest, row)]
        columns.append(np.concatenate([sample, *found]))
    return np.concatenate(columns, axis=1)
