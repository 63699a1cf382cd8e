"""Colorize: the photo keeps its own luminance at full size, the model gives the colours.

A few dabs of colour steer it. They enter as a start, not as a constraint: the photo is coloured first, the dabs (spread
to what surrounds them in the same luminance) are laid over that, and the second half of the evaluations begins at the
level of strokes. What of a start is coarser than the noise survives it, so the dabs' colour stays and spreads to its
object, while the luminance constraint holds. As a constraint the exact colour of the dabs would stay as blots.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import cv2
import numpy as np
import torch

import core
from app.edits.edit import PREVIEW_SIDE, Edit, labels_of, record_of, sigmas_of, walk
from app.edits.place import layer_view, read_square, within
from app.evaluate import Evaluation, Finished, Result
from app.photos import fitted
from core.chroma import recolour
from core.compose import Square, view
from core.constraint import LUMA
from core.edit_schedules import edit_sigmas
from core.first_guess import grey

SPREAD = 1 / 10  # of the side: how far a dab reaches in an even area
SAME_LUMINANCE = 0.25  # in model range: how different what a dab reaches may be
DAB_STRENGTH = 0.25  # of the evaluations after the dabs: lower than for strokes, whose shapes may change too


@dataclass(frozen=True, kw_only=True, eq=False)
class ColorizeRequest(Edit):
    """A photo [H,W,3] of which only the luminance counts; the square to colour, or the whole squeezed into one."""

    task: ClassVar[str] = "colorize"

    photo: np.ndarray
    square: Square | None = None
    dabs: np.ndarray | None = None  # [h,w,4] uint8 over the whole photo

    def settings(self) -> dict[str, Any]:
        square = self.square and [self.square.x, self.square.y, self.square.side]
        return super().settings() | {"square": square, "dabs": self.dabs is not None}


def colorize_request(
    photo: np.ndarray, *, dabs: np.ndarray | None, square: Any, settings: dict, card: core.ModelCard
) -> ColorizeRequest:
    """From decoded pictures and untrusted numbers. Raises OnestrokeError."""
    if dabs is not None and not dabs[..., 3].any():
        dabs = None
    return ColorizeRequest(photo=photo, square=within(photo, read_square(square)), dabs=dabs, **settings)


def colorize_evaluations(model, request: ColorizeRequest) -> Iterator[Evaluation]:
    place = request.square and (request.square.x, request.square.y, request.square.side)
    return walk(
        _steps(model, request),
        request.evaluations,
        seed=request.seeds[0],
        show=_preview_of(request),
        finish=partial(_finished, model, request),
        place=place,
    )


def _finished(model, request: ColorizeRequest, x0: torch.Tensor) -> Finished:
    seed = request.seeds[0]
    pixels = recolour(request.photo, x0, request.square)
    return Finished((Result(seed, pixels, record_of(model, request, seed)),))


def _steps(model, request: ColorizeRequest) -> Iterator[torch.Tensor]:
    """x0 [1,3,R,R] after each evaluation, with the luminance of the photo."""
    seen = view(request.photo, request.square, model.card.resolution)
    constraint = core.Colorize(seen.to(getattr(model, "device", "cpu")))
    x0 = start = grey(constraint)
    noise, labels, sigmas = core.SeededNoise(request.seeds), labels_of(model, request), sigmas_of(model, request)
    if request.dabs is None:
        yield from core.edit_steps(model, constraint, sigmas, noise, start=start, labels=labels)
        return
    size = request.photo.shape[1], request.photo.shape[0]
    layer = layer_view(request.dabs, size, request.square, model.card.resolution)
    before = len(sigmas) // 2
    if before:
        first = edit_sigmas(model.card, request.task, before, request.schedule)[:before]
        for x0 in core.edit_steps(model, constraint, first, noise, start=start, labels=labels):
            yield x0
    start = constraint.apply(with_dabs(x0.cpu(), layer).to(x0.device))
    after = core.paint_sigmas(model.card, DAB_STRENGTH, len(sigmas) - before)
    yield from core.edit_steps(model, constraint, after, noise, start=start, labels=labels)


def with_dabs(x: torch.Tensor, layer: np.ndarray) -> torch.Tensor:
    """x [1,3,R,R] in [-1, 1] with the colour, not the luminance, of dabs [R,R,4] and what is like their surroundings.

    A guided filter (He, Sun, Tang 2010) spreads the dabs: along even luminance far, across edges hardly.
    """
    picture = x[0].permute(1, 2, 0).numpy()
    luma = picture @ np.array(LUMA, np.float32)
    alpha = layer[..., 3]
    radius = max(round(SPREAD * len(luma)), 1)
    weight = _guided(alpha, luma, radius).clip(0, 1)
    colour = np.stack([_guided(layer[..., k], luma, radius) for k in range(3)], axis=2)
    colour = 2 * (colour / np.maximum(weight, 1e-3)[..., None]).clip(0, 1) - 1
    chroma = colour - (colour @ np.array(LUMA, np.float32))[..., None]
    grey = luma[..., None]
    share = np.maximum(np.minimum(2 * weight, 1), alpha)[..., None]
    mixed = (1 - share) * picture + share * (grey + chroma)
    return torch.from_numpy(np.ascontiguousarray(mixed.transpose(2, 0, 1), np.float32))[None]


def _guided(values: np.ndarray, guide: np.ndarray, radius: int) -> np.ndarray:
    """`values` smoothed in windows, except across edges of the guide."""

    def mean(x: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(x.astype(np.float32), -1, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT)

    centre_g, centre_v = mean(guide), mean(values)
    slope = (mean(guide * values) - centre_g * centre_v) / (mean(guide * guide) - centre_g**2 + SAME_LUMINANCE**2 / 10)
    return mean(slope) * guide + mean(centre_v - slope * centre_g)


def _preview_of(request: ColorizeRequest):
    """A function x0 -> the photo, or its square, in colour, at most PREVIEW_SIDE pixels a side."""
    if request.square is None:
        small = fitted(request.photo, PREVIEW_SIDE)
    else:
        small = core.to_uint8(view(request.photo, request.square, min(request.square.side, PREVIEW_SIDE)))[0]
    return partial(recolour, small)
