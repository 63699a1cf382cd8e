"""Erasing: what is marked goes, and copies from the rest of the photo come in its place, as sharp as the photo itself.

No model is asked. The first evaluation shows a smooth filling, the last one finishes with copies (core/patch_fill.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

import core
from app.edits.base import PREVIEW_SIDE, record_of
from app.edits.previews import fitted, preview_jpeg
from app.edits.results import Evaluation, Finished, Picture, Result
from core.masks import extents, feather_weights
from core.patch_fill import copied, smoothly_filled

if TYPE_CHECKING:
    from app.edits.inpaint import InpaintRequest

EVALUATIONS = 2


def erased_evaluations(model: core.Model, requests: Sequence[InpaintRequest]) -> Iterator[Evaluation]:
    """Yields EVALUATIONS evaluations of the requests as one batch. Copying takes seconds, so it is left to `finish`."""
    pictures = tuple(Picture(request.seeds[0], preview_jpeg(_preview(request)), b"") for request in requests)
    for _ in range(EVALUATIONS - 1):
        yield Evaluation(pictures, 0.0)
    yield Evaluation(pictures, 0.0, partial(_finished, model, requests))


def _preview(request: InpaintRequest) -> np.ndarray:
    """The whole photo, smoothly filled: at most PREVIEW_SIDE pixels a side."""
    small = fitted(request.photo, PREVIEW_SIDE)
    touched = cv2.resize(request.mask, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    return smoothly_filled(small, touched != 0)


def _finished(model: core.Model, requests: Sequence[InpaintRequest]) -> Finished:
    results = (Result(r.seeds[0], erased(r), record_of(model, r, r.seeds[0])) for r in requests)
    return Finished(tuple(results))


def erased(request: InpaintRequest) -> np.ndarray:
    """The photo [H,W,3] uint8 with copies in what its mask marks. Every other pixel keeps its value."""
    photo = request.photo
    pixels = copied(photo, request.mask, seed=request.seeds[0])
    box = extents(request.mask != 0)
    if request.feather and pixels[box].size:
        weights = feather_weights(request.mask, request.feather)[box][..., None]
        mixed = photo[box] + weights * (pixels[box] - photo[box].astype(np.float32))
        pixels[box] = mixed.round().clip(0, 255).astype(np.uint8)
    return pixels
