"""Writes finished pictures to files, each whole or not at all."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.edits.results import Result
from core.files import write_whole
from core.images import png_bytes


def write(results: Sequence[Result], animation: bytes | None, outputs: Sequence[Path]) -> list[Path]:
    """Writes the files of a finished task (app/cli/plan.py) and returns their paths. Raises OSError."""
    outputs[0].parent.mkdir(parents=True, exist_ok=True)
    files = _files(results, animation, outputs)
    return [write_whole(path, data) for path, data in zip(outputs, files, strict=True)]


def _files(results: Sequence[Result], animation: bytes | None, outputs: Sequence[Path]) -> list[bytes]:
    """The content of each file. One file for several pictures holds the animation, or as PNG all frames in a row."""
    if animation is not None and len(outputs) == 1:
        if outputs[0].suffix.lower() == ".webp":
            return [animation]
        return [png_bytes(np.concatenate([result.pixels for result in results], axis=1))]
    return [result.png() for result in results] + ([] if animation is None else [animation])
