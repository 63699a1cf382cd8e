"""Interpolate: from one seed to another along the arc between their noises (Song et al. 2023, section 6)."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image

import core
from app.edits.edit import Edit, labels_of, record_of, shape_of, sigmas_of, walk_many
from app.evaluate import Evaluation, Finished
from app.request import read_seed, read_whole

MAX_FRAMES = 32
FRAMES = 9
FRAME_MS, END_MS = 120, 600  # how long the animation shows a frame, and the two ends
SMALLEST_SIDE = 256  # pixels of the animation


@dataclass(frozen=True, kw_only=True, eq=False)
class InterpolateRequest(Edit):
    """`frames` pictures from the first of two seeds to the second, both of them among these."""

    task: ClassVar[str] = "interpolate"
    many: ClassVar[bool] = True

    frames: int = FRAMES

    def settings(self) -> dict[str, Any]:
        return super().settings() | {"seeds": list(self.seeds), "frames": self.frames}


class ArcNoise:
    """Noise on the arc between that of two seeds, at several places: what SeededNoise is for seeds."""

    def __init__(self, seeds: Sequence[int], amounts: Sequence[float]):
        first, second = seeds
        self.first, self.second, self.amounts = core.SeededNoise([first]), core.SeededNoise([second]), tuple(amounts)

    def __len__(self) -> int:
        return len(self.amounts)

    def draw(self, evaluation: int, shape_CHW: Sequence[int], device: torch.device | str = "cpu") -> torch.Tensor:
        """[B,C,H,W] float32, of unit variance; at 0 and 1 exactly the seeds' own."""
        a, b = (noise.draw(evaluation, shape_CHW, "cpu") for noise in (self.first, self.second))
        ends = {0.0: a, 1.0: b}
        return torch.cat([ends[t] if t in ends else core.slerp(a, b, t) for t in self.amounts]).to(device)


def interpolate_request(*, extra: dict, settings: dict, card: core.ModelCard) -> InterpolateRequest:
    """Raises OnestrokeError."""
    frames = read_whole(
        FRAMES if extra.get("frames") is None else extra["frames"], "The number of frames", 2, MAX_FRAMES
    )
    first = settings["seeds"][0]
    second = read_seed(first + 1 if extra.get("seed_b") is None else extra["seed_b"])
    return InterpolateRequest(frames=frames, **settings | {"seeds": (first, second)})


def interpolate_evaluations(model, request: InterpolateRequest) -> Iterator[Evaluation]:
    first, second = request.seeds
    seeds = [first] * (request.frames - 1) + [second]

    def record(seed: int, index: int) -> str:
        return record_of(model, request, seed, frame=index)

    for evaluation in walk_many(_steps(model, request), request.evaluations, seeds=seeds, record=record):
        yield replace(evaluation, finish=evaluation.finish and partial(_with_animation, evaluation.finish))


def _steps(model, request: InterpolateRequest) -> Iterator[torch.Tensor]:
    amounts = [k / (request.frames - 1) for k in range(request.frames)]
    noise, labels = ArcNoise(request.seeds, amounts), labels_of(model, request, request.frames)
    return core.edit_steps(
        model, core.Nothing(), sigmas_of(model, request), noise, labels=labels, shape=shape_of(model)
    )


def _with_animation(finish) -> Finished:
    finished = finish()
    return replace(finished, animation=animation([result.pixels for result in finished.results]))


def animation(frames: Sequence[np.ndarray]) -> bytes:
    """There and back again, as an endless animated WebP file of at least SMALLEST_SIDE pixels a side."""
    times = max(-(-SMALLEST_SIDE // len(frames[0])), 1)
    side = (frames[0].shape[1] * times, frames[0].shape[0] * times)
    pictures = [Image.fromarray(frame).resize(side, Image.Resampling.LANCZOS) for frame in frames]
    pictures += pictures[-2:0:-1]
    durations = [END_MS if k in (0, len(frames) - 1) else FRAME_MS for k in range(len(pictures))]
    stream = io.BytesIO()
    pictures[0].save(
        stream, "WEBP", save_all=True, append_images=pictures[1:], duration=durations, loop=0, quality=90, method=2
    )
    return stream.getvalue()
