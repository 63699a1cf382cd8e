"""Loads a model file and warms the model up, so that the first stroke is as quick as the second."""

import os
from pathlib import Path

import numpy as np

import core
from app.edits.inputs import read_look
from app.edits.paint import PaintRequest, evaluations
from core.models import ScaledModel
from core.runtime import use_threads


def interactive_threads() -> int:
    """Half of the cores, at least 1: the browser on the same machine needs the others.

    On a machine of two cores beside a busy browser, two threads wait for each other at every layer: one evaluation
    grew from 7 to over 100 ms. With one thread it takes 9 ms, and grew to 17 ms.
    """
    return max((os.cpu_count() or 1) // 2, 1)


def open_model(path: Path, card: core.ModelCard, *, device: str = "auto") -> ScaledModel:
    """The model of a file, warmed up. card: what was read of the file before.

    Raises OnestrokeError for a bad file or device, and for a file that another one has taken the place of since.
    """
    use_threads(interactive_threads())
    model = core.load_model(path, device=device)
    if model.card != card:
        raise core.CheckpointError(f"{path.name} was replaced while it was opened: start again.")
    warm_up(model)
    return model


def warm_up(model: core.Model) -> None:
    """Paint one picture, and four at once: the first evaluation of each batch size is slow."""
    side = model.card.resolution
    paper = core.png_bytes(np.full((side, side, 3), 128, np.uint8))
    request = PaintRequest(strokes=paper, seeds=(0,), steps=1, look=read_look(None, model.card.classes))
    for each in (request, request.variations()):
        for _ in evaluations(model, [each]):
            pass


def describe(model: ScaledModel) -> str:
    """Name, picture size, parameters and device of the model, for the terminal."""
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    side = model.card.resolution
    return f"{model.card.name}, {side} x {side} pixels, {millions:.1f} million parameters, on {model.device}"
