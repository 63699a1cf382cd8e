"""Super-resolve: a picture of any size, 2 or more times as large. Its pixels are the exact block means of the result.

The result is made in overlapping tiles of the model's size (app/edits/tiled.py). Each tile has the exact block means;
where tiles fade into each other these are off by a little, so in the end the whole picture is brought back to them, by
a smooth picture (core/smooth_means.py).
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.base import PREVIEW_SIDE, BatchPicture, record_of, to_evaluations
from app.edits.data_url import to_data_url
from app.edits.material import Material
from app.edits.registry import SUPER_RESOLVE
from app.edits.results import Evaluation, Finished, Result
from app.edits.tiled import MAX_PIXELS, TiledEdit, placed_part, plane, tiled_edit_steps, tiles_and_rounds
from app.edits.tiles import Mosaic
from core.block_means import round_keeping_means
from core.errors import RequestError
from core.first_guess import enlarged

FACTORS = SUPER_RESOLVE["factor"].choices
RECORD_INPUT = 48_000  # characters, at most, of the small picture inside the record


@dataclass(frozen=True, kw_only=True, eq=False)
class SuperResolveRequest(TiledEdit):
    """`factor`: how many times as large the picture, or the square of it, becomes on each side."""

    task: ClassVar[str] = "super-resolve"

    factor: int

    @property
    def batch_key(self) -> tuple[Hashable, ...]:
        """See app/edits/base.py."""
        return *super().batch_key, self.factor

    @property
    def facts(self) -> dict[str, Any]:
        """The factor, which may have been chosen by the picture's size."""
        return {"factor": self.factor}

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py. The result is the square alone, so where it lay is no setting of it."""
        settings = super().settings() | self.facts
        del settings["square"]
        return settings


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> SuperResolveRequest:
    """See app/edits/spec.py. Raises RequestError for a factor that does not divide the model's side."""
    assert material.photo is not None  # app/edits/requests.py asks for it
    placed, size = placed_part(material.photo, material.square)
    factor = values["factor"] or _largest_factor(size, card.resolution)
    if card.resolution % factor:
        raise RequestError(f"This model's side of {card.resolution} pixels cannot be divided by {factor}.")
    _check_size(size, factor)
    fields = tiles_and_rounds(size, card.resolution, factor)
    return SuperResolveRequest(photo=material.photo, square=placed, factor=factor, **fields, **settings)


def _largest_factor(size: tuple[int, int], resolution: int) -> int:
    """4, or 2 for a picture of (rows, columns) that would become too large. resolution: the model's side."""
    return 4 if _enlarged_pixels(size, 4) <= MAX_PIXELS and resolution % 4 == 0 else 2


def _enlarged_pixels(size: tuple[int, int], factor: int) -> int:
    return size[0] * size[1] * factor**2


def _check_size(size: tuple[int, int], factor: int) -> None:
    """Raises RequestError if the result would have more than MAX_PIXELS."""
    pixels = _enlarged_pixels(size, factor)
    if pixels > MAX_PIXELS:
        smaller = factor > FACTORS[0] and _enlarged_pixels(size, FACTORS[0]) <= MAX_PIXELS
        advice = f"Choose {FACTORS[0]} x, or place" if smaller else "Place"
        raise RequestError(
            f"{size[1]} x {size[0]} pixels would become {pixels / 1e6:.0f} million; up to {MAX_PIXELS // 1_000_000}"
            f" million can be made at once. {advice} the square over a part of the picture."
        )


def evaluations(model: core.Model, requests: Sequence[SuperResolveRequest]) -> Iterator[Evaluation]:
    """See app/edits/spec.py."""
    pictures = [
        BatchPicture(request.seeds[0], lambda mosaic: mosaic.preview(PREVIEW_SIDE), partial(_finished, model, request))
        for request in requests
    ]
    return to_evaluations(_steps(model, requests), requests[0].evaluations, pictures)


def _steps(model: core.Model, requests: Sequence[SuperResolveRequest]) -> Iterator[Sequence[Mosaic] | None]:
    """The mosaics after each evaluation."""
    mosaics = [Mosaic(request.part, model.card.resolution, request.factor) for request in requests]
    return tiled_edit_steps(model, requests, mosaics, _prepared)


def _prepared(request: SuperResolveRequest, tile: torch.Tensor) -> tuple[core.Constraint, torch.Tensor]:
    known = core.SuperResolve(tile, request.factor)
    return known, enlarged(known)


def _finished(model: core.Model, request: SuperResolveRequest, mosaic: Mosaic) -> Finished:
    seed = request.seeds[0]
    pixels = _with_exact_means(mosaic.levels, request.part, request.factor)
    record = record_of(model, request, seed, input=_small_url(request.part))
    return Finished((Result(seed, pixels, record),), request.facts | request.input_picture())


def _with_exact_means(levels: np.ndarray, small: np.ndarray, factor: int) -> np.ndarray:
    """levels [FH,FW,3] float32 as uint8 whose block means are exactly small [H,W,3] uint8."""
    pixels = np.empty(levels.shape, np.uint8)
    for channel in range(3):
        constraint = core.SuperResolve(plane(small, channel), factor)
        x0 = constraint.project_in_range(plane(levels, channel))
        pixels[..., channel] = round_keeping_means(x0, small[..., channel : channel + 1], factor)[..., 0]
    return pixels


def _small_url(small: np.ndarray) -> str | None:
    """The small picture [h,w,3] uint8 as a PNG data URL for the record; None above RECORD_INPUT characters."""
    if small.size > 3 * RECORD_INPUT:
        return None
    url = to_data_url(core.png_bytes(small), "png")
    return url if len(url) <= RECORD_INPUT else None
