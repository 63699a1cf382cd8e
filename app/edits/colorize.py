"""Colorize: the photo keeps its own luminance at full size, the model gives the colours.

A few dabs of colour steer it: the mean colour under each is known too (core/dabs.py), from the first evaluation to the
last, so the colour that was dabbed is there in the end and the model paints the rest to go with it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.base import PREVIEW_SIDE, Edit, Part, record_of, sigmas_of, solve, walk
from app.edits.inputs import read_strokes
from app.edits.material import Material
from app.edits.previews import fitted
from app.edits.recorded_marks import layer_url
from app.edits.results import Evaluation, Finished, Result
from app.edits.squares import layer_view, read_square, within
from core.chroma import recolour
from core.compose import Square, view
from core.dabs import dabs_of
from core.first_guess import grey


@dataclass(frozen=True, kw_only=True, eq=False)
class ColorizeRequest(Edit):
    """A photo [H,W,3] of which only the luminance counts; the square to colour, or the whole squeezed into one."""

    task: ClassVar[str] = "colorize"

    photo: np.ndarray
    square: Square | None = None
    dabs: np.ndarray | None = None  # [h,w,4] uint8 over the whole photo

    def settings(self) -> dict[str, Any]:
        place = _place(self.square)
        return super().settings() | {"square": place and list(place), "dabs": layer_url(self.dabs)}


def _place(square: Square | None) -> tuple[int, int, int] | None:
    return None if square is None else (square.x, square.y, square.side)


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> ColorizeRequest:
    """See app/edits/spec.py."""
    assert material.photo is not None  # app/edits/requests.py asks for it
    photo, dabs = material.photo, read_strokes(material.layer)
    if dabs is not None and not dabs[..., 3].any():
        dabs = None
    return ColorizeRequest(photo=photo, square=within(photo, read_square(material.square)), dabs=dabs, **settings)


def evaluations(model: core.Model, requests: Sequence[ColorizeRequest]) -> Iterator[Evaluation]:
    parts = [
        Part(
            request.seeds[0],
            _preview_of(request),
            partial(_finished, model, request),
            _place(request.square),
        )
        for request in requests
    ]
    return walk(_steps(model, requests), requests[0].evaluations, parts)


def _finished(model: core.Model, request: ColorizeRequest, x0: torch.Tensor) -> Finished:
    seed = request.seeds[0]
    pixels = recolour(request.photo, x0, request.square)
    return Finished((Result(seed, pixels, record_of(model, request, seed)),))


def _steps(model: core.Model, requests: Sequence[ColorizeRequest]) -> Iterator[Sequence[torch.Tensor] | None]:
    """x0 [1,3,R,R] of each request after each evaluation, with the luminance of its photo."""
    constraints, starts = [], []
    for request in requests:
        seen = view(request.photo, request.square, model.card.resolution)
        known = core.Colorize(seen.to(model.device))
        constraints.append(_with_dabs(known, request, model.card.resolution))
        starts.append(constraints[-1].apply(grey(known)))
    return solve(model, requests, constraints, starts, sigmas_of(model, requests[0]))


def _with_dabs(known: core.Colorize, request: ColorizeRequest, resolution: int) -> core.Constraint:
    if request.dabs is None:
        return known
    size = request.photo.shape[1], request.photo.shape[0]
    return dabs_of(known, layer_view(request.dabs, size, request.square, resolution)) or known


def _preview_of(request: ColorizeRequest) -> Callable[[torch.Tensor], np.ndarray]:
    """A function x0 -> the photo, or its square, in colour, at most PREVIEW_SIDE pixels a side."""
    if request.square is None:
        small = fitted(request.photo, PREVIEW_SIDE)
    else:
        small = core.to_uint8(view(request.photo, request.square, min(request.square.side, PREVIEW_SIDE)))[0]
    return partial(recolour, small)
