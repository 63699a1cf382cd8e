"""Sliced Wasserstein distance between the patches of two sets of pictures (Karras et al. 2018, section 5).

Each picture becomes a Laplacian pyramid (Burt & Adelson 1983) down to 16 pixels. Each level gives 128 patches of 7x7
pixels a picture, whose channels are brought to mean 0 and standard deviation 1 over the whole set. Along one direction,
the distance of two sets of P patches is the mean of |a_(i) - b_(i)| over their sorted projections: the Wasserstein-1
distance in one dimension. The figure of a level is its mean over 512 random directions, times 1000.

No network has a part in it, so no loss was made to please it. It is 0 only for endless sets of one distribution: the
fewer the pictures, the further above 0 it stays. As channels are normalised, it does not see a set's mean colour and
contrast, only how patches differ beyond them.

Shapes: N pictures, R their side, P = 128 N patches, D = 147 numbers of a patch.
"""

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

SMALLEST = 16  # side of the coarsest level, unless the pictures are smaller
PATCH = 7
PATCHES = 128  # of each picture at each level
REPEATS, DIRECTIONS = 4, 128
REFERENCE, JUDGED, PROJECTION = range(3)  # streams of random numbers, always the same


class PatchDistance:
    """How far sets of pictures are from one reference set."""

    def __init__(self, reference_NRR3: np.ndarray):
        """reference: uint8, R at least 7."""
        self._reference = _patches(reference_NRR3, REFERENCE)

    def __call__(self, pictures_NRR3: np.ndarray) -> dict[int, float]:
        """The figure of each level by its side, finest first. Raises ValueError unless both sets have one shape."""
        judged = _patches(pictures_NRR3, JUDGED)
        return {side: 1000 * sliced_distance(judged[side], patches) for side, patches in self._reference.items()}


def sliced_distance(a_PD: np.ndarray, b_PD: np.ndarray) -> float:
    """The mean Wasserstein-1 distance of two sets of points, projected on random directions (always the same).

    Raises ValueError for sets of different shapes.
    """
    if a_PD.shape != b_PD.shape:
        raise ValueError(f"Sorted projections need sets of one shape, not {a_PD.shape} and {b_PD.shape}.")
    rng, gaps = _rng(PROJECTION), []
    for _ in range(REPEATS):  # not all directions at once, for the memory
        directions = rng.standard_normal((DIRECTIONS, a_PD.shape[1]), dtype=np.float32)
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        gaps.append(np.abs(np.sort(directions @ a_PD.T) - np.sort(directions @ b_PD.T)).mean(dtype=np.float64))
    return float(np.mean(gaps))


def laplacian_pyramid(picture_RR3: np.ndarray) -> list[np.ndarray]:
    """A float32 picture as details, finest first, and what is left of it at the coarsest level.

    OpenCV's pyramids use the source's filter, the binomial one of five numbers.
    """
    levels = [picture_RR3]
    while min(levels[-1].shape[:2]) >= 2 * SMALLEST:
        smaller = cv2.pyrDown(levels[-1])
        rows, columns = levels[-1].shape[:2]
        levels[-1] = levels[-1] - cv2.pyrUp(smaller, dstsize=(columns, rows))
        levels.append(smaller)
    return levels


def _patches(pictures_NRR3: np.ndarray, stream: int) -> dict[int, np.ndarray]:
    """Normalised patches [P,D] of each level, by its side."""
    rng = _rng(stream)
    pyramids = [laplacian_pyramid(picture.astype(np.float32)) for picture in pictures_NRR3]
    return {level[0].shape[0]: _normalised(_cut(np.stack(level), rng)) for level in zip(*pyramids)}


def _cut(level_NRR3: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Patches [P,3,7,7] from random places."""
    windows = sliding_window_view(level_NRR3, (PATCH, PATCH), axis=(1, 2))
    count, rows, columns = windows.shape[:3]
    places = (count, PATCHES)
    y, x = rng.integers(rows, size=places), rng.integers(columns, size=places)
    return windows[np.arange(count)[:, None], y, x].reshape(-1, 3, PATCH, PATCH)


def _normalised(patches_P377: np.ndarray) -> np.ndarray:
    """Channels with mean 0 and standard deviation 1 over all patches, as [P,D]. A constant channel becomes 0."""
    axes = (0, 2, 3)
    centred = patches_P377 - patches_P377.mean(axes, keepdims=True, dtype=np.float64).astype(np.float32)
    spread = np.sqrt(np.square(centred).mean(axes, keepdims=True, dtype=np.float64)).astype(np.float32)
    return (centred / np.where(spread > 0, spread, 1)).reshape(len(centred), -1)


def _rng(stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=stream))
