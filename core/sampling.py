"""Multistep sampling and zero-shot editing with one loop (Song et al. 2023, Algorithms 1 and 4).

Sampling is editing with nothing known. Both are generators over network evaluations, so that previews, progress,
cancel and count are the caller's business.

Shapes: B pictures, C channels, H rows, W columns; pictures in model range [-1, 1].
"""

from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor

from core.constraint import Constraint, Nothing
from core.errors import CheckpointError, RequestError
from core.models import Denoiser, Model, as_sampled
from core.noise import Noise
from core.sampling_rules import MOVES, SamplingRules
from core.schedule import validated_sigmas
from core.shifts import shifted_estimates


def sample_steps(
    denoiser: Denoiser,
    sigmas: Sequence[float],
    noise: Noise,
    *,
    labels: Tensor | None = None,
    shape: tuple[int, int, int] | None = None,
    rules: SamplingRules | None = None,
) -> Iterator[Tensor]:
    """Algorithm 1. Yields x0 [B,C,H,W] after each evaluation; arguments as in `edit_steps`."""
    steps = edit_steps(denoiser, Nothing(), sigmas, noise, labels=labels, shape=shape, rules=rules)
    yield from cast("Iterator[Tensor]", steps)  # None is for pauses alone


def edit_steps(
    denoiser: Denoiser,
    constraint: Constraint,
    sigmas: Sequence[float],
    noise: Noise,
    *,
    start: Tensor | None = None,
    anchor: Tensor | None = None,
    labels: Tensor | None = None,
    shape: tuple[int, int, int] | None = None,
    rules: SamplingRules | None = None,
    pauses: bool = False,
) -> Iterator[Tensor | None]:
    """Algorithm 4 for any constraint. Yields x0 [B,C,H,W], held to the constraint, after each noise level.

    Yields None as well, with `pauses`, between the several estimates that the rules may ask for at the last level
    (core/shifts.py): there a caller may serve others.
    sigmas: descending noise levels, one evaluation each, the last one perhaps several.
    noise: one seed for each picture.
    start: the picture [1 or B,C,H,W] that the first noise is put around; by default the known part alone, as in the
    paper.
    anchor: a picture [1 or B,C,H,W] that every later estimate is moved towards, by the ratio of the next noise level to
    the first one; by default none, as in the paper.
    labels: [B] or None.
    shape: (C, H, W), by default the denoiser's own.
    rules: by default the denoiser's own, else SamplingRules(). Their guidance is for walks with nothing known: beside
    something known it leads away from it (docs/editing.md).
    An estimate is cut to [-1, 1] first and held to the constraint then; the last one satisfies both.
    Raises RequestError for noise levels that do not descend or end below sigma_min, CheckpointError for a model that
    computes what is no finite number.
    """
    model = as_sampled(denoiser)
    rules, device = rules or model.rules, model.device
    sigmas = validated_sigmas(sigmas, sigma_min=rules.sigma_min)
    shape = shape or _shape_of(denoiser, start)
    denoiser = model.walking(sigmas, rules.guidance if isinstance(constraint, Nothing) else 0.0)
    if start is None:
        start = constraint.apply(torch.zeros(len(noise), *shape, device=device))
    move = MOVES[rules.move]
    x = start.to(device) + sigmas[0] * noise.draw(0, shape, device)
    for k, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        with torch.inference_mode():
            x0 = finite(denoiser(x, sigma, labels))
        x0 = constraint.apply(cut(x0, rules))
        yield x0
        z = move.next_noise(x - x0, sigma, sigma_next, partial(noise.draw, k + 1, shape, x.device), rules)
        if anchor is not None and not move.keeps_noise:  # noise that is kept was put around the anchor
            x0 = torch.lerp(x0, anchor.to(device), sigma_next / sigmas[0])
        x = z + x0
    shifts = rules.shifts if len(sigmas) > 1 else 1
    for made, x0 in enumerate(shifted_estimates(denoiser, x, sigmas[-1], labels, shifts), start=1):
        finite(x0)
        if made == shifts:
            yield constraint.project_in_range(cut(x0, rules)) if rules.clamp else constraint.apply(x0)
        elif pauses:
            yield None


def paint_steps(
    denoiser: Denoiser, strokes: Tensor, sigmas: Sequence[float], noise: Noise, **options
) -> Iterator[Tensor | None]:
    """Paints over strokes [1 or B,C,H,W] (Song et al. 2023, section 6): yields and options as in `edit_steps`.

    The paper forgets the strokes after the first step, and colours drift with every further one. Here the strokes are
    the anchor of every level.
    """
    yield from edit_steps(denoiser, Nothing(), sigmas, noise, start=strokes, anchor=strokes, **options)


def finite(x0: Tensor) -> Tensor:
    """An estimate [B,C,H,W] as it is. Raises CheckpointError if any of it is no finite number: it is no picture."""
    if not x0.isfinite().all():
        raise CheckpointError("This model computes numbers that are not finite, so there is no picture.")
    return x0


def cut(x0: Tensor, rules: SamplingRules) -> Tensor:
    """An estimate [B,C,H,W], cut to [-1, 1] if the rules say so."""
    return x0.clamp(-1, 1) if rules.clamp else x0


def _shape_of(denoiser: Denoiser, start: Tensor | None) -> tuple[int, int, int]:
    """(C, H, W) of the start, else of a model's pictures. Raises RequestError if there is neither."""
    if start is not None:
        channels, rows, columns = start.shape[1:]
        return channels, rows, columns
    if not isinstance(denoiser, Model):
        raise RequestError("This denoiser does not say the size of its pictures: give shape=(channels, rows, columns).")
    network = denoiser.card.network
    return network.channels, network.resolution, network.resolution


def sample(denoiser: Denoiser, sigmas: Sequence[float], noise: Noise, **options) -> Tensor:
    """The last picture [B,C,H,W] of `sample_steps`."""
    return _last(sample_steps(denoiser, sigmas, noise, **options))


def edit(denoiser: Denoiser, constraint: Constraint, sigmas: Sequence[float], noise: Noise, **options) -> Tensor:
    """The last picture [B,C,H,W] of `edit_steps`."""
    return _last(edit_steps(denoiser, constraint, sigmas, noise, **options))


def _last(steps: Iterator[Tensor | None]) -> Tensor:
    last = deque(steps, maxlen=1).pop()
    assert last is not None  # pauses lie between pictures
    return last


def paint(denoiser: Denoiser, strokes: Tensor, sigmas: Sequence[float], noise: Noise, **options) -> Tensor:
    """The last picture [B,C,H,W] of `paint_steps`."""
    return _last(paint_steps(denoiser, strokes, sigmas, noise, **options))


def denoise(denoiser: Denoiser, noisy: Tensor, sigma: Tensor | float, *, labels: Tensor | None = None) -> Tensor:
    """One evaluation at the picture's own noise level sigma: x0 [B,C,H,W] of a noisy picture [B,C,H,W].

    Raises CheckpointError for a model that computes what is no finite number.
    """
    with torch.inference_mode():
        return finite(denoiser(noisy.to(as_sampled(denoiser).device), sigma, labels)).clamp(-1, 1)
