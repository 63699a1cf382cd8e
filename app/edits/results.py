"""The answers of an edit: previews after each evaluation, then finished pictures with their settings inside."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

import core
from app.edits.record import KEY

T = TypeVar("T")
QUICK_PIXELS = 1_000_000  # of a picture that is compressed well, which takes several times as long


@dataclass(frozen=True, eq=False)
class Result:
    """A finished picture [H,W,3] uint8 of any size, not yet a file. `record`: its settings as JSON."""

    seed: int
    pixels: np.ndarray
    record: str

    def png(self) -> bytes:
        """The PNG file with the record inside."""
        compress_level = 1 if self.pixels.size > 3 * QUICK_PIXELS else 6
        return core.png_bytes(self.pixels, texts={KEY: self.record}, compress_level=compress_level)


@dataclass(frozen=True)
class Finished:
    """The end of an edit: its pictures, facts that page and command line report, and perhaps an animation."""

    results: tuple[Result, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    animation: bytes | None = None  # a WebP file


@dataclass(frozen=True)
class Picture:
    """One picture as files: `preview` is a JPEG file for the eye, `png` is exact and has the record inside.

    `png` is empty while an edit of a photo is under way: the finished picture has it.
    """

    seed: int
    preview: bytes
    png: bytes


@dataclass(frozen=True)
class Evaluation:
    """The pictures after one evaluation of the network, and the milliseconds that it took, the wait for it included.

    The last evaluation of an edit has `finish`, which makes the result at the photo's full size. It needs no model and
    may take seconds, so it is called on another thread. `square` is the part of the final picture that the previews
    show. An evaluation without pictures is a pause: it is not complete, and other visitors may have a turn before it
    goes on.
    """

    pictures: tuple[Picture, ...]
    model_ms: float
    finish: Callable[[], Finished] | None = None
    square: tuple[int, int, int] | None = None  # x, y and side in pixels


def timed_evaluations(
    steps: Iterator[T | None], evaluation: Callable[[int, T, float], Evaluation]
) -> Iterator[Evaluation]:
    """Measures each step. Yields evaluation(number of the step from 1, its output, its milliseconds).

    A step that yields None is a pause; it does not count and becomes an evaluation without pictures.
    """
    step, started = 0, time.perf_counter()
    for output in steps:
        model_ms = 1000 * (time.perf_counter() - started)
        step += output is not None
        yield Evaluation((), model_ms) if output is None else evaluation(step, output, model_ms)
        started = time.perf_counter()
