"""What all edits share: settings that are checked first, and the walk over their evaluations."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

import core
from app.evaluate import Evaluation, Finished, Picture, Result, preview_jpeg
from app.record import record_text
from app.request import read_edit_steps, read_look, read_seed
from core.edit_schedules import PAPER_STEPS, SCHEDULES, edit_sigmas
from core.errors import RequestError
from core.models import class_labels

PREVIEW_SIDE = 512  # pixels of a preview while an edit is under way
FINAL_SIDE = 1024  # pixels at most of the last one
BAD_SCHEDULE = f"The schedule is one of {' and '.join(SCHEDULES)}."


@dataclass(frozen=True, kw_only=True, eq=False)
class Edit:
    """A wish for an edit. Its pixels are decoded and its numbers are in range; nothing is computed yet."""

    task: ClassVar[str]
    many: ClassVar[bool] = False  # several small pictures, each with its own PNG, not one of a photo's size

    seeds: tuple[int, ...]
    steps: int = 4  # network evaluations, 1 to 40
    look: str | None = None
    schedule: str = "default"  # or "paper": 40 evaluations, whatever the steps say

    @property
    def evaluations(self) -> int:
        """How many answers there will be."""
        return PAPER_STEPS if self.schedule == "paper" else self.steps

    def settings(self) -> dict[str, Any]:
        """What a picture's record says of this request, apart from the seed, which is the picture's own."""
        return {"task": self.task, "steps": self.evaluations, "look": self.look, "schedule": self.schedule}


def read_settings(card: core.ModelCard, *, look: Any, steps: Any, seed: Any, schedule: Any) -> dict[str, Any]:
    """The fields of `Edit` from untrusted values. Raises RequestError."""
    if schedule not in (None, *SCHEDULES):
        raise RequestError(BAD_SCHEDULE)
    return {
        "seeds": (read_seed(seed),),
        "steps": read_edit_steps(steps),
        "look": read_look(look or None, card.classes),
        "schedule": schedule or "default",
    }


def sigmas_of(model, request: Edit) -> list[float]:
    """The noise levels of the request, for this model."""
    return edit_sigmas(model.card, request.task, request.steps, request.schedule)


def labels_of(model, request: Edit, count: int = 1) -> torch.Tensor | None:
    """The look as the model takes it, for `count` pictures."""
    return class_labels(model.card, request.look, count, getattr(model, "device", "cpu"))


def shape_of(model) -> tuple[int, int, int]:
    """(C, H, W) of a picture of this model."""
    return 3, model.card.resolution, model.card.resolution


def record_of(model, request: Edit, seed: int, **more: Any) -> str:
    """The record of a picture."""
    return record_text({"model": model.card.name, "seed": seed, **request.settings(), **more}, [])


def walk(
    steps: Iterator[torch.Tensor],
    count: int,
    *,
    seed: int,
    show: Callable[[torch.Tensor], np.ndarray],
    finish: Callable[[torch.Tensor], Finished] | None,
    place: tuple[int, int, int] | None = None,
) -> Iterator[Evaluation]:
    """`count` evaluations of one picture: `show` makes a preview of x0 [1,3,R,R], `finish` the result of the last."""
    for k in range(1, count + 1):
        started = time.perf_counter()
        x0 = next(steps)
        model_ms = 1000 * (time.perf_counter() - started)
        picture = Picture(seed, preview_jpeg(show(x0)), b"")
        yield Evaluation((picture,), model_ms, partial(finish, x0) if finish and k == count else None, place)


def walk_many(
    steps: Iterator[torch.Tensor], count: int, *, seeds: Sequence[int], record: Callable[[int, int], str]
) -> Iterator[Evaluation]:
    """`count` evaluations of small pictures, one for each seed; the last one's are whole PNG files.

    `record` makes the record of a picture from its seed and its index.
    """
    for k in range(1, count + 1):
        started = time.perf_counter()
        x0 = next(steps)
        model_ms = 1000 * (time.perf_counter() - started)
        results = [
            Result(seed, pixels, record(seed, index))
            for index, (seed, pixels) in enumerate(zip(seeds, core.to_uint8(x0), strict=True))
        ]
        last = k == count
        pictures = [Picture(r.seed, preview_jpeg(r.pixels), r.png() if last else b"") for r in results]
        yield Evaluation(tuple(pictures), model_ms, partial(Finished, tuple(results)) if last else None)
