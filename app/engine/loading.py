"""Loads a model file and warms the model up, so that the first stroke is as quick as the second."""

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

import core
from app.edits.inputs import read_look
from app.edits.paint import PaintRequest, evaluations
from core.compiled import compile_behind
from core.models import ScaledModel
from core.runtime import use_threads

SLOW_S = 1.0  # seconds of an evaluation above which pictures cannot follow the brush
SURELY_SLOW_S = 30.0  # of a first evaluation, of which packing the weights is never the most


def interactive_threads() -> int:
    """Half of the cores, at least 1: the browser on the same machine needs the others.

    On a machine of two cores beside a busy browser, two threads wait for each other at every layer: one evaluation
    grew from 7 to over 100 ms. With one thread it takes 9 ms, and grew to 17 ms.
    """
    return max((os.cpu_count() or 1) // 2, 1)


def open_model(
    source: Path, card: core.ModelCard, *, device: str = "auto", compiled: bool = False, threads: int | None = None
) -> ScaledModel:
    """The model of a file, a folder or a Hub id. card: what was read of it before. compiled: see core/compiled.py.

    threads: that it may use on a CPU; None: `interactive_threads`.
    Raises OnestrokeError as `core.load_model`, and for a file that another one has taken the place of since.
    """
    use_threads(threads or interactive_threads())
    model = core.load_model(source, device=device)
    if model.card != card:
        raise core.CheckpointError(f"{source.name} was replaced while it was opened: start again.")
    if compiled:
        compile_behind(model.network, partial(print, flush=True))
    return model


def warm_up(model: core.Model, *, clock: Callable[[], float] = time.perf_counter) -> float:
    """Paint one picture, and where that is quick four at once: the first evaluation of each batch size is slow.

    Returns the seconds of one evaluation of one picture. The first one packs the weights, so where it might be slow for
    that alone, a second one is measured.
    """
    side = model.card.resolution
    paper = core.png_bytes(np.full((side, side, 3), 128, np.uint8))
    request = PaintRequest(strokes=paper, seeds=(0,), steps=1, look=read_look(None, model.card.classes))
    seconds = _seconds(model, request, clock)
    if SLOW_S <= seconds < SURELY_SLOW_S:
        seconds = min(seconds, _seconds(model, request, clock))
    if seconds < SLOW_S:
        _seconds(model, request.variations(), clock)
    return seconds


def _seconds(model: core.Model, request: PaintRequest, clock: Callable[[], float]) -> float:
    began = clock()
    for _ in evaluations(model, [request]):
        pass
    return clock() - began


def describe(model: core.Model) -> str:
    """Name, picture size, parameters and device of the model, for the terminal."""
    side = model.card.resolution
    size = f"{model.card.name}, {side} x {side} pixels"
    if not isinstance(model, ScaledModel):
        return f"{size}, in replicas"
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    return f"{size}, {millions:.1f} million parameters, on {model.device}"
