"""Inpaint: the model fills the masked pixels; every other pixel of the photo stays as it is, bit for bit.

Erasing (app/edits/erased.py) is the same request without the model.
The model works on squares of the photo. Only the masked pixels of its result are pasted, with a feather inside the
mask. Strokes inside a mask are the same edit with the strokes as its start. A larger frame is the same edit with the
new border as its mask.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import cv2
import numpy as np
import torch

import core
from app.edits.base import PREVIEW_SIDE, BatchPicture, Edit, batched_edit_steps, record_of, sigmas_of, to_evaluations
from app.edits.erased import EVALUATIONS, erased_evaluations
from app.edits.found_squares import NOTHING_TO_FILL, squares_around
from app.edits.material import Material
from app.edits.previews import fitted
from app.edits.recorded_marks import layer_url, mask_url
from app.edits.results import Evaluation, Finished, Result
from app.edits.squares import (
    check_square,
    drawn_over,
    fit_mask,
    layer_view,
    read_frame,
    read_square,
    shifted,
    square_numbers,
)
from core.compose import Square, extend, extend_mask, paste, view, view_mask
from core.errors import RequestError
from core.first_guess import filled
from core.masks import grow as grown


@dataclass(frozen=True, kw_only=True, eq=False)
class InpaintRequest(Edit):
    """A photo [H,W,3] uint8, its mask [H,W] uint8 and the squares to fill, one after the other.

    Photo and mask are extended already, and the mask has grown already.
    """

    task: ClassVar[str] = "inpaint"

    photo: np.ndarray
    mask: np.ndarray
    squares: tuple[Square, ...]
    frame: tuple[int, int, int, int] = (0, 0, 0, 0)  # by which the photo was extended: left, top, right, bottom
    feather: int | None = None  # pixels of the photo; None: as many as one pixel of the model covers
    strokes: np.ndarray | None = None  # [h,w,4] uint8, stretched over the whole photo before it was extended
    strength: float = 0.5  # of strokes, 0 to 1
    how: str = "fill"  # or "erase": copies from the photo, without the model and without strokes
    recorded: dict[str, Any] | None = None  # the untouched values of the fields above, for the record

    @property
    def evaluations(self) -> int:
        """One for each noise level of each square. Strokes have no paper schedule."""
        if self.how == "erase":
            return EVALUATIONS
        return super().evaluations * len(self.squares) if self.strokes is None else self.steps * len(self.squares)

    @property
    def facts(self) -> dict[str, Any]:
        """See app/edits/base.py. Squares are in pixels of the extended photo."""
        return {"squares": [list(square_numbers(square) or ()) for square in self.squares]}

    @property
    def batch_key(self) -> tuple[Hashable, ...]:
        """See app/edits/base.py."""
        return *super().batch_key, len(self.squares), self.strokes is None, self.strength, self.how

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py. The steps are those of one square."""
        steps = self.steps if self.how == "erase" else self.evaluations // len(self.squares)
        marks = {"mask": mask_url(self.mask), "strokes": layer_url(self.strokes)}
        return super().settings() | {"steps": steps, **self.facts, **(self.recorded or {}), **marks}

    def feather_of(self, square: Square, resolution: int) -> int:
        """The width of the feather in pixels of the photo."""
        return round(square.side / resolution) if self.feather is None else self.feather


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> InpaintRequest:
    """See app/edits/spec.py. Without a mask, the strokes are the mask.

    Raises RequestError if nothing is to be filled, or nothing in the square.
    """
    assert material.photo is not None  # app/edits/requests.py asks for it
    photo, strokes, square, frame = material.photo, material.read_strokes(), material.square, material.frame
    how, grow, strength, placed = values["how"], values["grow"], values["strength"], read_square(square)
    feather = None if values["feather"] is None else int(values["feather"])
    left, top, right, bottom = read_frame(frame)
    if left or top or right or bottom:
        photo, _ = extend(photo, left, top, right, bottom)
    fill = _fill(material, grow)
    if placed is not None:
        squares: tuple[Square, ...] = (shifted(placed, left, top),)
    else:
        squares = squares_around(fill, card.resolution) if how == "fill" or not fill.any() else ()
    for each in squares:
        check_square(photo, each)
        if not fill[each.inside(photo)].any():
            raise RequestError(NOTHING_TO_FILL if placed is None else "Nothing in the square is marked: move it there.")
    if how == "erase" and placed is not None:
        fill = _inside(fill, squares[0])
    recorded = {
        "how": how,
        "grow": grow,
        "feather": feather,
        "square": square and list(square),
        "extend": frame and list(frame),
    }
    recorded |= {"strength": strength} if strokes is not None else {}
    return InpaintRequest(
        photo=photo, mask=fill, squares=squares, frame=(left, top, right, bottom), feather=feather,
        strokes=strokes, strength=strength, how=how, recorded=recorded, **settings,
    )  # fmt: skip


