"""The model file that a person named, opened and warmed up, so that their first stroke is as quick as the second."""

import os
from pathlib import Path

import numpy as np

import core
from app.edits.inputs import read_look
from app.edits.paint import PaintRequest, evaluations
from core.models import ScaledModel
from core.runtime import use_threads


def interactive_threads() -> int:
    """Half of the cores: the browser that paints wants the others.

    Where it shares both cores of a small machine, two threads wait for each other at every layer and one evaluation was
    seen to grow from 7 to over 100 ms; one thread takes 9, and grows to 17.
    """
    return max((os.cpu_count() or 1) // 2, 1)


def open_model(path: Path, *, device: str = "auto") -> ScaledModel:
    """The model, ready to paint. Raises OnestrokeError."""
    use_threads(interactive_threads())
    model = core.load_model(path, device=device)
    warm_up(model)
    return model


def warm_up(model: core.Model) -> None:
    """One live picture and four at once: kernels are chosen and memory is taken by shape."""
    side = model.card.resolution
    paper = core.png_bytes(np.full((side, side, 3), 128, np.uint8))
    request = PaintRequest(strokes=paper, seeds=(0,), steps=1, look=read_look(None, model.card.classes))
    for each in (request, request.variations()):
        for _ in evaluations(model, [each]):
            pass


def describe(model: ScaledModel) -> str:
    """Name, size and place of the model in half a sentence, for the terminal."""
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    side = model.card.resolution
    return f"{model.card.name}, {side} x {side} pixels, {millions:.1f} million parameters, on {model.device}"
