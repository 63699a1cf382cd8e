"""Interpolate: pictures between two ends, along the arc between their noises (Song et al. 2023, section 6).

An end is a seed or a picture. A picture that this model generated from noise with the same settings has its seed in its
record: then the model makes all pictures of noises on the arc between the two seeds' noises. No noise is known that
leads to any other picture. Then the frames are on the arc between the two pictures, get noise on the arc between the
two seeds' noises, and the model removes it. The noise is 0 at the ends and strongest in the middle. Arcs are used
instead of straight lines because the mean of two pictures that have little in common is pale.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import pi, sin
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image

import core
from app.edits.base import Edit, labels_of, record_of, shape_of, sigmas_of, to_evaluations_of_many
from app.edits.data_url import to_data_url
from app.edits.generate import GenerateRequest
from app.edits.inputs import read_seed
from app.edits.material import Material
from app.edits.record import read_record
from app.edits.registry import INTERPOLATE
from app.edits.results import Evaluation, Finished
from app.edits.spec import MAX_SEED

FRAME_MS, END_MS = 120, 600  # milliseconds for which the animation shows a frame, and each end
SMALLEST_SIDE = 256  # pixels a side of the animation, at least
RECORD_END = 24_000  # characters, at most, of each end inside the record of a frame

Ends = tuple[np.ndarray | None, np.ndarray | None]


@dataclass(frozen=True, kw_only=True, eq=False)
class InterpolateRequest(Edit):
    """`frames` pictures, of which the first and the last are the two ends. `seeds` has the seed of each end.

    pictures: the two ends [R,R,3] uint8, R the model's side. One of them may be None: it is generated from its seed
    first. None for both: the frames are generated from noise.
    """

    task: ClassVar[str] = "interpolate"
    many: ClassVar[bool] = True

    frames: int = INTERPOLATE["frames"].default
    pictures: Ends | None = None
    amount: float = INTERPOLATE["amount"].default  # of noise over pictures, 0 to 1

    @property
    def batch_size(self) -> int:
        """See app/edits/base.py. All frames are one batch."""
        return self.frames

    @property
    def levels(self) -> int:
        """Noise levels of the frames."""
        return super().evaluations

    @property
    def evaluations(self) -> int:
        """One for each noise level; twice as many if one of the two pictures is missing."""
        missing = self.pictures is not None and any(picture is None for picture in self.pictures)
        return self.levels * (2 if missing else 1)

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py. A picture that is too large for the record is None there."""
        words = super().settings() | {"steps": self.levels, "seeds": list(self.seeds), "frames": self.frames}
        if self.pictures is None:
            return words
        return words | {"amount": self.amount, "ends": [_end_url(picture) for picture in self.pictures]}


class ArcNoise:
    """Noise on the arc between the noises of two seeds: a `core.noise.Noise` for frames between two ends."""

    def __init__(self, seeds: Sequence[int], positions: Sequence[float], scales: Sequence[float] | None = None):
        """positions: of each frame on the arc, 0 (first seed) to 1. scales: factors of its noise, by default 1."""
        first, second = seeds
        self.first, self.second, self.positions = (
            core.SeededNoise([first]),
            core.SeededNoise([second]),
            tuple(positions),
        )
        self.scales = tuple(scales or [1.0] * len(self.positions))

    def __len__(self) -> int:
        return len(self.positions)

    def draw(self, evaluation: int, shape_CHW: Sequence[int], device: torch.device | str = "cpu") -> torch.Tensor:
        """[B,C,H,W] float32; each frame's standard deviation is its scale. At positions 0 and 1: the seeds' noises."""
        a, b = (noise.draw(evaluation, shape_CHW, "cpu") for noise in (self.first, self.second))
        return torch.cat([c * _on_arc(a, b, t) for t, c in zip(self.positions, self.scales)]).to(device)


class ScaledNoiseDenoiser:
    """A denoiser of a batch in which each picture has its own fraction of the noise level that is passed."""

    def __init__(self, model: core.Model, scales: Sequence[float]):
        """scales: the fraction, 0 to 1, of each picture."""
        self.model, self.scales = model, torch.tensor(scales)
        self.rules, self.device = model.rules, model.device
        self.denoiser: core.Denoiser = model

    def walking(self, sigmas: Sequence[float], guidance: float) -> "ScaledNoiseDenoiser":
        """See core.models.ScaledModel."""
        self.denoiser = self.model.walking(sigmas, guidance)
        return self

    def __call__(
        self, x: torch.Tensor, sigma: torch.Tensor | float, labels: torch.Tensor | None = None
    ) -> torch.Tensor:
        """x0 [B,3,R,R] of x [B,3,R,R]; picture k has noise of level sigma times its scale, at least sigma_min."""
        levels = (sigma * self.scales).clamp(min=self.model.card.sigma_min)
        return self.denoiser(x, levels.to(x.device), labels)


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> InterpolateRequest:
    """See app/edits/spec.py. The ends of the material are picture files, None where an end is a seed."""
    ends, first = material.ends, settings["seeds"][0]
    requested = first, read_seed(first + 1) if values["seed_b"] is None else values["seed_b"]
    recorded = [None if end is None else _seed_inside(end, GenerateRequest(**settings), card) for end in ends]
    seeds = tuple(seed if known is None else known for seed, known in zip(requested, recorded))
    fields = settings | {"seeds": seeds, "frames": values["frames"], "amount": values["amount"]}
    if all(end is None or known is not None for end, known in zip(ends, recorded)):
        return InterpolateRequest(**fields)
    picture_a, picture_b = (None if end is None else _picture(material, end, card.resolution) for end in ends)
    return InterpolateRequest(pictures=(picture_a, picture_b), **fields)


