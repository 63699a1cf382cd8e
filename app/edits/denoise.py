"""Denoise: one evaluation at the noise level that the picture has, estimated or chosen.

A consistency model maps a picture with noise of any level to a clean one; its own noise is all that it needs to know.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.edit import Edit, labels_of, record_of, walk
from app.edits.place import read_square, within
from app.edits.super_resolve import as_squares
from app.evaluate import Evaluation, Finished, Result
from app.request import read_number
from core.compose import Square, view
from core.noise_level import estimate_sigma

MAX_SIGMA = 2.0  # above this 8-bit pictures hold hardly anything but noise


@dataclass(frozen=True, kw_only=True, eq=False)
class DenoiseRequest(Edit):
    """A picture [R,R,3] uint8 at the model's side and the level of its noise, in model range."""

    task: ClassVar[str] = "denoise"

    noisy: np.ndarray
    sigma: float

    @property
    def evaluations(self) -> int:
        return 1

    def settings(self) -> dict[str, Any]:
        return super().settings() | {"sigma": round(self.sigma, 4)}


def denoise_request(
    photo: np.ndarray, *, square: Any, extra: dict, settings: dict, card: core.ModelCard
) -> DenoiseRequest:
    """From a decoded picture and untrusted numbers. Raises OnestrokeError.

    The noise is that of the picture as the model sees it: a photo that is made smaller loses some of it on the way.
    """
    placed = within(photo, read_square(square)) or Square.centred(photo.shape[1], photo.shape[0])
    seen = view(photo, placed, card.resolution)
    sigma = extra.get("sigma")
    if sigma is not None:
        sigma = read_number(sigma, "The noise level", card.sigma_min, MAX_SIGMA)
    else:
        sigma = min(max(estimate_sigma(seen), card.sigma_min), MAX_SIGMA)
    return DenoiseRequest(noisy=core.to_uint8(seen)[0], sigma=sigma, **settings)


def denoise_evaluations(model, request: DenoiseRequest) -> Iterator[Evaluation]:
    return walk(
        _steps(model, request),
        1,
        seed=request.seeds[0],
        show=lambda x0: core.to_uint8(x0)[0],
        finish=partial(_finished, model, request),
    )


def _steps(model, request: DenoiseRequest) -> Iterator[torch.Tensor]:
    yield core.denoise(model, core.to_model(request.noisy), request.sigma, labels=labels_of(model, request))


def _finished(model, request: DenoiseRequest, x0: torch.Tensor) -> Finished:
    seed = request.seeds[0]
    result = Result(seed, core.to_uint8(x0)[0], record_of(model, replace(request, steps=1), seed))
    return Finished((result,), {"input": core.png_bytes(as_squares(request.noisy)), "sigma": round(request.sigma, 4)})
