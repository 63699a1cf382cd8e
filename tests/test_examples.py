"""The examples, each run as a person runs it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import core
from examples import inpaint, paint, toy_ect

ROOT = Path(__file__).resolve().parents[1]


def run(name: str, *arguments: str | Path) -> str:
    """What the example wrote to stdout."""
    command = [sys.executable, "-m", f"examples.{name}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def block_means(pixels: np.ndarray, side: int) -> np.ndarray:
    """[H/side,W/side,3] of [H,W,3]."""
    rows, columns, _ = pixels.shape
    return pixels.reshape(rows // side, side, columns // side, side, 3).mean(axis=(1, 3))


def test_painting_makes_a_picture_in_the_colours_of_the_strokes(tmp_path):
    assert run("paint", tmp_path / "out.png") == f"{tmp_path / 'out.png'}\n"
    strokes, room = np.split(np.asarray(core.read_image(tmp_path / "out.png")), 2, axis=1)
    assert (strokes == np.asarray(paint.draw_strokes(len(strokes)))).all()
    assert (room != strokes).any()
    coarse = [block_means(pixels, 16).ravel() for pixels in (strokes, room)]
    assert np.corrcoef(*coarse)[0, 1] > 0.8


def test_inpainting_changes_the_hole_and_nothing_else(tmp_path):
    run("inpaint", tmp_path / "out.png")
    photo, filled = (np.array(core.read_image(path)) for path in (ROOT / inpaint.PHOTO, tmp_path / "out.png"))
    changed = (photo != filled).any(axis=2)
    assert changed[inpaint.HOLE].mean() > 0.5
    changed[inpaint.HOLE] = False
    assert not changed.any()


def test_the_tuned_toy_finds_every_mode_in_one_evaluation():
    """By the table that it prints: the share of points at a mode, and at each."""
    rows = {line[:32].strip(): [float(word) for word in line[32:].split()] for line in run("toy_ect").splitlines()[1:]}
    data, denoiser, one, two = rows.values()
    assert denoiser[0] < 0.1 < 0.95 < data[0]  # from noise alone a denoiser answers with the mean of all points
    assert one[0] > 0.65 and two[0] > one[0] - 0.02
    for shares in (data, one, two):
        at_mode = np.array(shares[1:]) / shares[0]
        assert at_mode == pytest.approx(toy_ect.WEIGHTS.numpy(), abs=0.1)
