"""Colorize: the photo keeps its own luminance at full size, the model gives the colours.

Dabs of colour steer the model: the mean colour under each dab is a constraint as well (core/dabs.py). It holds after
every evaluation, so the dabbed colour is in the result, and the model chooses the other colours to match it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.base import PREVIEW_SIDE, BatchPicture, Edit, batched_edit_steps, record_of, sigmas_of, to_evaluations
from app.edits.material import Material
from app.edits.previews import fitted
from app.edits.recorded_marks import layer_url
from app.edits.results import Evaluation, Finished, Result
from app.edits.squares import layer_view, photo_square, square_numbers
from core.chroma import recolour
from core.compose import Square, view
from core.dabs import dabs_of
from core.first_guess import grey


@dataclass(frozen=True, kw_only=True, eq=False)
class ColorizeRequest(Edit):
    """A photo [H,W,3] uint8, of which only the luminance is used. `square` is coloured; None: the whole photo."""

    task: ClassVar[str] = "colorize"

    photo: np.ndarray
    square: Square | None = None
    dabs: np.ndarray | None = None  # [h,w,4] uint8, stretched over the whole photo
    axis: str = "grey"  # that luminance is replaced along

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py."""
        own = {"axis": self.axis, "square": square_numbers(self.square), "dabs": layer_url(self.dabs)}
        return super().settings() | own


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> ColorizeRequest:
    """See app/edits/spec.py."""
    assert material.photo is not None  # app/edits/requests.py asks for it
    photo, dabs = material.photo, material.read_strokes()
    if dabs is not None and not dabs[..., 3].any():
        dabs = None
    square = photo_square(photo, material.square)
    return ColorizeRequest(photo=photo, square=square, dabs=dabs, axis=values["axis"], **settings)


def evaluations(model: core.Model, requests: Sequence[ColorizeRequest]) -> Iterator[Evaluation]:
    """See app/edits/spec.py."""
    pictures = [
        BatchPicture(
            request.seeds[0],
            _preview_of(request),
            partial(_finished, model, request),
            square_numbers(request.square),
        )
        for request in requests
    ]
    return to_evaluations(_steps(model, requests), requests[0].evaluations, pictures)


def _finished(model: core.Model, request: ColorizeRequest, x0: torch.Tensor) -> Finished:
    seed = request.seeds[0]
    pixels = recolour(request.photo, x0, request.square)
    return Finished((Result(seed, pixels, record_of(model, request, seed)),))


def _steps(model: core.Model, requests: Sequence[ColorizeRequest]) -> Iterator[Sequence[torch.Tensor] | None]:
    """x0 [1,3,R,R] of each request after each evaluation, with the luminance of its photo."""
    constraints, starts = [], []
    for request in requests:
        seen = view(request.photo, request.square, model.card.resolution).to(model.device)
        known = core.Colorize(seen, request.axis)
        constraints.append(_with_dabs(known, request, model.card.resolution))
        starts.append(constraints[-1].apply(grey(known)))
    return batched_edit_steps(model, requests, constraints, starts, sigmas_of(model, requests[0]))


def _with_dabs(known: core.Colorize, request: ColorizeRequest, resolution: int) -> core.Constraint:
    if request.dabs is None:
        return known
    size = request.photo.shape[1], request.photo.shape[0]
    return dabs_of(known, layer_view(request.dabs, size, request.square, resolution)) or known


def _preview_of(request: ColorizeRequest) -> Callable[[torch.Tensor], np.ndarray]:
    """A function from x0 [1,3,R,R] to the photo, or its square, in colour: at most PREVIEW_SIDE pixels a side."""
    if request.square is None:
        small = fitted(request.photo, PREVIEW_SIDE)
    else:
        small = core.to_uint8(view(request.photo, request.square, min(request.square.side, PREVIEW_SIDE)))[0]
    return partial(recolour, small)
