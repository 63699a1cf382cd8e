"""Sliced Wasserstein distance between the patches of two sets of pictures (Karras et al. 2018, section 5).

Each picture becomes a Laplacian pyramid (Burt & Adelson 1983) down to 16 pixels. From each level 128 patches of 7x7
pixels are taken per picture; their channels are normalised to mean 0 and standard deviation 1 over the whole set. For
one direction, the distance of two sets of P patches is the mean of |a_(i) - b_(i)| over their sorted projections. This
is the Wasserstein-1 distance in one dimension. The figure of a level is the mean over 512 random directions, times
1000.

The figure uses no network, so no loss of this project was built to lower it. It tends to 0 only for infinitely many
pictures of one distribution; for fewer pictures it is larger. Since channels are normalised, it does not measure
differences of the sets' mean colour and contrast.

Shapes: N pictures, R pixels along each side, P = 128 N patches, D = 147 numbers in a patch.
"""

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

SMALLEST = 16  # pixels, side of the coarsest level, unless the pictures are smaller
PATCH = 7  # pixels, side of a patch
PATCHES = 128  # of each picture at each level
REPEATS, DIRECTIONS = 4, 128  # times so many random directions
REFERENCE, COMPARED, PROJECTION = range(3)  # keys of the generators of random numbers, which are always the same


class PatchDistance:
    """The distance of sets of pictures from one reference set."""

    def __init__(self, reference_NRR3: np.ndarray):
        """reference_NRR3: uint8 pictures [N,R,R,3], R at least 7."""
        self._reference = _patches(reference_NRR3, REFERENCE)

    def __call__(self, pictures_NRR3: np.ndarray) -> dict[int, float]:
        """The figure of each level, by its side in pixels, finest first, for uint8 pictures [N,R,R,3].

        Raises ValueError unless N and R are those of the reference set.
        """
        compared = _patches(pictures_NRR3, COMPARED)
        return {side: 1000 * sliced_distance(compared[side], patches) for side, patches in self._reference.items()}


def sliced_distance(a_PD: np.ndarray, b_PD: np.ndarray) -> float:
    """The Wasserstein-1 distance of two sets of points [P,D] along a direction, averaged over random directions.

    The directions are the same in every call. Raises ValueError for sets of different shapes.
    """
    if a_PD.shape != b_PD.shape:
        raise ValueError(f"Sorted projections need sets of one shape, not {a_PD.shape} and {b_PD.shape}.")
    rng, gaps = _rng(PROJECTION), []
    for _ in range(REPEATS):  # not all directions at once, to save memory
        directions = rng.standard_normal((DIRECTIONS, a_PD.shape[1]), dtype=np.float32)
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        gaps.append(np.abs(np.sort(directions @ a_PD.T) - np.sort(directions @ b_PD.T)).mean(dtype=np.float64))
    return float(np.mean(gaps))


def laplacian_pyramid(picture_RR3: np.ndarray) -> list[np.ndarray]:
    """The Laplacian pyramid of a float32 picture [R,R,3]: details, finest first, then the remaining coarse picture.

    Each level is [r,r,3], with half the side r of the one before. OpenCV's filter is that of the paper, the binomial
    one of five numbers.
    """
    levels = [picture_RR3]
    while min(levels[-1].shape[:2]) >= 2 * SMALLEST:
        smaller = cv2.pyrDown(levels[-1])
        rows, columns = levels[-1].shape[:2]
        levels[-1] = levels[-1] - cv2.pyrUp(smaller, dstsize=(columns, rows))
        levels.append(smaller)
    return levels


def _patches(pictures_NRR3: np.ndarray, stream: int) -> dict[int, np.ndarray]:
    """Normalised patches [P,D] of each level, by its side in pixels."""
    rng = _rng(stream)
    pyramids = [laplacian_pyramid(picture.astype(np.float32)) for picture in pictures_NRR3]
    return {level[0].shape[0]: _normalised(_random_patches(np.stack(level), rng)) for level in zip(*pyramids)}


def _random_patches(level_NRR3: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Patches [P,3,7,7] at random positions."""
    windows = sliding_window_view(level_NRR3, (PATCH, PATCH), axis=(1, 2))
    count, rows, columns = windows.shape[:3]
    shape = (count, PATCHES)
    y, x = rng.integers(rows, size=shape), rng.integers(columns, size=shape)
    return windows[np.arange(count)[:, None], y, x].reshape(-1, 3, PATCH, PATCH)


def _normalised(patches_P377: np.ndarray) -> np.ndarray:
    """[P,D] the patches with channels of mean 0 and standard deviation 1 over all; a constant channel becomes 0."""
    axes = (0, 2, 3)
    centred = patches_P377 - patches_P377.mean(axes, keepdims=True, dtype=np.float64).astype(np.float32)
    spread = np.sqrt(np.square(centred).mean(axes, keepdims=True, dtype=np.float64)).astype(np.float32)
    return (centred / np.where(spread > 0, spread, 1)).reshape(len(centred), -1)


def _rng(stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=stream))
