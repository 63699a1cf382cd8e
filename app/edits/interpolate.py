"""Interpolate: from one end to another along the arc between their noises (Song et al. 2023, section 6).

An end is a seed, or a picture. A picture that came from noise alone with these very settings says its seed, and the
way leads from noise to noise. Any other picture has no noise that leads to it: then both pictures get noise over them,
none at the ends and most in the middle, and the way goes along the arc between the pictures and the arc between the
noises. Arcs and not straight lines, because the mean of two pictures that have little in common is a pale one.
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
from app.edits.base import Edit, labels_of, record_of, shape_of, sigmas_of, walk_many
from app.edits.data_url import to_data_url
from app.edits.generate import GenerateRequest
from app.edits.inputs import read_seed
from app.edits.material import Material
from app.edits.record import read_record
from app.edits.registry import INTERPOLATE
from app.edits.results import Evaluation, Finished
from app.edits.spec import MAX_SEED

FRAME_MS, END_MS = 120, 600  # how long the animation shows a frame, and the two ends
SMALLEST_SIDE = 256  # pixels of the animation
RECORD_END = 24_000  # characters of each end inside a frame's record

Ends = tuple[np.ndarray | None, np.ndarray | None]


@dataclass(frozen=True, kw_only=True, eq=False)
class InterpolateRequest(Edit):
    """`frames` pictures from one end to the other, both of them among these. Each end has a seed.

    With `pictures` [R,R,3] uint8 the way leads over these; one of them may be missing: it is made of its seed first.
    """

    task: ClassVar[str] = "interpolate"
    many: ClassVar[bool] = True

    frames: int = INTERPOLATE["frames"].default
    pictures: Ends | None = None
    amount: float = INTERPOLATE["amount"].default  # of noise over pictures: 0 little, 1 much

    @property
    def levels(self) -> int:
        """Evaluations of the way itself."""
        return super().evaluations

    @property
    def evaluations(self) -> int:
        missing = self.pictures is not None and any(picture is None for picture in self.pictures)
        return self.levels * (2 if missing else 1)

    def settings(self) -> dict[str, Any]:
        words = super().settings() | {"steps": self.levels, "seeds": list(self.seeds), "frames": self.frames}
        if self.pictures is None:
            return words
        return words | {"amount": self.amount, "ends": [_end_url(picture) for picture in self.pictures]}


class ArcNoise:
    """Noise on the arc between that of two seeds, at several places: what SeededNoise is for seeds."""

    def __init__(self, seeds: Sequence[int], amounts: Sequence[float], shares: Sequence[float] | None = None):
        """With `shares`, each place has only that share of the noise."""
        first, second = seeds
        self.first, self.second, self.amounts = core.SeededNoise([first]), core.SeededNoise([second]), tuple(amounts)
        self.shares = tuple(shares or [1.0] * len(self.amounts))

    def __len__(self) -> int:
        return len(self.amounts)

    def draw(self, evaluation: int, shape_CHW: Sequence[int], device: torch.device | str = "cpu") -> torch.Tensor:
        """[B,C,H,W] float32, of unit variance times the share squared; at 0 and 1 the seeds' own."""
        a, b = (noise.draw(evaluation, shape_CHW, "cpu") for noise in (self.first, self.second))
        return torch.cat([c * _between(a, b, t) for t, c in zip(self.amounts, self.shares)]).to(device)


class Shares:
    """A denoiser for pictures of which each has only a share of the noise level that is spoken of."""

    def __init__(self, model: core.Model, shares: Sequence[float]):
        self.model, self.shares = model, torch.tensor(shares)
        self.rules, self.device = model.rules, model.device
        self.ask: core.Denoiser = model

    def walking(self, sigmas: Sequence[float], guidance: float) -> "Shares":
        """See core.models.ScaledModel."""
        self.ask = self.model.walking(sigmas, guidance)
        return self

    def __call__(
        self, x: torch.Tensor, sigma: torch.Tensor | float, labels: torch.Tensor | None = None
    ) -> torch.Tensor:
        levels = (sigma * self.shares).clamp(min=self.model.card.sigma_min)
        return self.ask(x, levels.to(x.device), labels)


