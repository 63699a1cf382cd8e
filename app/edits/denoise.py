"""Denoise: one evaluation at the noise level that the picture has, estimated or chosen.

A consistency model maps a picture with noise of any level to a clean one, so the level is all that it needs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import torch

import core
from app.edits.base import labels_of, record_of, to_evaluations
from app.edits.material import Material
from app.edits.registry import DENOISE
from app.edits.results import Evaluation, Finished, Result
from app.edits.tiled import TiledEdit, put_tiles, read_part, tiles_by_round
from app.edits.tiles import Mosaic
from core.estimate_noise import estimate_sigma


@dataclass(frozen=True, kw_only=True, eq=False)
class DenoiseRequest(TiledEdit):
    """`sigma`: the noise level of the photo, with pixels in [-1, 1]."""

    task: ClassVar[str] = "denoise"

    sigma: float

    @property
    def evaluations(self) -> int:
        """One for each round of tiles."""
        return self.rounds

    @property
    def facts(self) -> dict[str, Any]:
        """The noise level, which may have been estimated."""
        return {"sigma": round(self.sigma, 4)}

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py."""
        return super().settings() | self.facts


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> DenoiseRequest:
    """See app/edits/spec.py."""
    assert material.photo is not None  # app/edits/requests.py asks for it
    fields = read_part(material.photo, material.square, card.resolution)
    request = DenoiseRequest(sigma=0.0, **fields, **settings)
    sigma = estimate_sigma(request.part) if values["sigma"] is None else values["sigma"]
    return replace(request, sigma=min(max(sigma, card.sigma_min), DENOISE["sigma"].high))


def evaluations(model: core.Model, requests: Sequence[DenoiseRequest]) -> Iterator[Evaluation]:
    """See app/edits/spec.py."""
    pictures = [request.as_batch_picture(partial(_finished, model, request)) for request in requests]
    return to_evaluations(_steps(model, requests), requests[0].evaluations, pictures)


def _steps(model: core.Model, requests: Sequence[DenoiseRequest]) -> Iterator[Sequence[Mosaic]]:
    """The mosaics after each evaluation, with the tiles of its round denoised."""
    mosaics = [Mosaic(request.part, model.card.resolution) for request in requests]
    for chosen in tiles_by_round(mosaics, requests[0].rounds):
        noisy = torch.cat([core.to_model(mosaics[k].tile(corner)) for k, corner in chosen])
        sigma = torch.tensor([requests[k].sigma for k, _ in chosen])
        x0 = core.denoise(model, noisy, sigma, labels=labels_of(model, requests[0], len(chosen)))
        put_tiles(mosaics, chosen, x0)
        yield mosaics


def _finished(model: core.Model, request: DenoiseRequest, mosaic: Mosaic) -> Finished:
    seed = request.seeds[0]
    pixels = request.whole(mosaic.pixels())
    return Finished((Result(seed, pixels, record_of(model, request, seed)),), request.facts | request.input_picture())