def _seed_inside(file: bytes, request: GenerateRequest, card: core.ModelCard) -> int | None:
    """The seed in a picture's record, if this model generated it with the settings of the request; else None."""
    record = read_record(file)
    wanted = {"model": card.name, **request.settings()}
    if record is None or "variation" in record or any(record.get(name) != value for name, value in wanted.items()):
        return None
    seed = record.get("seed")
    return seed if type(seed) is int and 0 <= seed <= MAX_SEED else None


def _picture(material: Material, file: bytes, resolution: int) -> np.ndarray:
    return core.to_uint8(core.to_model(material.read_picture(file, at_least=resolution), resolution))[0]


def _end_url(picture: np.ndarray | None) -> str | None:
    """An end as a PNG data URL for the record; None if it has more than RECORD_END characters."""
    url = picture is not None and to_data_url(core.png_bytes(picture), "png")
    return url if url and len(url) <= RECORD_END else None


def evaluations(model: core.Model, requests: Sequence[InterpolateRequest]) -> Iterator[Evaluation]:
    """See app/edits/spec.py. Takes exactly one request: its frames are a batch already."""
    (request,) = requests
    first, second = request.seeds
    seeds = [first] * (request.frames - 1) + [second]

    def record(seed: int, index: int) -> str:
        return record_of(model, request, seed, frame=index)

    facts = {"over": "noises" if request.pictures is None else "pictures", "seeds": list(request.seeds)}
    for evaluation in to_evaluations_of_many(_steps(model, request), request.evaluations, seeds=seeds, record=record):
        yield replace(evaluation, finish=evaluation.finish and partial(_with_animation, evaluation.finish, facts))


def _steps(model: core.Model, request: InterpolateRequest) -> Iterator[torch.Tensor | None]:
    positions = [k / (request.frames - 1) for k in range(request.frames)]
    if request.pictures is not None:
        yield from _over_pictures(model, request, request.pictures, positions)
        return
    noise, labels = ArcNoise(request.seeds, positions), labels_of(model, request, request.frames)
    sigmas = sigmas_of(model, request)
    yield from core.edit_steps(model, core.Nothing(), sigmas, noise, labels=labels, shape=shape_of(model), pauses=True)


def _over_pictures(
    model: core.Model, request: InterpolateRequest, pictures: Ends, positions: Sequence[float]
) -> Iterator[torch.Tensor | None]:
    """An end that is only a seed is generated first; meanwhile the frames blend from end to end."""
    ends = {at: core.to_model(picture) for at, picture in enumerate(pictures) if picture is not None}
    missing = [at for at in (0, 1) if at not in ends]
    for at in missing:
        for x0 in _of_seed(model, request, request.seeds[at]):
            if x0 is not None:
                ends[at] = x0.cpu()
            yield None if x0 is None else torch.cat([_on_arc(ends[0], ends[1], t) for t in positions])
    start = torch.cat([_on_arc(ends[0], ends[1], t) for t in positions])
    scales = [sin(pi * t) if 0 < t < 1 else 0.0 for t in positions]
    sigmas = core.paint_sigmas(model.card, request.amount, request.levels)
    noise, labels = ArcNoise(request.seeds, positions, scales), labels_of(model, request, request.frames)
    yield from core.paint_steps(ScaledNoiseDenoiser(model, scales), start, sigmas, noise, labels=labels, pauses=True)


def _of_seed(model: core.Model, request: InterpolateRequest, seed: int) -> Iterator[torch.Tensor | None]:
    noise, labels = core.SeededNoise([seed]), labels_of(model, request)
    sigmas = sigmas_of(model, request)
    return core.edit_steps(model, core.Nothing(), sigmas, noise, labels=labels, shape=shape_of(model), pauses=True)


def _on_arc(first: torch.Tensor, second: torch.Tensor, position: float) -> torch.Tensor:
    """`core.slerp` from first (position 0) to second (position 1); at these two exactly the tensor itself."""
    return {0.0: first, 1.0: second}[position] if position in (0, 1) else core.slerp(first, second, position)


def _with_animation(finish, facts: dict[str, Any]) -> Finished:
    finished = finish()
    return replace(finished, facts=facts, animation=animation([result.pixels for result in finished.results]))


def animation(frames: Sequence[np.ndarray]) -> bytes:
    """Frames [R,R,3] uint8 forwards and backwards, as an endless animated WebP file.

    Each is enlarged by a whole factor to at least SMALLEST_SIDE pixels a side.
    """
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
