"""Writes finished pictures to files, each whole or not at all."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.cli.plan import Task
from app.edits.results import Result
from core.files import write_whole
from core.images import png_bytes


def write(results: Sequence[Result], animation: bytes | None, task: Task) -> list[Path]:
    """Writes the files of a finished task and returns their paths. Raises OSError."""
    if animation is not None:
        return _write_frames(results, animation, task.target)
    if task.source is None:
        task.target.mkdir(parents=True, exist_ok=True)
        return [write_whole(task.target / f"{result.seed}.png", result.png()) for result in results]
    _make_folder_of(task.target)
    return [write_whole(task.target, results[0].png())]


def _write_frames(results: Sequence[Result], animation: bytes, out: Path) -> list[Path]:
    """OUT.webp: the animation; OUT.png: the frames side by side; a folder: each frame, and the animation."""
    if out.suffix.lower() == ".webp":
        _make_folder_of(out)
        return [write_whole(out, animation)]
    if out.suffix.lower() == ".png":
        _make_folder_of(out)
        return [write_whole(out, png_bytes(np.concatenate([result.pixels for result in results], axis=1)))]
    out.mkdir(parents=True, exist_ok=True)
    frames = [write_whole(out / f"{k:02d}.png", result.png()) for k, result in enumerate(results, 1)]
    return [*frames, write_whole(out / "animation.webp", animation)]


def _make_folder_of(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
