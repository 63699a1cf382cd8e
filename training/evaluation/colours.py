"""How well the colours of a painting are kept in its result, on means of 8x8 blocks, and how colourful pictures are.

Shapes: N pictures, R pixels along each side, a multiple of 8. All sets of pictures are [N,R,R,3] uint8.
"""

import cv2
import numpy as np

BLOCKS = 8  # blocks along each side


def block_means(pictures: np.ndarray) -> np.ndarray:
    """[N,8,8,3] the mean of each block, 0 to 255."""
    count, side = len(pictures), pictures.shape[1] // BLOCKS
    return pictures.reshape(count, BLOCKS, side, BLOCKS, side, 3).mean(axis=(2, 4))


def stroke_correlation(painted: np.ndarray, strokes: np.ndarray) -> float:
    """The correlation of the block means of results and strokes, -1 to 1; 1 if they are equal."""
    return float(np.corrcoef(block_means(painted).ravel(), block_means(strokes).ravel())[0, 1])


def colour_differences(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[N] the distance in CIELAB (CIE 1976), averaged over blocks; from black to white it is 100."""
    return np.linalg.norm(_lab(a) - _lab(b), axis=-1).mean(axis=(1, 2))


def mean_chroma(pictures: np.ndarray) -> float:
    """The CIELAB chroma of a pixel, sqrt(a^2 + b^2), averaged over all pixels: 0 for grey."""
    channels = [cv2.cvtColor((picture / 255).astype(np.float32), cv2.COLOR_RGB2LAB)[..., 1:] for picture in pictures]
    return float(np.mean([np.linalg.norm(each, axis=-1).mean() for each in channels]))


def _lab(pictures: np.ndarray) -> np.ndarray:
    """[N,8,8,3] the block means in CIELAB: lightness 0 to 100, a and b."""
    means = (block_means(pictures) / 255).astype(np.float32)
    return np.stack([cv2.cvtColor(picture, cv2.COLOR_RGB2LAB) for picture in means])
