"""What all edits share: settings that are checked first, and the walk over their evaluations.

Edits of photographs come as lists: requests of one kind that share every evaluation, one of them in most cases.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.edits.previews import preview_jpeg
from app.edits.record import record_text
from app.edits.results import Evaluation, Finished, Picture, Result, each_step
from core.edit_schedules import PAPER_STEPS, edit_sigmas
from core.models import class_labels

PREVIEW_SIDE = 512  # pixels of a preview while an edit is under way
FINAL_SIDE = 1024  # pixels at most of the last one


@dataclass(frozen=True, kw_only=True, eq=False)
class Edit:
    """A wish for an edit. Its pixels are decoded and its numbers are in range; nothing is computed yet."""

    task: ClassVar[str]
    many: ClassVar[bool] = False  # several small pictures, each with its own PNG, not one of a photo's size

    seeds: tuple[int, ...]
    steps: int = 4  # noise levels, 1 to 40
    look: str | None = None
    schedule: str = "default"  # or "paper": 40 evaluations, whatever the steps say

    @property
    def evaluations(self) -> int:
        """How many answers there will be."""
        return PAPER_STEPS if self.schedule == "paper" else self.steps

    @property
    def facts(self) -> dict[str, Any]:
        """What page and command line tell of it besides its pictures."""
        return {}

    @property
    def pixels(self) -> int:
        """Of the photo that it holds."""
        photo = getattr(self, "photo", None)
        return 0 if photo is None else photo.shape[0] * photo.shape[1]

    @property
    def shares(self) -> tuple[Hashable, ...]:
        """What must be alike in two requests so that their pictures can be one batch."""
        return self.task, self.evaluations, self.look, self.schedule

    def settings(self) -> dict[str, Any]:
        """What a picture's record says of this request, apart from the seed, which is the picture's own."""
        return {"task": self.task, "steps": self.evaluations, "look": self.look, "schedule": self.schedule}


def sigmas_of(model: core.Model, request: Edit) -> list[float]:
    """The noise levels of the request, for this model."""
    return edit_sigmas(model.card, request.task, request.steps, request.schedule)


def labels_of(model: core.Model, request: Edit, count: int = 1) -> torch.Tensor | None:
    """The look as the model takes it, for `count` pictures."""
    return class_labels(model.card, request.look, count, model.device)


def shape_of(model: core.Model) -> tuple[int, int, int]:
    """(C, H, W) of a picture of this model."""
    return 3, model.card.resolution, model.card.resolution


def record_of(model: core.Model, request: Edit, seed: int, **more: Any) -> str:
    """The record of a picture."""
    return record_text({"model": model.card.name, "seed": seed, **request.settings(), **more}, [])


class Each:
    """A constraint of a batch: for each of its pictures the one that is its own."""

    def __init__(self, constraints: Sequence[core.Constraint]):
        self.constraints = constraints

    def apply(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([each.apply(part) for each, part in zip(self.constraints, x.split(1), strict=True)])

    def project_in_range(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([each.project_in_range(part) for each, part in zip(self.constraints, x.split(1), strict=True)])


def solve(
    model: core.Model,
    requests: Sequence[Edit],
    constraints: Sequence[core.Constraint],
    starts: Sequence[torch.Tensor],
    sigmas: Sequence[float],
    anchored: bool = False,
) -> Iterator[Sequence[torch.Tensor] | None]:
    """x0 [1,3,R,R] of every request after each evaluation: Algorithm 4 (core/sampling.py) for all of them at once.

    None for a pause (`Evaluation`). anchored: strokes lie on the starts, and every level is led back to them.
    """
    noise = core.SeededNoise([request.seeds[0] for request in requests])
    labels = labels_of(model, requests[0], len(requests))
    start = torch.cat(list(starts))
    anchor = start if anchored else None
    for x0 in core.edit_steps(
        model, Each(constraints), sigmas, noise, start=start, anchor=anchor, labels=labels, pauses=True
    ):
        yield None if x0 is None else x0.split(1)


@dataclass(frozen=True, eq=False)
class Part:
    """One picture of a batch: how it is shown after an evaluation, and finished after the last."""

    seed: int
    show: Callable[[Any], np.ndarray]
    finish: Callable[[Any], Finished]
    place: tuple[int, int, int] | None = None


def walk(steps: Iterator[Sequence[Any] | None], count: int, parts: Sequence[Part]) -> Iterator[Evaluation]:
    """`count` evaluations and pauses. `steps` yields for each part what it shows and finishes, mostly x0 [1,3,R,R]."""

    def evaluation(step: int, made: Sequence[Any], model_ms: float) -> Evaluation:
        pictures = [Picture(part.seed, preview_jpeg(part.show(x0)), b"") for part, x0 in zip(parts, made, strict=True)]
        finish = partial(_finished, parts, made) if step == count else None
        return Evaluation(tuple(pictures), model_ms, finish, parts[0].place)

    return each_step(steps, evaluation)


def _finished(parts: Sequence[Part], made: Sequence[Any]) -> Finished:
    """What one part tells besides its picture is told of one alone."""
    each = [part.finish(x0) for part, x0 in zip(parts, made, strict=True)]
    return each[0] if len(each) == 1 else Finished(tuple(result for one in each for result in one.results))


def walk_many(
    steps: Iterator[torch.Tensor | None], count: int, *, seeds: Sequence[int], record: Callable[[int, int], str]
) -> Iterator[Evaluation]:
    """`count` evaluations of small pictures, one for each seed, and pauses; the last one's are whole PNG files.

    `record` makes the record of a picture from its seed and its index.
    """

    def evaluation(step: int, x0: torch.Tensor, model_ms: float) -> Evaluation:
        results = [
            Result(seed, pixels, record(seed, index))
            for index, (seed, pixels) in enumerate(zip(seeds, core.to_uint8(x0), strict=True))
        ]
        last = step == count
        pictures = [Picture(r.seed, preview_jpeg(r.pixels), r.png() if last else b"") for r in results]
        return Evaluation(tuple(pictures), model_ms, partial(Finished, tuple(results)) if last else None)

    return each_step(steps, evaluation)
