"""Generate: pictures from noise, or variations of a picture, which gets noise that the model removes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.base import Edit, labels_of, record_of, shape_of, sigmas_of, to_evaluations_of_many
from app.edits.material import Material
from app.edits.registry import GENERATE
from app.edits.results import Evaluation
from app.edits.spec import MAX_SEED


@dataclass(frozen=True, kw_only=True, eq=False)
class GenerateRequest(Edit):
    """One picture for each seed. With `origin` [H,W,3] uint8, each is a variation of it: amount 0 is near, 1 is far."""

    task: ClassVar[str] = "generate"
    many: ClassVar[bool] = True

    origin: np.ndarray | None = None
    amount: float = GENERATE["amount"].default

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py."""
        return super().settings() | ({} if self.origin is None else {"variation": True, "amount": self.amount})


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> GenerateRequest:
    """See app/edits/spec.py. The seeds are seed, seed + 1, ..., as many as `count`; after MAX_SEED comes 0."""
    origin = material.photo if material.layer is None else material.read_picture(material.layer)
    first = settings["seeds"][0]
    seeds = tuple((first + k) % (MAX_SEED + 1) for k in range(values["count"]))
    return GenerateRequest(origin=origin, amount=values["amount"], **settings | {"seeds": seeds})


def evaluations(model: core.Model, requests: Sequence[GenerateRequest]) -> Iterator[Evaluation]:
    """See app/edits/spec.py. Takes exactly one request: its pictures are a batch already."""
    (request,) = requests
    return to_evaluations_of_many(
        _steps(model, request),
        request.evaluations,
        seeds=request.seeds,
        record=lambda seed, index: record_of(model, request, seed),
    )


def _steps(model: core.Model, request: GenerateRequest) -> Iterator[torch.Tensor | None]:
    noise, labels = core.SeededNoise(request.seeds), labels_of(model, request, len(request.seeds))
    if request.origin is None:
        return core.edit_steps(
            model, core.Nothing(), sigmas_of(model, request), noise, labels=labels, shape=shape_of(model), pauses=True
        )
    start = core.to_model(request.origin, resolution=model.card.resolution)
    sigmas = core.paint_sigmas(model.card, request.amount, request.evaluations)
    return core.paint_steps(model, start, sigmas, noise, labels=labels, pauses=True)
