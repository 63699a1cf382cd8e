"""Resizing and blurring of sets of pictures.

Shapes: N pictures, R pixels along each side.
"""

import cv2
import numpy as np


def resized(pictures: np.ndarray, side: int) -> np.ndarray:
    """[N,side,side,3] uint8, of pictures [N,R,R,3] uint8: by means over areas if smaller, bicubic if larger."""
    interpolation = cv2.INTER_AREA if side < pictures.shape[1] else cv2.INTER_CUBIC
    return np.stack([cv2.resize(picture, (side, side), interpolation=interpolation) for picture in pictures])


def blurred(pictures: np.ndarray, factor: int) -> np.ndarray:
    """[N,R,R,3] uint8: the pictures reduced by that factor and enlarged to their size again."""
    side = pictures.shape[1]
    return resized(resized(pictures, side // factor), side)
