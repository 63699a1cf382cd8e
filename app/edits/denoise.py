"""Denoise: one evaluation at the noise level that the picture has, estimated or chosen.

A consistency model maps a picture with noise of any level to a clean one; its own noise is all that it needs to know.
Noise is a matter of single pixels, so a photo larger than the model is not made smaller: it is cleaned at its own size,
in overlapping tiles of the model's (app/edits/tiles.py).
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.base import PREVIEW_SIDE, Edit, Part, labels_of, record_of, walk
from app.edits.material import Material
from app.edits.registry import DENOISE
from app.edits.results import Evaluation, Finished, Result
from app.edits.squares import read_square, within
from app.edits.super_resolve import as_squares
from app.edits.tiles import Mosaic, tile_starts
from core.compose import Square
from core.errors import RequestError
from core.noise_level import estimate_sigma

MAX_PIXELS = 16_000_000
EVALUATION_PIXELS = 64 * 64 * 64  # at most in one evaluation: others wait for their turn meanwhile
GOOD_EVALUATIONS = 20  # a person sees that it goes on
EXACT_SIDE = 256  # pixels up to which the page is shown what was given, pixel by pixel


@dataclass(frozen=True, kw_only=True, eq=False)
class DenoiseRequest(Edit):
    """A photo [H,W,3] uint8, the part of it to clean (None: all), and the level of its noise, in model range."""

    task: ClassVar[str] = "denoise"

    photo: np.ndarray
    square: Square | None = None
    sigma: float
    tiles: int  # each has one evaluation, together with others
    rounds: int  # evaluations in all

    @property
    def evaluations(self) -> int:
        return self.rounds

    @property
    def facts(self) -> dict[str, Any]:
        return {"sigma": round(self.sigma, 4)}

    @property
    def shares(self) -> tuple[Hashable, ...]:
        return *super().shares, self.tiles == 1 or object()  # a photo of several tiles is a batch already

    def settings(self) -> dict[str, Any]:
        square = self.square and [self.square.x, self.square.y, self.square.side]
        return super().settings() | {"steps": 1, "sigma": round(self.sigma, 4), "square": square}


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> DenoiseRequest:
    """See app/edits/spec.py."""
    photo = material.photo
    placed = within(photo, read_square(material.square))
    part = photo if placed is None else photo[placed.inside(photo)]
    if part.shape[0] * part.shape[1] > MAX_PIXELS:
        raise RequestError(
            f"This is a photo of {part.shape[0] * part.shape[1] / 1e6:.0f} million pixels; up to "
            f"{MAX_PIXELS // 1_000_000} million can be cleaned at once. Place the square over a part of it."
        )
    sigma = estimate_sigma(part) if values["sigma"] is None else values["sigma"]
    sigma = min(max(sigma, card.sigma_min), DENOISE["sigma"].high)
    tiles = len(tile_starts(part.shape[0], card.resolution)) * len(tile_starts(part.shape[1], card.resolution))
    rounds = _rounds(tiles, max(EVALUATION_PIXELS // card.resolution**2, 1))
    return DenoiseRequest(photo=photo, square=placed, sigma=sigma, tiles=tiles, rounds=rounds, **settings)


def _rounds(tiles: int, most: int) -> int:
    """How many evaluations of at most so many tiles; more of them where each still has a quarter of that."""
    return min(max(-(-tiles // most), min(GOOD_EVALUATIONS, -(-4 * tiles // most))), tiles)


def evaluations(model, requests: Sequence[DenoiseRequest]) -> Iterator[Evaluation]:
    parts = [
        Part(
            request.seeds[0],
            lambda mosaic: mosaic.preview(PREVIEW_SIDE),
            partial(_finished, model, request),
            request.square and (request.square.x, request.square.y, request.square.side),
        )
        for request in requests
    ]
    return walk(_steps(model, requests), requests[0].evaluations, parts)


def _steps(model, requests: Sequence[DenoiseRequest]) -> Iterator[Sequence[Mosaic]]:
    """The mosaics, some more of their tiles clean after each evaluation."""
    mosaics = [Mosaic(_part_of(request), model.card.resolution) for request in requests]
    work = [(k, corner) for k, mosaic in enumerate(mosaics) for corner in mosaic.corners]
    for some in np.array_split(np.arange(len(work)), requests[0].evaluations):
        chosen = [work[at] for at in some]
        noisy = torch.cat([core.to_model(mosaics[k].tile(corner)) for k, corner in chosen])
        sigma = torch.tensor([requests[k].sigma for k, _ in chosen])
        x0 = core.denoise(model, noisy, sigma, labels=labels_of(model, requests[0], len(chosen)))
        levels = x0.float().cpu().add(1).mul(127.5).permute(0, 2, 3, 1).numpy()
        for (k, corner), tile in zip(chosen, levels):
            mosaics[k].put(corner, tile)
        yield mosaics


def _part_of(request: DenoiseRequest) -> np.ndarray:
    return request.photo if request.square is None else request.photo[request.square.inside(request.photo)]


def _finished(model, request: DenoiseRequest, mosaic: Mosaic) -> Finished:
    seed, given, clean = request.seeds[0], _part_of(request), mosaic.pixels()
    facts: dict[str, Any] = dict(request.facts)
    if given.shape[0] == given.shape[1] <= EXACT_SIDE:
        facts["input"] = core.png_bytes(as_squares(given))
    if request.square is not None:
        whole = request.photo.copy()
        whole[request.square.inside(whole)] = clean
        clean = whole
    return Finished((Result(seed, clean, record_of(model, request, seed)),), facts)
