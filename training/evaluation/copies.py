"""The search for copies: which training pictures are nearest to the samples of a model, and how near they are.

Shapes: N samples, K held-out photographs and M training pictures, [.,R,R,3] uint8; D numbers that describe a picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.resize import resized

SHOWN, NEAREST = 16, 3  # samples on a sheet, and training pictures below each of them
PIXELS_SIDE = 32  # pixels, side of the pictures that are compared by pixels
PERCENTILE = 1  # of the held-out distances; a sample that is nearer than this counts as a copy


@dataclass(frozen=True)
class Nearest:
    """The three nearest training pictures of N pictures, nearest first; each array is [N,3]."""

    distance: np.ndarray  # Euclidean, in the units of the description
    index: np.ndarray  # of the training picture
    mirrored: np.ndarray  # bool, whether its mirror image is the near one


class TrainingSet:
    """Training pictures and their descriptions, among which copies are searched."""

    def __init__(self, pictures: np.ndarray, describe: Callable[[np.ndarray], np.ndarray]):
        """pictures: [M,R,R,3] uint8, M at least 3. describe: a function from pictures to [.,D]."""
        self.pictures = pictures
        self._describe, self._descriptions = describe, describe(pictures)

    def nearest(self, pictures: np.ndarray) -> Nearest:
        """The nearest training pictures of pictures [N,R,R,3], each as it is or mirrored, whichever is nearer."""
        plain, mirrored = (self._distances(each) for each in (pictures, np.ascontiguousarray(pictures[:, :, ::-1])))
        distance = np.minimum(plain, mirrored)
        index = distance.argsort(axis=1)[:, :NEAREST]
        return Nearest(
            np.take_along_axis(distance, index, axis=1), index, np.take_along_axis(mirrored < plain, index, axis=1)
        )

    def nearest_pictures(self, nearest: Nearest, row: int) -> list[np.ndarray]:
        """The three nearest training pictures [R,R,3] of the picture in this row, mirrored where that is nearer."""
        matches = zip(nearest.index[row], nearest.mirrored[row])
        return [self.pictures[index][:, ::-1] if mirrored else self.pictures[index] for index, mirrored in matches]

    def _distances(self, pictures: np.ndarray) -> np.ndarray:
        """[N,M] the Euclidean distances of descriptions."""
        a, b = self._describe(pictures), self._descriptions
        squares = np.square(a).sum(1)[:, None] + np.square(b).sum(1) - 2 * a @ b.T
        return np.sqrt(squares.clip(min=0))


def pixel_means(pictures: np.ndarray) -> np.ndarray:
    """[N,D] pictures [N,R,R,3] described by their values, 0 to 1, at 32x32 pixels or their own size if smaller."""
    small = resized(pictures, min(PIXELS_SIDE, pictures.shape[1]))
    return small.reshape(len(small), -1) / 255


def copied_fraction(samples: Nearest, held_out: Nearest) -> float:
    """The fraction of samples, 0 to 1, that are nearer to a training picture than 99 of 100 held-out photographs are.

    For the held-out photographs themselves it is 0.01.
    """
    return float((samples.distance[:, 0] < np.percentile(held_out.distance[:, 0], PERCENTILE)).mean())


def sheet(samples: np.ndarray, searched: Sequence[tuple[TrainingSet, Nearest]]) -> np.ndarray:
    """A picture with one column for each of the first 16 samples: the sample, below it the nearest of each search.

    samples: [N,R,R,3]. The result is uint8 [R (1 + 3 S), 16 R, 3] for S searches.
    """
    columns = []
    for row, sample in enumerate(samples[:SHOWN]):
        matches = [picture for training, nearest in searched for picture in training.nearest_pictures(nearest, row)]
        columns.append(np.concatenate([sample, *matches]))
    return np.concatenate(columns, axis=1)
