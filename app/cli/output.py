"""Writes finished pictures to files, each whole or not at all."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.cli.storage import Location
from app.edits.results import Result
from core.files import write_whole
from core.images import png_bytes


def write(results: Sequence[Result], animation: bytes | None, outputs: Sequence[Location]) -> None:
    """Writes the files of a finished task (app/cli/plan.py). Raises OSError."""
    if isinstance(outputs[0], Path):
        outputs[0].parent.mkdir(parents=True, exist_ok=True)
    for place, data in zip(outputs, _files(results, animation, outputs), strict=True):
        if isinstance(place, Path):
            write_whole(place, data)
        else:
            place.write_whole(data)


def _files(results: Sequence[Result], animation: bytes | None, outputs: Sequence[Location]) -> list[bytes]:
    """The content of each file. One file for several pictures holds the animation, or as PNG all frames in a row."""
    if animation is not None and len(outputs) == 1:
        if outputs[0].suffix.lower() == ".webp":
            return [animation]
        return [png_bytes(np.concatenate([result.pixels for result in results], axis=1))]
    return [result.png() for result in results] + ([] if animation is None else [animation])