def _inside(fill: np.ndarray, square: Square) -> np.ndarray:
    inside = np.zeros_like(fill)
    inside[square.inside(fill)] = fill[square.inside(fill)]
    return inside


def square_side(material: Material, card: core.ModelCard) -> int:
    """The side of the square that a request with this material works in, of the largest if it has several.

    In pixels of the photo, before its mask grows. Raises RequestError if nothing is to be filled.
    """
    placed = read_square(material.square)
    if placed is not None:
        return placed.side
    return max(square.side for square in squares_around(_fill(material, 0), card.resolution))


def _fill(material: Material, grow: int) -> np.ndarray:
    """The mask [H,W] of what is to be filled in the extended photo: the grown mask, or the strokes, and the frame."""
    assert material.photo is not None
    photo, mask, strokes = material.photo, material.read_mask(), material.read_strokes()
    if mask is None and strokes is not None:
        mask = np.where(strokes[..., 3] >= 128, 255, 0).astype(np.uint8)
    fill = np.zeros(photo.shape[:2], np.uint8) if mask is None else fit_mask(mask, photo)
    fill = grown(fill, grow) if grow and mask is not None else fill
    return extend_mask(fill, *read_frame(material.frame))


def evaluations(model: core.Model, requests: Sequence[InpaintRequest]) -> Iterator[Evaluation]:
    """See app/edits/spec.py. Square after square: each sees the photo with the squares before it filled."""
    if requests[0].how == "erase":
        yield from erased_evaluations(model, requests)
        return
    photos, squares = [request.photo for request in requests], len(requests[0].squares)
    for k in range(squares):
        pictures = [_picture(model, request, photo, request.squares[k]) for request, photo in zip(requests, photos)]
        count = requests[0].evaluations // squares
        for evaluation in to_evaluations(_steps(model, requests, photos, k), count, pictures):
            if evaluation.finish and k < squares - 1:
                photos = [result.pixels for result in evaluation.finish().results]
                evaluation = replace(evaluation, finish=None)
            yield evaluation


def _picture(model: core.Model, request: InpaintRequest, photo: np.ndarray, square: Square) -> BatchPicture:
    feather = request.feather_of(square, model.card.resolution)
    pasted = partial(paste, photo, square=square, mask=request.mask, feather=feather)
    show, finish = _preview_of(photo, request.mask, square, feather), partial(_finished, model, request, pasted)
    return BatchPicture(request.seeds[0], show, finish)


def _finished(
    model: core.Model, request: InpaintRequest, pasted: Callable[[torch.Tensor], np.ndarray], x0: torch.Tensor
) -> Finished:
    seed = request.seeds[0]
    return Finished((Result(seed, pasted(x0), record_of(model, request, seed)),))


def _steps(
    model: core.Model, requests: Sequence[InpaintRequest], photos: Sequence[np.ndarray], k: int
) -> Iterator[Sequence[torch.Tensor] | None]:
    """x0 [1,3,R,R] of the k-th square of each request after each evaluation; outside the mask it is the photo."""
    resolution, device, first = model.card.resolution, model.device, requests[0]
    constraints, starts = [], []
    for request, photo in zip(requests, photos):
        known = view(photo, request.squares[k], resolution)
        fill = view_mask(request.mask, request.squares[k], resolution)
        constraints.append(core.Inpaint(known.to(device), fill.to(device)))
        starts.append(_with_strokes(request, photo, request.squares[k], filled(known, fill)))
    sigmas = sigmas_of(model, first)
    if first.strokes is not None:
        sigmas = core.paint_sigmas(model.card, first.strength, first.steps)
    return batched_edit_steps(model, requests, constraints, starts, sigmas, anchored=first.strokes is not None)


def _with_strokes(request: InpaintRequest, photo: np.ndarray, square: Square, start: torch.Tensor) -> torch.Tensor:
    """The first guess [1,3,R,R] with the strokes over it, if there are any."""
    if request.strokes is None:
        return start
    left, top, right, bottom = request.frame
    size = photo.shape[1] - left - right, photo.shape[0] - top - bottom
    return drawn_over(start, layer_view(request.strokes, size, shifted(square, -left, -top), start.shape[-1]))


def _preview_of(
    photo: np.ndarray, mask: np.ndarray, square: Square, feather: int
) -> Callable[[torch.Tensor], np.ndarray]:
    """A function from x0 [1,3,R,R] to the whole photo with x0 pasted into it: at most PREVIEW_SIDE pixels a side."""
    small, scale = fitted(photo, PREVIEW_SIDE), min(PREVIEW_SIDE / max(photo.shape[:2]), 1)
    x, y, side = (round(scale * number) for number in (square.x, square.y, square.side))
    touched = cv2.resize(mask, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    return partial(_preview, small, square=Square(x, y, max(side, 1)), mask=touched, feather=round(feather * scale))


def _preview(small: np.ndarray, x0: torch.Tensor, *, square: Square, mask: np.ndarray, feather: int) -> np.ndarray:
    return paste(small, x0, square, mask, feather)
