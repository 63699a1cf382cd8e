"""Generate: pictures from seeds alone, and variations of a picture: noise over it, and the model again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.base import Edit, labels_of, record_of, shape_of, sigmas_of, walk_many
from app.edits.inputs import MAX_SEED, read_strength, read_whole
from app.edits.results import Evaluation

MAX_COUNT = 16
COUNT, AMOUNT = 4, 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class GenerateRequest(Edit):
    """One picture for each seed. With `origin` [H,W,3] uint8, each is a variation of it, near at amount 0."""

    task: ClassVar[str] = "generate"
    many: ClassVar[bool] = True

    origin: np.ndarray | None = None
    amount: float = AMOUNT

    def settings(self) -> dict[str, Any]:
        return super().settings() | ({} if self.origin is None else {"variation": True, "amount": self.amount})


def generate_request(
    origin: np.ndarray | None, *, extra: dict, settings: dict, card: core.ModelCard
) -> GenerateRequest:
    """`count` seeds from the given one on; past the last comes 0. Raises OnestrokeError."""
    count = read_whole(COUNT if extra.get("count") is None else extra["count"], "The number", 1, MAX_COUNT)
    amount = read_strength(AMOUNT if extra.get("amount") is None else extra["amount"])
    first = settings["seeds"][0]
    seeds = tuple((first + k) % (MAX_SEED + 1) for k in range(count))
    return GenerateRequest(origin=origin, amount=amount, **settings | {"seeds": seeds})


def generate_evaluations(model, request: GenerateRequest) -> Iterator[Evaluation]:
    return walk_many(
        _steps(model, request),
        request.evaluations,
        seeds=request.seeds,
        record=lambda seed, index: record_of(model, request, seed),
    )


def _steps(model, request: GenerateRequest) -> Iterator[torch.Tensor | None]:
    noise, labels = core.SeededNoise(request.seeds), labels_of(model, request, len(request.seeds))
    if request.origin is None:
        return core.edit_steps(
            model, core.Nothing(), sigmas_of(model, request), noise, labels=labels, shape=shape_of(model), pauses=True
        )
    start = core.to_model(request.origin, resolution=model.card.resolution)
    sigmas = core.paint_sigmas(model.card, request.amount, request.evaluations)
    return core.paint_steps(model, start, sigmas, noise, labels=labels, pauses=True)
