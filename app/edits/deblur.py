"""Deblur: what a blur has left of a photo is known, the model adds what it took (core/blur.py).

As for Algorithm 4 in general, the noise starts where the known part says enough, and the estimate is held to it after
each evaluation. In the end the whole photo is held to it once more, across the borders of tiles.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.base import Each, labels_of, record_of, sigmas_of, walk
from app.edits.material import Material
from app.edits.registry import DEBLUR
from app.edits.results import Evaluation, Finished, Result
from app.edits.spec import MAX_SEED
from app.edits.tiled import TiledEdit, put_all, read_part, rounds_of
from app.edits.tiles import Mosaic
from core.blur import Deblur, estimate_blur


@dataclass(frozen=True, kw_only=True, eq=False)
class DeblurRequest(TiledEdit):
    """The blur is a standard deviation in pixels of the photo."""

    task: ClassVar[str] = "deblur"

    blur: float

    @property
    def evaluations(self) -> int:
        return self.rounds * super().evaluations

    @property
    def facts(self) -> dict[str, Any]:
        return {"blur": round(self.blur, 2)}

    def settings(self) -> dict[str, Any]:
        return super().settings() | {"steps": self.evaluations // self.rounds, **self.facts}


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> DeblurRequest:
    """See app/edits/spec.py."""
    assert material.photo is not None  # app/edits/requests.py asks for it
    fields = read_part(material.photo, material.square, card.resolution)
    request = DeblurRequest(blur=0.0, **fields, **settings)
    blur = estimate_blur(request.part) if values["blur"] is None else values["blur"]
    return replace(request, blur=min(max(blur, DEBLUR["blur"].low), DEBLUR["blur"].high))


def evaluations(model: core.Model, requests: Sequence[DeblurRequest]) -> Iterator[Evaluation]:
    """See app/edits/spec.py."""
    parts = [request.as_part(partial(_finished, model, request)) for request in requests]
    return walk(_steps(model, requests), requests[0].evaluations, parts)


def _steps(model: core.Model, requests: Sequence[DeblurRequest]) -> Iterator[Sequence[Mosaic] | None]:
    """The mosaics after each evaluation, some more of their tiles sharp after the last one of a round."""
    mosaics = [Mosaic(request.part, model.card.resolution) for request in requests]
    sigmas = sigmas_of(model, requests[0])
    for chosen in rounds_of(mosaics, requests[0].rounds):
        tiles = [core.to_model(mosaics[k].tile(corner)).to(model.device) for k, corner in chosen]
        constraint = Each([Deblur(tile, requests[k].blur) for tile, (k, _) in zip(tiles, chosen, strict=True)])
        seeds = [requests[k].seeds[0] + mosaics[k].corners.index(corner) for k, corner in chosen]
        noise = core.SeededNoise([seed % (MAX_SEED + 1) for seed in seeds])
        labels = labels_of(model, requests[0], len(chosen))
        start = constraint.apply(torch.cat(tiles))
        left = len(sigmas)
        for x0 in core.edit_steps(model, constraint, sigmas, noise, start=start, labels=labels, pauses=True):
            left -= x0 is not None
            if x0 is not None and not left:
                put_all(mosaics, chosen, x0)
            yield None if x0 is None else mosaics


def _finished(model: core.Model, request: DeblurRequest, mosaic: Mosaic) -> Finished:
    seed = request.seeds[0]
    pixels = request.whole(_held(mosaic.pixels(), request))
    return Finished((Result(seed, pixels, record_of(model, request, seed)),), request.facts | request.given())


def _held(pixels: np.ndarray, request: DeblurRequest) -> np.ndarray:
    """The part with what the blur has left exactly as it was, at the photo's own size."""
    return core.to_uint8(Deblur(core.to_model(request.part), request.blur).project_in_range(core.to_model(pixels)))[0]
