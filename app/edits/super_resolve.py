"""Super-resolve: a small picture at the model's size. Each of its pixels is the exact mean of its block in the result.

The small picture has the model's side divided by 2, 4 or 8. A picture of another side is first resized by area means
to the nearest of these.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.base import PREVIEW_SIDE, BatchPicture, Edit, batched_edit_steps, record_of, sigmas_of, to_evaluations
from app.edits.data_url import to_data_url
from app.edits.material import Material
from app.edits.registry import SUPER_RESOLVE
from app.edits.results import Evaluation, Finished, Result
from app.edits.squares import photo_square
from core.block_means import round_keeping_means
from core.compose import Square, view
from core.errors import RequestError
from core.first_guess import enlarged

FACTORS = SUPER_RESOLVE["factor"].choices
RECORD_INPUT = 48_000  # characters, at most, of the small picture inside the record


@dataclass(frozen=True, kw_only=True, eq=False)
class SuperResolveRequest(Edit):
    """`small`: [R/factor,R/factor,3] uint8, R the model's side."""

    task: ClassVar[str] = "super-resolve"

    small: np.ndarray
    factor: int

    @property
    def batch_key(self) -> tuple[Hashable, ...]:
        """See app/edits/base.py."""
        return *super().batch_key, self.factor

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py."""
        return super().settings() | {"factor": self.factor}


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> SuperResolveRequest:
    """See app/edits/spec.py. Raises RequestError for a factor that does not divide the model's side."""
    assert material.photo is not None  # app/edits/requests.py asks for it
    photo, factor = material.photo, values["factor"]
    placed = photo_square(photo, material.square) or Square.centred(photo.shape[1], photo.shape[0])
    if factor is None:
        factor = nearest_factor(placed.side, card.resolution)
    if card.resolution % factor:
        raise RequestError(f"This model's side of {card.resolution} pixels cannot be divided by {factor}.")
    small = core.to_uint8(view(photo, placed, card.resolution // factor))[0]
    return SuperResolveRequest(small=small, factor=factor, **settings)


def nearest_factor(side: int, resolution: int) -> int:
    """The factor whose small picture has the side nearest, by ratio, to `side`. resolution: the model's side."""
    possible = [factor for factor in FACTORS if resolution % factor == 0 and resolution > factor]
    return min(possible, key=lambda factor: abs(np.log(side * factor / resolution)))


def evaluations(model: core.Model, requests: Sequence[SuperResolveRequest]) -> Iterator[Evaluation]:
    """See app/edits/spec.py."""
    pictures = [
        BatchPicture(request.seeds[0], lambda x0: core.to_uint8(x0)[0], partial(_finished, model, request))
        for request in requests
    ]
    return to_evaluations(_steps(model, requests), requests[0].evaluations, pictures)


def _steps(model: core.Model, requests: Sequence[SuperResolveRequest]) -> Iterator[Sequence[torch.Tensor] | None]:
    smalls = [core.to_model(request.small).to(model.device) for request in requests]
    constraints = [core.SuperResolve(small, request.factor) for small, request in zip(smalls, requests)]
    starts = [enlarged(constraint) for constraint in constraints]
    return batched_edit_steps(model, requests, constraints, starts, sigmas_of(model, requests[0]))


def _finished(model: core.Model, request: SuperResolveRequest, x0: torch.Tensor) -> Finished:
    seed = request.seeds[0]
    pixels = round_keeping_means(x0, request.small, request.factor)
    record = record_of(model, request, seed, input=small_url(request.small))
    return Finished((Result(seed, pixels, record),), {"input": core.png_bytes(as_squares(request.small))})


def small_url(small: np.ndarray) -> str | None:
    """The small picture [r,r,3] uint8 as a PNG data URL for the record; None above RECORD_INPUT characters."""
    url = to_data_url(core.png_bytes(small), "png")
    return url if len(url) <= RECORD_INPUT else None


def as_squares(small: np.ndarray) -> np.ndarray:
    """[r,r,3] uint8 with each pixel as a square, so that the picture has PREVIEW_SIDE pixels a side or more."""
    times = -(-PREVIEW_SIDE // len(small))
    return small.repeat(times, 0).repeat(times, 1)
