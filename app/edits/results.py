"""What comes out of an edit: pictures after each evaluation, and finished ones with their settings inside."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

import core
from app.edits.record import KEY

T = TypeVar("T")
QUICK_PIXELS = 1_000_000


@dataclass(frozen=True, eq=False)
class Result:
    """A finished picture [H,W,3] uint8 of any size, not yet a file; `record` are the settings that made it."""

    seed: int
    pixels: np.ndarray
    record: str

    def png(self) -> bytes:
        """The PNG file with the settings inside. Large ones are compressed less: several times as fast."""
        compress_level = 1 if self.pixels.size > 3 * QUICK_PIXELS else 6
        return core.png_bytes(self.pixels, texts={KEY: self.record}, compress_level=compress_level)


@dataclass(frozen=True)
class Finished:
    """What an edit gives in the end: its pictures, what the page tells besides, and the frames of an animation."""

    results: tuple[Result, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    animation: bytes | None = None  # a WebP file


@dataclass(frozen=True)
class Picture:
    """One picture, ready to be shown (`preview`, a JPEG file) and to be kept (`png`, exact, its settings inside).

    The previews of an edit have no `png`: it comes with the finished picture.
    """

    seed: int
    preview: bytes
    png: bytes


@dataclass(frozen=True)
class Evaluation:
    """The pictures after one evaluation, and the milliseconds of it that the model took.

    The last one of an edit brings the rest of the work, `finish`: the result at the photo's full size. It needs no
    model and may take seconds, so it runs on a thread of its own. `place` is the part of the final picture that is
    shown. One without pictures is a pause: its evaluation goes on with the next, and others may come in between.
    """

    pictures: tuple[Picture, ...]
    model_ms: float
    finish: Callable[[], Finished] | None = None
    place: tuple[int, int, int] | None = None  # x, y and side in pixels


def each_step(steps: Iterator[T | None], evaluation: Callable[[int, T, float], Evaluation]) -> Iterator[Evaluation]:
    """The evaluation of each step, made of its number (from 1), what it gave, and its milliseconds; None is a pause."""
    step, started = 0, time.perf_counter()
    for made in steps:
        model_ms = 1000 * (time.perf_counter() - started)
        step += made is not None
        yield Evaluation((), model_ms) if made is None else evaluation(step, made, model_ms)
        started = time.perf_counter()
