"""Paint: strokes to pictures, one for each seed. The request, and its evaluations on the model's thread.

Shapes: B pictures (one for each seed), H rows, W columns.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, Self

import torch

import core
from app.edits.data_url import MAX_PAINTING_SIDE, painting_bytes, to_data_url
from app.edits.inputs import MAX_SEED, read_look, read_seed, read_steps, read_strength
from app.edits.previews import preview_jpeg
from app.edits.record import KEY, record_text
from app.edits.results import Evaluation, Picture, each_step
from core.errors import RequestError
from core.models import class_labels

STRENGTH, SEED = 0.5, 2417  # that the page begins with
MAX_VARIATIONS = 16


@dataclass(frozen=True)
class PaintRequest:
    """Strokes to a picture. One picture for each seed; `steps` evaluations for all of them together."""

    task: ClassVar[str] = "paint"

    strokes: bytes  # a PNG file, its size checked, its pixels not yet
    strength: float  # 0 follows the strokes, 1 surprises; 0.5 is the model's own stroke level
    seeds: tuple[int, ...]
    steps: int = 1  # noise levels, 1 to 4
    look: str | None = None  # one of the model's classes; None for a model without

    @property
    def evaluations(self) -> int:
        """How many answers there will be."""
        return self.steps

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
        """What a picture's record says of this request, apart from the seed, which is the picture's own."""
        return {"task": self.task, "steps": self.steps, "strength": self.strength, "look": self.look}


def paint_request(
    image: Any, *, look: Any, steps: Any, strength: Any, seed: Any, classes: Sequence[str]
) -> PaintRequest:
    """A PaintRequest from untrusted values; `image` is a PNG data URL, `classes` the looks of the model."""
    return PaintRequest(
        strokes=painting_bytes(image),
        strength=read_strength(strength),
        seeds=(read_seed(seed),),
        steps=read_steps(steps),
        look=read_look(look, classes),
    )


def evaluations(model, request: PaintRequest) -> Iterator[Evaluation]:
    """`request.steps` of them, and pauses. Nothing is computed before the first is asked for. Raises PictureError."""
    strokes = core.to_model(
        core.read_image(request.strokes, max_pixels=MAX_PAINTING_SIDE**2), resolution=model.card.resolution
    )
    records = _records(model.card, request, strokes)

    def evaluation(step: int, x0: torch.Tensor, model_ms: float) -> Evaluation:
        finished = [
            Picture(seed, preview_jpeg(pixels), core.png_bytes(pixels, texts={KEY: records(seed, step)}))
            for seed, pixels in zip(request.seeds, core.to_uint8(x0), strict=True)
        ]
        return Evaluation(tuple(finished), model_ms)

    yield from each_step(paint_steps(model, request, strokes), evaluation)


def paint_steps(model, request: PaintRequest, strokes: torch.Tensor) -> Iterator[torch.Tensor | None]:
    """x0 [B,3,H,W] after each evaluation over strokes [1,3,H,W], nothing of them held fast; None for a pause."""
    sigmas = core.paint_sigmas(model.card, request.strength, request.steps)
    labels = class_labels(model.card, request.look, len(request.seeds), getattr(model, "device", "cpu"))
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
