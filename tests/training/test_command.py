"""`python -m training` as a person starts it."""

import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch

import core
from tests import tiny
from training.__main__ import main
from training.config import from_dict, to_toml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config_file(tmp_path):
    """A configuration of a run of 8 steps."""
    path = tmp_path / "tiny.toml"
    path.write_text(to_toml(tiny.run_config(tiny.write_pictures(tmp_path / "pictures", 5), validate_kimg=0.004)))
    return path


def command(*arguments) -> list[str]:
    return [sys.executable, "-u", "-m", "training", *map(str, arguments), "--threads", "1"]


def test_a_dry_run_prints_the_whole_configuration_and_makes_nothing(config_file, tmp_path, capsys):
    assert main([str(config_file), "--out", str(tmp_path / "run"), "--set", "run.kimg=7", "--dry-run"]) == 0
    assert from_dict(tomllib.loads(capsys.readouterr().out)).run.kimg == 7.0
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "wish", ["run.kimgs=3", "data.root=/nowhere", "start=none.safetensors", "run.device=abacus", "x"]
)
def test_a_mistake_is_one_sentence_and_exit_code_2(config_file, tmp_path, capsys, wish):
    threads = torch.get_num_threads()
    code = main([str(config_file), "--out", str(tmp_path / "run"), "--set", wish, "--threads", str(threads)])
    said = capsys.readouterr().err
    assert code == 2
    assert said.count("\n") == 1
    assert "Traceback" not in said


def test_a_missing_configuration_is_exit_code_2(capsys):
    assert main(["none.toml"]) == 2
    assert "There is no configuration none.toml" in capsys.readouterr().err


def interrupted(config_file, out, number) -> int:
    """Start a run that would last for days, send it a signal after its first steps, and return its exit code."""
    arguments = command(config_file, "--out", out, "--set", "run.kimg=1e6", "--set", "run.save_kimg=1e6")
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("kimg"):
                os.kill(process.pid, number)
                break
        _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    return process.returncode


def test_ctrl_c_saves_and_the_same_command_goes_on_to_its_end(config_file, tmp_path):
    out = tmp_path / "run"
    assert interrupted(config_file, out, signal.SIGINT) == 0
    seen = torch.load(out / "state.pt", weights_only=True)["seen"]
    assert seen >= 4
    arguments = command(config_file, "--out", out, "--set", f"run.kimg={(seen + 8) / 1000}")
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "goes on after" in done.stdout
    assert done.stdout.splitlines()[-1] == str(out / "model.safetensors")
    assert torch.load(out / "state.pt", weights_only=True)["seen"] == seen + 8


def test_being_asked_to_end_saves_too(config_file, tmp_path):
    assert interrupted(config_file, tmp_path / "run", signal.SIGTERM) == 0
    assert core.load_model(tmp_path / "run" / "model.safetensors", "cpu").card.training["pictures_seen"] >= 4
