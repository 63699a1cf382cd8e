"""`--engine ray` as a person types it: the bytes of the run here, whoever is killed.

All of it in one process of pytest's: each test has a cluster of its own on this machine.
"""

import importlib.util
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import core
from app.cli import main
from tests import tiny
from tests.app.edits.test_edits import mask_of, photo
from tests.faults.workers import contents, killed_workers

ROOT = Path(__file__).resolve().parents[2]
COUNT = 40
SLOW = ["--schedule", "paper"]  # 40 evaluations: there is time to kill
BROKEN = "in/11.png: This file is not a picture. JPEG, PNG or WebP work.\n"

pytestmark = [
    pytest.mark.xdist_group("ray"),
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is optional"),
    pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc"),
]


@pytest.fixture
def common(tmp_path, monkeypatch) -> list[str]:
    """Options of every command. 40 photos are there, one of them broken, and their masks."""
    monkeypatch.chdir(tmp_path)
    for folder in ("in", "masks"):
        Path(folder).mkdir()
    for seed in range(COUNT):
        core.write_png(f"in/{seed:02d}.png", photo(60, 40, seed))
        core.write_png(f"masks/{seed:02d}.png", np.repeat(mask_of(60, 40, seed, 5, 12, 12)[..., None], 3, 2))
    Path("in/11.png").write_text("no picture")
    made = tiny.model()
    core.save_model("tiny.safetensors", made.card, made.network.state_dict())
    # fsspec's folder is a storage, dir://, for all processes that come: they read the environment.
    for name, value in {"PYTHONPATH": ROOT, "FSSPEC_DIR_PATH": tmp_path, "FSSPEC_DIR_TARGET_PROTOCOL": "file"}.items():
        monkeypatch.setenv(name, str(value))
    return ["--model", "tiny.safetensors", "--device", "cpu", "--threads", "1"]


def started(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "app.cli", *arguments, "--engine", "ray", "--workers", "1"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def reports(told: str) -> list[dict]:
    """Of a command with --json, in the order of the files, without times."""
    found = [json.loads(line) for line in told.splitlines()]
    plain = [{key: value for key, value in each.items() if key not in ("ms", "model_ms")} for each in found]
    return sorted(plain, key=lambda report: report["input"])


def test_a_worker_that_is_killed_changes_neither_bytes_nor_reports(common, capsys):
    """From storage to storage, with masks."""
    line = ["inpaint", "in", "masks", "--json", *SLOW, *common]
    assert main([*line, "-o", "here"]) == 1
    expected = capsys.readouterr().out
    running = started(*(f"dir://{part}" if part in ("in", "masks") else part for part in line), "-o", "dir://there")
    assert killed_workers(running, Path("there"), 0.0, random.Random(0), most=1) == 1
    told, errors = running.communicate(timeout=300)
    assert (running.returncode, errors) == (1, "")
    assert reports(told.replace("dir://", "").replace("there/", "here/")) == reports(expected)
    assert len(contents(Path("there"))) == COUNT - 1 and contents(Path("there")) == contents(Path("here"))


@pytest.mark.slow
@pytest.mark.parametrize("edit", ["colorize --steps 2", "super-resolve --factor 2", "denoise", "deblur", "paint"])
def test_every_edit_has_the_bytes_of_the_run_here(common, edit):
    line = [*edit.split(), "in", *common]
    assert main([*line, "-o", "here"]) == 1
    running = started(*line, "-o", "there")
    told, errors = running.communicate(timeout=300)
    assert (running.returncode, len(told.splitlines()), errors) == (1, COUNT - 1, BROKEN)
    assert contents(Path("there")) == contents(Path("here"))


@pytest.mark.slow
def test_a_command_that_is_killed_is_resumed_without_ray(common, capsys):
    line = ["colorize", "in", *SLOW, *common]
    main([*line, "-o", "here"])
    whole = contents(Path("here"))
    running = started(*line, "-o", "there")
    while running.poll() is None and not contents(Path("there")):
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    left = contents(Path("there"))
    assert 0 < len(left) < len(whole) and left.items() <= whole.items()
    main([*line, "-o", "there", "--resume"])
    assert f" of {COUNT} files are there already." in capsys.readouterr().err
    assert contents(Path("there")) == whole
