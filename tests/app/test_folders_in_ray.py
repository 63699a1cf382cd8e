"""`--engine ray` as a person types it: the bytes of the run here, whoever is killed.

All of it in one process of pytest's: each test has a cluster of its own on this machine.
"""

import importlib.util
import json
import os
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
LINES = [
    "inpaint in masks -o {}/inpaint --steps 2 --seed 3",
    "colorize in -o {}/colorize --steps 2",
    "super-resolve in -o {}/super-resolve --factor 2",
    "denoise dir://in -o dir://{}/denoise",
]
# One cluster for several commands: it ends with the process.
PROGRAM = """
import json, sys
import app.cluster.workers, app.cli
app.cluster.workers.disconnect = lambda: None
sys.exit(max(app.cli.main(line) for line in json.loads(sys.argv[1])))
"""

pytestmark = [
    pytest.mark.xdist_group("ray"),
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is optional"),
    pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc"),
]


@pytest.fixture
def model(tmp_path, monkeypatch) -> list[str]:
    """The options that name it. 40 photos are beside it, one of them broken, and their masks."""
    monkeypatch.chdir(tmp_path)
    for folder in ("in", "masks"):
        Path(folder).mkdir()
    for seed in range(COUNT):
        core.write_png(f"in/{seed:02d}.png", photo(60, 40, seed))
        core.write_png(f"masks/{seed:02d}.png", np.repeat(mask_of(60, 40, seed, 5, 12, 12)[..., None], 3, 2))
    Path("in/11.png").write_text("no picture")
    made = tiny.model()
    core.save_model("tiny.safetensors", made.card, made.network.state_dict())
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return ["--model", "tiny.safetensors", "--device", "cpu", "--threads", "1"]


def started(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_folder_has_the_bytes_and_the_reports_of_the_run_here(model, capsys, monkeypatch):
    # fsspec's folder is a storage, dir://, for all processes that come: they read the environment.
    monkeypatch.setenv("FSSPEC_DIR_PATH", os.getcwd())
    monkeypatch.setenv("FSSPEC_DIR_TARGET_PROTOCOL", "file")
    here, there = ([[*line.format(out).split(), "--json", *model] for line in LINES] for out in ("here", "there"))
    for line in here:
        main([each.removeprefix("dir://") for each in line])
    expected = capsys.readouterr().out
    options = ["--engine", "ray", "--workers", "2"]
    running = started("-c", PROGRAM, json.dumps([[*line, *options] for line in there]))
    told, errors = running.communicate(timeout=300)
    assert (running.returncode, errors) == (1, "")
    assert reports(told.replace("dir://", "").replace("there/", "here/")) == reports(expected)
    for name in ("inpaint", "colorize", "super-resolve", "denoise"):
        made = contents(Path("there", name))
        assert len(made) == COUNT - 1 and made == contents(Path("here", name))


def reports(told: str) -> list[dict]:
    """Of a command with --json, in the order of edits and files, without times."""
    found = [json.loads(line) for line in told.splitlines()]
    plain = [{key: value for key, value in each.items() if key not in ("ms", "model_ms")} for each in found]
    return sorted(plain, key=lambda report: (report["task"], report["input"]))


SLOW = ["colorize", "in", "--schedule", "paper"]  # 40 evaluations: there is time to kill


def test_a_killed_worker_and_then_a_killed_command_cost_nothing_that_is_there(model, capsys):
    main([*SLOW, "-o", "here", *model])
    whole = contents(Path("here"))
    assert len(whole) == COUNT - 1

    running = started("-m", "app.cli", *SLOW, "-o", "there", "--engine", "ray", "--workers", "1", *model)
    assert killed_workers(running, Path("there"), 0.0, random.Random(0), most=1) == 1
    told, errors = running.communicate(timeout=300)
    assert (running.returncode, len(told.splitlines())) == (1, COUNT - 1)
    assert errors == "in/11.png: This file is not a picture. JPEG, PNG or WebP work.\n"
    assert contents(Path("there")) == whole

    running = started("-m", "app.cli", *SLOW, "-o", "again", "--engine", "ray", "--workers", "1", *model)
    while running.poll() is None and not contents(Path("again")):
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    left = contents(Path("again"))
    assert 0 < len(left) < len(whole) and left.items() <= whole.items()
    main([*SLOW, "-o", "again", "--resume", *model])
    assert f" of {COUNT} files are there already." in capsys.readouterr().err
    assert contents(Path("again")) == whole
