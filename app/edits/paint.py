"""What a request asks of the model: its evaluations one by one, each as finished pictures. Runs on the model's thread.

Shapes: B pictures (one for each seed), H rows, W columns.
"""

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import numpy as np
import torch
from PIL import Image

import core
from app.edits.data_url import MAX_PAINTING_SIDE, to_data_url
from app.edits.inputs import PaintRequest
from app.edits.record import KEY, record_text
from core.models import class_labels

T = TypeVar("T")
PREVIEW_SIDE = 512  # pixels at least; smaller pictures are enlarged here, once, by Lanczos
PREVIEW_LONGEST = 2048
PREVIEW_QUALITY = 90
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


def each_step(steps: Iterator[T | None], evaluation: Callable[[int, T, float], Evaluation]) -> Iterator[Evaluation]:
    """The evaluation of each step, made of its number (from 1), what it gave, and its milliseconds; None is a pause."""
    step, started = 0, time.perf_counter()
    for made in steps:
        model_ms = 1000 * (time.perf_counter() - started)
        step += made is not None
        yield Evaluation((), model_ms) if made is None else evaluation(step, made, model_ms)
        started = time.perf_counter()


def paint_steps(model, request: PaintRequest, strokes: torch.Tensor) -> Iterator[torch.Tensor | None]:
    """x0 [B,3,H,W] after each evaluation over strokes [1,3,H,W], nothing of them held fast; None for a pause."""
    sigmas = core.paint_sigmas(model.card, request.strength, request.steps)
    labels = class_labels(model.card, request.look, len(request.seeds), getattr(model, "device", "cpu"))
    noise = core.SeededNoise(request.seeds)
    return core.paint_steps(model, strokes, sigmas, noise, labels=labels, pauses=True)


def preview_jpeg(pixels: np.ndarray) -> bytes:
    """[H,W,3] uint8 as a JPEG file of at least PREVIEW_SIDE pixels a side, or PREVIEW_LONGEST for a long, narrow one.

    Pillow makes it in 2.3 ms from 64 pixels; OpenCV took 2.7 ms (as fast at Lanczos, twice as long at JPEG).
    """
    picture = Image.fromarray(pixels)
    scale = min(PREVIEW_SIDE / min(picture.size), PREVIEW_LONGEST / max(picture.size))
    if scale > 1:
        size = (round(picture.width * scale), round(picture.height * scale))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=PREVIEW_QUALITY)
    return stream.getvalue()


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
