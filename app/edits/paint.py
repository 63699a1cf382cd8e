"""Paint: a painting of strokes becomes pictures, one for each seed.

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
from app.edits.results import Evaluation, Finished, Picture, Result, timed_evaluations
from app.edits.spec import MAX_SEED
from core.errors import RequestError
from core.models import class_labels
from core.pictures.limits import PUBLIC

MAX_VARIATIONS = 16
PAINTING = replace(PUBLIC, formats=("PNG",), side=MAX_PAINTING_SIDE)

NO_PAINTING = "There are no strokes yet. Paint some first."


@dataclass(frozen=True, kw_only=True)
class PaintRequest(Edit):
    """Strokes become one picture for each seed. The pictures are one batch at each of `steps` evaluations."""

    task: ClassVar[str] = "paint"

    strokes: bytes  # a PNG file: its size is checked, its pixels are not decoded yet
    strength: float = PAINT["strength"].default  # 0 to 1; docs/painting.md

    @property
    def live(self) -> bool:
        """See app/edits/base.py. One picture in one evaluation is live."""
        return self.steps == 1 and len(self.seeds) == 1

    def quick(self) -> Self:
        """The same request with one evaluation."""
        return replace(self, steps=1)

    def variations(self, count: int = 4) -> Self:
        """The same request for the `count` seeds after the first one; after MAX_SEED comes 0.

        Raises RequestError unless count is 1 to MAX_VARIATIONS.
        """
        if not 1 <= count <= MAX_VARIATIONS:
            raise RequestError(f"Between 1 and {MAX_VARIATIONS} variations can be made at once.")
        first = self.seeds[0]
        return replace(self, seeds=tuple((first + i) % (MAX_SEED + 1) for i in range(1, count + 1)))

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py. There is no paper schedule to choose."""
        words = super().settings()
        del words["schedule"]
        return words | {"strength": self.strength}


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> PaintRequest:
    """See app/edits/spec.py. The painting is the layer of the material. Raises RequestError where there is none."""
    if material.layer is None:
        raise RequestError(NO_PAINTING)
    return PaintRequest(strokes=material.layer, strength=values["strength"], **settings | {"schedule": "default"})


def evaluations(model: core.Model, requests: Sequence[PaintRequest]) -> Iterator[Evaluation]:
    """See app/edits/spec.py. Takes exactly one request: its pictures are a batch already.

    The pictures have their PNG files after every evaluation.
    """
    (request,) = requests
    strokes = core.to_model(core.read_image(request.strokes, limits=PAINTING), resolution=model.card.resolution)
    records = _records(model.card, request, strokes)

    def evaluation(step: int, x0: torch.Tensor, model_ms: float) -> Evaluation:
        results = tuple(
            Result(seed, pixels, records(seed, step))
            for seed, pixels in zip(request.seeds, core.to_uint8(x0), strict=True)
        )
        pictures = tuple(Picture(each.seed, preview_jpeg(each.pixels), each.png()) for each in results)
        return Evaluation(pictures, model_ms, partial(Finished, results) if step == request.steps else None)

    yield from timed_evaluations(paint_steps(model, request, strokes), evaluation)


def paint_steps(model: core.Model, request: PaintRequest, strokes: torch.Tensor) -> Iterator[torch.Tensor | None]:
    """x0 [B,3,H,W] after each evaluation, from strokes [1,3,H,W] in [-1, 1]; None for a pause."""
    sigmas = core.paint_sigmas(model.card, request.strength, request.steps)
    labels = class_labels(model.card, request.look, len(request.seeds), model.device)
    noise = core.SeededNoise(request.seeds)
    return core.paint_steps(model, strokes, sigmas, noise, labels=labels, pauses=True)


def _records(card, request: PaintRequest, strokes: torch.Tensor) -> Callable[[int, int], str]:
    """A function (seed, step) -> record. Its strokes are the painting, or, if that is too large, what the model saw."""
    painting = to_data_url(request.strokes, "png")
    seen = cache(lambda: to_data_url(core.png_bytes(core.to_uint8(strokes)[0]), "png"))  # seldom needed

    def strokes_inside() -> Iterator[str]:
        yield painting
        yield seen()

    def text(seed: int, step: int) -> str:
        settings = {"model": card.name, "seed": seed, "step": step, **request.settings()}
        return record_text(settings, strokes_inside())

    return text
