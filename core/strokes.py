"""Strokes: the noise levels at which they are painted over, and strokes made from a photograph.

The paper (Song et al. 2023, appendix D) paints at 256 px from sigma 5.38, then 2.24. What a stroke keeps depends on
sigma over the side of the picture, so the levels scale with the side and stand in the model's card.
"""

import cv2
import numpy as np

from core.card import ModelCard
from core.errors import PictureError
from core.schedule import check_steps, strength_to_sigma
from core.spacing import spaced

MEDIAN_SHARE = 23 / 256  # of the side: SDEdit's kernel at 256 px
PALETTE_COLOURS = 6


def paint_sigmas(card: ModelCard, strength: float, steps: int) -> list[float]:
    """Descending noise levels for painting over strokes with that many evaluations.

    The first follows from the strength (0 .. 1; 0.5 is the model's own level). Two steps end at the card's second level
    (scaled alike); more steps fill the range between geometrically and go further down, since the last levels only
    clean up. What is no consistency model has a spacing of its own (core/spacing.py). Raises RequestError outside the
    ranges.
    """
    check_steps(steps)
    first = strength_to_sigma(strength, card.stroke_sigmas[0])
    ratio = (card.stroke_sigmas[1] / card.stroke_sigmas[0]) ** (1 + (steps - 2) / steps)
    return spaced(card, first, first * ratio, steps)


def strokes_from_photo(photo: np.ndarray, *, colours: int = PALETTE_COLOURS) -> np.ndarray:
    """A photograph [H,W,3] uint8 as if painted with a few broad strokes, the same size (SDEdit, Meng et al. 2022).

    A median filter of 23/256 of the side, then a palette of few colours (k-means). The same photo always gives the same
    strokes. Raises PictureError for anything but an RGB picture.
    """
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3:
        raise PictureError("Strokes are made from an RGB picture with 8 bits a channel.")
    kernel = max(int(min(photo.shape[:2]) * MEDIAN_SHARE) // 2 * 2 + 1, 3)
    smooth = cv2.medianBlur(np.ascontiguousarray(photo), kernel)
    return _reduce_palette(smooth, colours)


def _reduce_palette(picture: np.ndarray, colours: int) -> np.ndarray:
    pixels = picture.reshape(-1, 3).astype(np.float32)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 1.0)
    cv2.setRNGSeed(0)
    count, no_labels = min(colours, len(pixels)), np.empty(0, np.int32)
    _, labels, centres = cv2.kmeans(pixels, count, no_labels, stop, 2, cv2.KMEANS_PP_CENTERS)
    return centres.round().clip(0, 255).astype(np.uint8)[labels.ravel()].reshape(picture.shape)
