"""What all edits share: the settings of a request, and the way from network evaluations to pictures.

An edit of a photo takes a list of requests. They are one batch: the network evaluates all of them at once. In most
cases the list has one request.

Shapes: B pictures, R rows and R columns of the model, H rows and W columns of a photo.
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
from app.edits.results import Evaluation, Finished, Picture, Result, timed_evaluations
from core.edit_schedules import PAPER_STEPS, edit_sigmas
from core.models import class_labels

PREVIEW_SIDE = 512  # pixels of a preview while an edit is under way
FINAL_SIDE = 1024  # pixels at most of the last one


@dataclass(frozen=True, kw_only=True, eq=False)
class Edit:
    """A request for an edit. Its pixels are decoded and its numbers are in range. Nothing is computed yet."""

    task: ClassVar[str]
    many: ClassVar[bool] = False  # True: several pictures of the model's size, each with its own PNG file

    seeds: tuple[int, ...]
    steps: int = 4  # noise levels, 1 to 40
    look: str | None = None  # one of the card's classes
    schedule: str = "default"  # or "paper": the paper's 40 noise levels; `steps` is then ignored
    note: str = ""  # what is to be told of its pictures: a sentence

    @property
    def evaluations(self) -> int:
        """How many times the network is evaluated, which is how many previews there are."""
        return PAPER_STEPS if self.schedule == "paper" else self.steps

    @property
    def batch_size(self) -> int:
        """How many pictures the network gets at each evaluation, at most."""
        return len(self.seeds)

    @property
    def live(self) -> bool:
        """Whether a person waits for the picture between two strokes."""
        return False

    @property
    def facts(self) -> dict[str, Any]:
        """What page and command line report beside the pictures, such as an estimated noise level."""
        return {}

    @property
    def pixels(self) -> int:
        """The pixels of its photo, H times W; 0 without a photo."""
        photo = getattr(self, "photo", None)
        return 0 if photo is None else photo.shape[0] * photo.shape[1]

    @property
    def batch_key(self) -> tuple[Hashable, ...]:
        """Requests with equal keys can be one batch: the network evaluates their pictures together."""
        return self.task, self.evaluations, self.look, self.schedule

    def settings(self) -> dict[str, Any]:
        """The request as the record of its pictures says it, without the seed: each picture has its own."""
        return {"task": self.task, "steps": self.evaluations, "look": self.look, "schedule": self.schedule}


def sigmas_of(model: core.Model, request: Edit) -> list[float]:
    """The noise levels of the request for this model, descending."""
    return edit_sigmas(model.card, request.task, request.steps, request.schedule)


def labels_of(model: core.Model, request: Edit, count: int = 1) -> torch.Tensor | None:
    """The look as class labels [count] for the network; None for a model without looks."""
    return class_labels(model.card, request.look, count, model.device)


def shape_of(model: core.Model) -> tuple[int, int, int]:
    """(channels, rows, columns) of a picture of this model."""
    return 3, model.card.resolution, model.card.resolution


def record_of(model: core.Model, request: Edit, seed: int, **more: Any) -> str:
    """The record of a picture as JSON: model, seed, settings and `more`. Raises ValueError if it is too long."""
    return record_text({"model": model.card.name, "seed": seed, **request.settings(), **more}, [])


class BatchConstraint:
    """The constraint of a batch: picture k of the batch is held to constraint k."""

    def __init__(self, constraints: Sequence[core.Constraint]):
        """One constraint for each of the B pictures."""
        self.constraints = constraints

    def apply(self, x: torch.Tensor) -> torch.Tensor:
        """x [B,3,R,R] with the known part of each picture replaced."""
        return torch.cat([each.apply(part) for each, part in zip(self.constraints, x.split(1), strict=True)])

    def project_in_range(self, x: torch.Tensor) -> torch.Tensor:
        """The same, and in [-1, 1]."""
        return torch.cat([each.project_in_range(part) for each, part in zip(self.constraints, x.split(1), strict=True)])


def batched_edit_steps(
    model: core.Model,
    requests: Sequence[Edit],
    constraints: Sequence[core.Constraint],
    starts: Sequence[torch.Tensor],
    sigmas: Sequence[float],
    anchored: bool = False,
) -> Iterator[Sequence[torch.Tensor] | None]:
    """Algorithm 4 (core/sampling.py) for all requests as one batch.

    Yields x0 [1,3,R,R] of each request after each evaluation, and None for a pause (`Evaluation`).
    starts: x [1,3,R,R] in [-1, 1] for each request; the first noise is added to it. anchored: the starts hold strokes,
    and every noise level mixes them in again (`anchor` of `core.edit_steps`).
    """
    noise = core.SeededNoise([request.seeds[0] for request in requests])
    labels = labels_of(model, requests[0], len(requests))
    start = torch.cat(list(starts))
    anchor = start if anchored else None
    for x0 in core.edit_steps(
        model, BatchConstraint(constraints), sigmas, noise, start=start, anchor=anchor, labels=labels, pauses=True
    ):
        yield None if x0 is None else x0.split(1)


@dataclass(frozen=True, eq=False)
class BatchPicture:
    """One picture of a batch, and the two functions that its output goes to after an evaluation.

    The output of the steps is x0 [1,3,R,R] in most edits, a `Mosaic` in edits of tiles.
    """

    seed: int
    show: Callable[[Any], np.ndarray]  # output -> preview [h,w,3] uint8
    finish: Callable[[Any], Finished]  # the last output -> the finished picture
    square: tuple[int, int, int] | None = None  # x, y and side of what the preview shows, in pixels of the photo


def to_evaluations(
    steps: Iterator[Sequence[Any] | None], count: int, pictures: Sequence[BatchPicture]
) -> Iterator[Evaluation]:
    """Yields `count` evaluations with previews; the last one also has `finish`.

    steps: yields one output for each picture, or None for a pause, which becomes an evaluation without pictures.
    """

    def evaluation(step: int, outputs: Sequence[Any], model_ms: float) -> Evaluation:
        previews = [
            Picture(picture.seed, preview_jpeg(picture.show(output)), b"")
            for picture, output in zip(pictures, outputs, strict=True)
        ]
        finish = partial(_finished, pictures, outputs) if step == count else None
        return Evaluation(tuple(previews), model_ms, finish, pictures[0].square)

    return timed_evaluations(steps, evaluation)


def _finished(pictures: Sequence[BatchPicture], outputs: Sequence[Any]) -> Finished:
    """The results of all pictures. Their facts are dropped from a batch of several: there is one answer for all."""
    finished = [picture.finish(output) for picture, output in zip(pictures, outputs, strict=True)]
    return finished[0] if len(finished) == 1 else Finished(tuple(result for one in finished for result in one.results))


def to_evaluations_of_many(
    steps: Iterator[torch.Tensor | None], count: int, *, seeds: Sequence[int], record: Callable[[int, int], str]
) -> Iterator[Evaluation]:
    """Yields `count` evaluations of several pictures of the model's size. Those of the last one are whole PNG files.

    steps: yields x0 [B,3,R,R], one picture for each of the B seeds, or None for a pause. record: (seed, index of the
    picture) -> the record of the picture.
    """

    def evaluation(step: int, x0: torch.Tensor, model_ms: float) -> Evaluation:
        results = [
            Result(seed, pixels, record(seed, index))
            for index, (seed, pixels) in enumerate(zip(seeds, core.to_uint8(x0), strict=True))
        ]
        last = step == count
        pictures = [Picture(r.seed, preview_jpeg(r.pixels), r.png() if last else b"") for r in results]
        return Evaluation(tuple(pictures), model_ms, partial(Finished, tuple(results)) if last else None)

    return timed_evaluations(steps, evaluation)
