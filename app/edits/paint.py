"""Paint: strokes to pictures, one for each seed. The request, and its evaluations on the model's thread.

Shapes: B pictures (one for each seed), H rows, W columns.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, ClassVar, Self

import torch

import core
from app.edits.base import Edit
from app.edits.data_url import MAX_PAINTING_SIDE, to_data_url
from app.edits.material import Material
from app.edits.previews import preview_jpeg
from app.edits.record import record_text
from app.edits.registry import PAINT
from app.edits.results import Evaluation, Finished, Picture, Result, each_step
from app.edits.spec import MAX_SEED
from core.errors import RequestError
from core.models import class_labels

MAX_VARIATIONS = 16

NO_PAINTING = "There are no strokes yet. Paint some first."


@dataclass(frozen=True, kw_only=True)
class PaintRequest(Edit):
    """Strokes to a picture. One picture for each seed; `steps` evaluations for all of them together."""

    task: ClassVar[str] = "paint"

    strokes: bytes  # a PNG file, its size checked, its pixels not yet
    strength: float = PAINT["strength"].default  # 0 follows the strokes, 1 surprises; 0.5 is the model's own level

    def quick(self) -> Self:
        """The same wish in one evaluation."""
        return replace(self, steps=1)

    def variations(self, count: int = 4) -> Self:
        """The same wish for the `count` seeds (at most 16) that follow the first one; past the last comes 0."""
        if not 1 <= count <= MAX_VARIATIONS:
            raise RequestError(f"Between 1 and {MAX_VARIATIONS} variations can be made at once.")
        first = self.seeds[0]
        return replace(self, seeds=tuple((first + i) % (MAX_SEED + 1) for i in range(1, count + 1)))

    def settings(self) -> dict[str, Any]:
        words = super().settings()
        del words["schedule"]
        return words | {"strength": self.strength}


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> PaintRequest:
    """See app/edits/spec.py. The painting is the layer of the material."""
    if material.layer is None:
        raise RequestError(NO_PAINTING)
    return PaintRequest(strokes=material.layer, strength=values["strength"], **settings | {"schedule": "default"})


def evaluations(model: core.Model, requests: Sequence[PaintRequest]) -> Iterator[Evaluation]:
    """One request alone: its seeds share every evaluation already. Each of its pictures is whole after each of them."""
    (request,) = requests
    strokes = core.to_model(
        core.read_image(request.strokes, max_pixels=MAX_PAINTING_SIDE**2), resolution=model.card.resolution
    )
    records = _records(model.card, request, strokes)

    def evaluation(step: int, x0: torch.Tensor, model_ms: float) -> Evaluation:
        results = tuple(
            Result(seed, pixels, records(seed, step))
            for seed, pixels in zip(request.seeds, core.to_uint8(x0), strict=True)
        )
        pictures = tuple(Picture(each.seed, preview_jpeg(each.pixels), each.png()) for each in results)
        return Evaluation(pictures, model_ms, partial(Finished, results) if step == request.steps else None)

    yield from each_step(paint_steps(model, request, strokes), evaluation)


def paint_steps(model: core.Model, request: PaintRequest, strokes: torch.Tensor) -> Iterator[torch.Tensor | None]:
    """x0 [B,3,H,W] after each evaluation over strokes [1,3,H,W], nothing of them held fast; None for a pause."""
    sigmas = core.paint_sigmas(model.card, request.strength, request.steps)
    labels = class_labels(model.card, request.look, len(request.seeds), model.device)
    noise = core.SeededNoise(request.seeds)
    return core.paint_steps(model, strokes, sigmas, noise, labels=labels, pauses=True)


def _records(card, request: PaintRequest, strokes: torch.Tensor) -> Callable[[int, int], str]:
    """A function (seed, step) -> record text. The strokes inside are the painting, or else what the model saw of it."""
    painting = to_data_url(request.strokes, "png")
    seen = cache(lambda: to_data_url(core.png_bytes(core.to_uint8(strokes)[0]), "png"))  # seldom needed

    def strokes_inside() -> Iterator[str]:
        yield painting
        yield seen()

    def text(seed: int, step: int) -> str:
        settings = {"model": card.name, "seed": seed, "step": step, **request.settings()}
        return record_text(settings, strokes_inside())

    return text
