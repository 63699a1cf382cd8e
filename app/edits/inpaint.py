"""Inpaint: what is marked is made new, everything else stays as it is, bit for bit.

The model works on squares; only masked pixels of its results go back into the photo, feathered inwards. Painting inside
a mask is the same edit with strokes as its start; a larger frame is the same edit with the new part as its mask.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.base import PREVIEW_SIDE, Edit, Part, record_of, sigmas_of, solve, walk
from app.edits.inputs import read_mask, read_strokes
from app.edits.material import Material
from app.edits.recorded_marks import layer_url, mask_url
from app.edits.results import Evaluation, Finished, Result
from app.edits.squares import (
    NOTHING_TO_FILL,
    drawn_over,
    fit_mask,
    layer_view,
    read_frame,
    read_square,
    shifted,
    squares_around,
    within,
)
from core.compose import Square, extend, paste, view, view_mask
from core.errors import RequestError
from core.first_guess import filled
from core.masks import grow as grown


@dataclass(frozen=True, kw_only=True, eq=False)
class InpaintRequest(Edit):
    """A photo [H,W,3], its mask [H,W] (grown, and with the extended frame already), and the squares to work on."""

    task: ClassVar[str] = "inpaint"

    photo: np.ndarray
    mask: np.ndarray
    squares: tuple[Square, ...]
    frame: tuple[int, int, int, int] = (0, 0, 0, 0)  # by which the photo was extended: left, top, right, bottom
    feather: int | None = None  # pixels of the photo; None: one of the model
    strokes: np.ndarray | None = None  # [h,w,4] uint8 over the whole photo, as it was before
    strength: float = 0.5  # of strokes
    asked: dict[str, Any] | None = None  # what the record says of the numbers above, as they were given

    @property
    def evaluations(self) -> int:
        return super().evaluations * len(self.squares) if self.strokes is None else self.steps * len(self.squares)

    @property
    def shares(self) -> tuple[Hashable, ...]:
        return *super().shares, len(self.squares), self.strokes is None, self.strength

    def settings(self) -> dict[str, Any]:
        steps = self.evaluations // len(self.squares)
        marks = {"mask": mask_url(self.mask), "strokes": layer_url(self.strokes)}
        return super().settings() | {"steps": steps, **(self.asked or {}), **marks}

    def feather_of(self, square: Square, resolution: int) -> int:
        """Pixels of the photo."""
        return round(square.side / resolution) if self.feather is None else self.feather


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> InpaintRequest:
    """See app/edits/spec.py. Without a mask, strokes are their own."""
    assert material.photo is not None  # app/edits/requests.py asks for it
    photo, mask, strokes = material.photo, read_mask(material.mask), read_strokes(material.layer)
    grow, strength, square, frame = values["grow"], values["strength"], material.square, material.frame
    feather = None if values["feather"] is None else int(values["feather"])
    placed, (left, top, right, bottom) = read_square(square), read_frame(frame)
    fill = _fill(photo, mask, strokes, grow)
    if left or top or right or bottom:
        photo, added = extend(photo, left, top, right, bottom)
        inner = np.zeros_like(added)
        inner[top : top + fill.shape[0], left : left + fill.shape[1]] = fill
        fill = added | inner
    squares = squares_around(fill, card.resolution) if placed is None else (shifted(placed, left, top),)
    for each in squares:
        within(photo, each)
        if not fill[each.inside(photo)].any():
            raise RequestError(NOTHING_TO_FILL if placed is None else "Nothing in the square is marked: move it there.")
    asked = {"grow": grow, "feather": feather, "square": square and list(square), "extend": frame and list(frame)}
    asked |= {"strength": strength} if strokes is not None else {}
    return InpaintRequest(
        photo=photo, mask=fill, squares=squares, frame=(left, top, right, bottom), feather=feather,
        strokes=strokes, strength=strength, asked=asked, **settings,
    )  # fmt: skip


def _fill(photo: np.ndarray, mask: np.ndarray | None, strokes: np.ndarray | None, grow: int) -> np.ndarray:
    if mask is None and strokes is not None:
        mask = np.where(strokes[..., 3] >= 128, 255, 0).astype(np.uint8)
    if mask is None:
        return np.zeros(photo.shape[:2], np.uint8)
    fill = fit_mask(mask, photo)
    return grown(fill, grow) if grow else fill


def evaluations(model: core.Model, requests: Sequence[InpaintRequest]) -> Iterator[Evaluation]:
    """Square after square, each in the photo as the ones before it left it."""
    photos, squares = [request.photo for request in requests], len(requests[0].squares)
    for k in range(squares):
        parts = [_part(model, request, photo, request.squares[k]) for request, photo in zip(requests, photos)]
        for evaluation in walk(_steps(model, requests, photos, k), requests[0].evaluations // squares, parts):
            if evaluation.finish and k < squares - 1:
                photos = [result.pixels for result in evaluation.finish().results]
                evaluation = replace(evaluation, finish=None)
            yield evaluation


def _part(model: core.Model, request: InpaintRequest, photo: np.ndarray, square: Square) -> Part:
    feather = request.feather_of(square, model.card.resolution)
    pasted = partial(paste, photo, square=square, mask=request.mask, feather=feather)
    show = _preview_of(photo, request.mask, square, feather)
    return Part(request.seeds[0], show, partial(_finished, model, request, pasted), (square.x, square.y, square.side))


def _finished(
    model: core.Model, request: InpaintRequest, pasted: Callable[[torch.Tensor], np.ndarray], x0: torch.Tensor
) -> Finished:
    seed = request.seeds[0]
    return Finished((Result(seed, pasted(x0), record_of(model, request, seed)),))


def _steps(
    model: core.Model, requests: Sequence[InpaintRequest], photos: Sequence[np.ndarray], k: int
) -> Iterator[Sequence[torch.Tensor] | None]:
    """x0 [1,3,R,R] of the k-th square of each request after each evaluation, the kept pixels held."""
    resolution, device, first = model.card.resolution, model.device, requests[0]
    constraints, starts = [], []
    for request, photo in zip(requests, photos):
        known = view(photo, request.squares[k], resolution)
        fill = view_mask(request.mask, request.squares[k], resolution)
        constraints.append(core.Inpaint(known.to(device), fill.to(device)))
        starts.append(_drawn(request, photo, request.squares[k], filled(known, fill)))
    sigmas = sigmas_of(model, first)
    if first.strokes is not None:
        sigmas = core.paint_sigmas(model.card, first.strength, first.steps)
    return solve(model, requests, constraints, starts, sigmas, anchored=first.strokes is not None)


def _drawn(request: InpaintRequest, photo: np.ndarray, square: Square, start: torch.Tensor) -> torch.Tensor:
    """The first guess [1,3,R,R] with the strokes over it, if there are any."""
    if request.strokes is None:
        return start
    left, top, right, bottom = request.frame
    size = photo.shape[1] - left - right, photo.shape[0] - top - bottom
    return drawn_over(start, layer_view(request.strokes, size, shifted(square, -left, -top), start.shape[-1]))


def _preview_of(
    photo: np.ndarray, mask: np.ndarray, square: Square, feather: int
) -> Callable[[torch.Tensor], np.ndarray]:
    """A function x0 -> the square of the photo with it pasted, at most PREVIEW_SIDE pixels a side."""
    side = min(square.side, PREVIEW_SIDE)
    small = core.to_uint8(view(photo, square, side))[0]
    small_mask = np.where(view_mask(mask, square, side)[0, 0].numpy() != 0, 255, 0).astype(np.uint8)
    return partial(
        _preview, small, square=Square(0, 0, side), mask=small_mask, feather=round(feather * side / square.side)
    )


def _preview(small: np.ndarray, x0: torch.Tensor, *, square: Square, mask: np.ndarray, feather: int) -> np.ndarray:
    return paste(small, x0, square, mask, feather)
