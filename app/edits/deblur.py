"""Deblur: the cosines that a blur left are known, the model adds the others (core/blur.py).

Algorithm 4 (core/sampling.py) on tiles of the model's size: the estimate is held to the known cosines after each
evaluation. In the end the whole photo is held to its known cosines once more, across the borders of tiles.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.base import record_of, to_evaluations
from app.edits.material import Material
from app.edits.registry import DEBLUR
from app.edits.results import Evaluation, Finished, Result
from app.edits.tiled import TiledEdit, plane, read_part, tiled_edit_steps
from app.edits.tiles import Mosaic
from core.blur import Deblur, estimate_blur


@dataclass(frozen=True, kw_only=True, eq=False)
class DeblurRequest(TiledEdit):
    """`blur`: its standard deviation in pixels of the photo."""

    task: ClassVar[str] = "deblur"

    blur: float

    @property
    def facts(self) -> dict[str, Any]:
        """The blur, which may have been estimated."""
        return {"blur": round(self.blur, 2)}

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py."""
        return super().settings() | self.facts


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> DeblurRequest:
    """See app/edits/spec.py."""
    assert material.photo is not None  # app/edits/requests.py asks for it
    fields = read_part(material.photo, material.square, card.resolution)
    request = DeblurRequest(blur=0.0, **fields, **settings)
    blur = estimate_blur(request.part) if values["blur"] is None else values["blur"]
    return replace(request, blur=min(max(blur, DEBLUR["blur"].low), DEBLUR["blur"].high))


def evaluations(model: core.Model, requests: Sequence[DeblurRequest]) -> Iterator[Evaluation]:
    """See app/edits/spec.py."""
    pictures = [request.as_batch_picture(partial(_finished, model, request)) for request in requests]
    return to_evaluations(_steps(model, requests), requests[0].evaluations, pictures)


def _steps(model: core.Model, requests: Sequence[DeblurRequest]) -> Iterator[Sequence[Mosaic] | None]:
    """The mosaics after each evaluation."""
    mosaics = [Mosaic(request.part, model.card.resolution) for request in requests]
    return tiled_edit_steps(model, requests, mosaics, _prepared)


def _prepared(request: DeblurRequest, tile: torch.Tensor) -> tuple[core.Constraint, torch.Tensor]:
    known = Deblur(tile, request.blur)
    return known, known.apply(tile)


def _finished(model: core.Model, request: DeblurRequest, mosaic: Mosaic) -> Finished:
    seed = request.seeds[0]
    pixels = request.whole(_held(mosaic.pixels(), request))
    return Finished((Result(seed, pixels, record_of(model, request, seed)),), request.facts | request.input_picture())


def _held(pixels: np.ndarray, request: DeblurRequest) -> np.ndarray:
    """The part [H,W,3] uint8 with its known cosines restored and every level in 0 to 255.

    One channel at a time: the transforms of a photo of 12 megapixels then take 0.35 GB instead of 0.75.
    """
    held, part = np.empty_like(pixels), request.part
    for channel in range(3):
        constraint = Deblur(plane(part, channel), request.blur)
        held[..., channel] = core.to_uint8(constraint.project_in_range(plane(pixels, channel)))[0, ..., 0]
    return held
