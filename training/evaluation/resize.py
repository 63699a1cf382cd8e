"""Sets of pictures, [N,R,R,3] uint8, at another size."""

import cv2
import numpy as np


def resized(pictures: np.ndarray, side: int) -> np.ndarray:
    """[N,side,side,3] uint8, by area means or cubic."""
    how = cv2.INTER_AREA if side < pictures.shape[1] else cv2.INTER_CUBIC
    return np.stack([cv2.resize(picture, (side, side), interpolation=how) for picture in pictures])


def blurred(pictures: np.ndarray, factor: int) -> np.ndarray:
    """The same size, after being made smaller by that factor and larger again."""
    side = pictures.shape[1]
    return resized(resized(pictures, side // factor), side)