def read_request(material: Material, values: dict, settings: dict, card: core.ModelCard) -> InterpolateRequest:
    """See app/edits/spec.py. The ends of the material are picture files, None where an end is a seed."""
    ends, first = material.ends, settings["seeds"][0]
    asked = first, read_seed(first + 1) if values["seed_b"] is None else values["seed_b"]
    own = [None if end is None else _seed_inside(end, GenerateRequest(**settings), card) for end in ends]
    seeds = tuple(seed if known is None else known for seed, known in zip(asked, own))
    fields = settings | {"seeds": seeds, "frames": values["frames"], "amount": values["amount"]}
    if all(end is None or known is not None for end, known in zip(ends, own)):
        return InterpolateRequest(**fields)
    picture_a, picture_b = (None if end is None else _picture(end, card.resolution) for end in ends)
    return InterpolateRequest(pictures=(picture_a, picture_b), **fields)


def _seed_inside(file: bytes, alike: GenerateRequest, card: core.ModelCard) -> int | None:
    """The seed of a picture that this model made from noise alone, with the settings of the request; else None."""
    record = read_record(file)
    wanted = {"model": card.name, **alike.settings()}
    if record is None or "variation" in record or any(record.get(name) != value for name, value in wanted.items()):
        return None
    seed = record.get("seed")
    return seed if type(seed) is int and 0 <= seed <= MAX_SEED else None


def _picture(file: bytes, resolution: int) -> np.ndarray:
    return core.to_uint8(core.to_model(core.read_image(file), resolution))[0]


def _end_url(picture: np.ndarray | None) -> str | None:
    """An end inside the record, if it fits in."""
    url = picture is not None and to_data_url(core.png_bytes(picture), "png")
    return url if url and len(url) <= RECORD_END else None


def evaluations(model: core.Model, requests: Sequence[InterpolateRequest]) -> Iterator[Evaluation]:
    """One request alone: its frames share every evaluation already."""
    (request,) = requests
    first, second = request.seeds
    seeds = [first] * (request.frames - 1) + [second]

    def record(seed: int, index: int) -> str:
        return record_of(model, request, seed, frame=index)

    facts = {"over": "noises" if request.pictures is None else "pictures", "seeds": list(request.seeds)}
    for evaluation in walk_many(_steps(model, request), request.evaluations, seeds=seeds, record=record):
        yield replace(evaluation, finish=evaluation.finish and partial(_with_animation, evaluation.finish, facts))


def _steps(model: core.Model, request: InterpolateRequest) -> Iterator[torch.Tensor | None]:
    places = [k / (request.frames - 1) for k in range(request.frames)]
    if request.pictures is not None:
        yield from _over_pictures(model, request, request.pictures, places)
        return
    noise, labels = ArcNoise(request.seeds, places), labels_of(model, request, request.frames)
    sigmas = sigmas_of(model, request)
    yield from core.edit_steps(model, core.Nothing(), sigmas, noise, labels=labels, shape=shape_of(model), pauses=True)


def _over_pictures(
    model: core.Model, request: InterpolateRequest, pictures: Ends, places: Sequence[float]
) -> Iterator[torch.Tensor | None]:
    """First, an end that is only a seed is made; until then what is shown fades from end to end."""
    ends = {at: core.to_model(picture) for at, picture in enumerate(pictures) if picture is not None}
    missing = [at for at in (0, 1) if at not in ends]
    for at in missing:
        for x0 in _of_seed(model, request, request.seeds[at]):
            if x0 is not None:
                ends[at] = x0.cpu()
            yield None if x0 is None else torch.cat([_between(ends[0], ends[1], t) for t in places])
    start = torch.cat([_between(ends[0], ends[1], t) for t in places])
    shares = [sin(pi * t) if 0 < t < 1 else 0.0 for t in places]
    sigmas = core.paint_sigmas(model.card, request.amount, request.levels)
    noise, labels = ArcNoise(request.seeds, places, shares), labels_of(model, request, request.frames)
    yield from core.paint_steps(Shares(model, shares), start, sigmas, noise, labels=labels, pauses=True)


def _of_seed(model: core.Model, request: InterpolateRequest, seed: int) -> Iterator[torch.Tensor | None]:
    noise, labels = core.SeededNoise([seed]), labels_of(model, request)
    sigmas = sigmas_of(model, request)
    return core.edit_steps(model, core.Nothing(), sigmas, noise, labels=labels, shape=shape_of(model), pauses=True)


def _between(first: torch.Tensor, second: torch.Tensor, place: float) -> torch.Tensor:
    """The arc; at its ends exactly what is there."""
    return {0.0: first, 1.0: second}[place] if place in (0, 1) else core.slerp(first, second, place)


def _with_animation(finish, facts: dict[str, Any]) -> Finished:
    finished = finish()
    return replace(finished, facts=facts, animation=animation([result.pixels for result in finished.results]))


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
