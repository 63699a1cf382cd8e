"""How much of a painting's colours its result keeps, by means of 8x8 blocks.

Shapes: N pictures [N,R,R,3] uint8, R a multiple of 8.
"""

import cv2
import numpy as np

BLOCKS = 8  # along each side


def block_means(pictures: np.ndarray) -> np.ndarray:
    """[N,8,8,3], 0 to 255."""
    count, side = len(pictures), pictures.shape[1] // BLOCKS
    return pictures.reshape(count, BLOCKS, side, BLOCKS, side, 3).mean(axis=(2, 4))


def kept(painted: np.ndarray, strokes: np.ndarray) -> float:
    """Correlation of block means of results and strokes, 1 for identical."""
    return float(np.corrcoef(block_means(painted).ravel(), block_means(strokes).ravel())[0, 1])


def colour_differences(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[N]: the mean over blocks of the Euclidean distance in CIELAB (CIE 1976), 100 from black to white."""
    return np.linalg.norm(_lab(a) - _lab(b), axis=-1).mean(axis=(1, 2))


def _lab(pictures: np.ndarray) -> np.ndarray:
    """Block means, [N,8,8,3], as lightness 0 to 100, a and b."""
    means = (block_means(pictures) / 255).astype(np.float32)
    return np.stack([cv2.cvtColor(picture, cv2.COLOR_RGB2LAB) for picture in means])
