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
from app.edits.base import BatchConstraint, labels_of, record_of, sigmas_of, to_evaluations
from app.edits.material import Material
from app.edits.registry import DEBLUR
from app.edits.results import Evaluation, Finished, Result
from app.edits.spec import MAX_SEED
from app.edits.tiled import TiledEdit, put_tiles, read_part, tiles_by_round
from app.edits.tiles import Mosaic
from core.blur import Deblur, estimate_blur


@dataclass(frozen=True, kw_only=True, eq=False)
class DeblurRequest(TiledEdit):
    """`blur`: its standard deviation in pixels of the photo."""

    task: ClassVar[str] = "deblur"

    blur: float

    @property
    def evaluations(self) -> int:
        """All noise levels, for one group of tiles after the other."""
        return self.rounds * super().evaluations

    @property
    def facts(self) -> dict[str, Any]:
        """The blur, which may have been estimated."""
        return {"blur": round(self.blur, 2)}

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py. The steps are those of one tile."""
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
    pictures = [request.as_batch_picture(partial(_finished, model, request)) for request in requests]
    return to_evaluations(_steps(model, requests), requests[0].evaluations, pictures)


def _steps(model: core.Model, requests: Sequence[DeblurRequest]) -> Iterator[Sequence[Mosaic] | None]:
    """The mosaics after each evaluation. After the last noise level of a round its tiles are put in."""
    mosaics = [Mosaic(request.part, model.card.resolution) for request in requests]
    sigmas = sigmas_of(model, requests[0])
    for chosen in tiles_by_round(mosaics, requests[0].rounds):
        tiles = [core.to_model(mosaics[k].tile(corner)).to(model.device) for k, corner in chosen]
        constraint = BatchConstraint(
            [Deblur(tile, requests[k].blur) for tile, (k, _) in zip(tiles, chosen, strict=True)]
        )
        seeds = [requests[k].seeds[0] + mosaics[k].corners.index(corner) for k, corner in chosen]
        noise = core.SeededNoise([seed % (MAX_SEED + 1) for seed in seeds])
        labels = labels_of(model, requests[0], len(chosen))
        start = constraint.apply(torch.cat(tiles))
        left = len(sigmas)
        for x0 in core.edit_steps(model, constraint, sigmas, noise, start=start, labels=labels, pauses=True):
            left -= x0 is not None
            if x0 is not None and not left:
                put_tiles(mosaics, chosen, x0)
            yield None if x0 is None else mosaics


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
        constraint = Deblur(_plane(part, channel), request.blur)
        held[..., channel] = core.to_uint8(constraint.project_in_range(_plane(pixels, channel)))[0, ..., 0]
    return held


def _plane(pixels: np.ndarray, channel: int) -> torch.Tensor:
    """One channel of [H,W,3] uint8 as [1,1,H,W] in [-1, 1]."""
    return torch.from_numpy(pixels[..., channel].astype(np.float32)).div_(127.5).sub_(1)[None, None]
