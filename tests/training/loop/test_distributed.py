"""Runs of several processes, and of parts of a batch: the same run, up to rounding."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core import ConfigError
from tests import tiny
from tests.training.loop.test_trainer import state_of
from training.config import Config, to_toml
from training.loop.distributed import Processes
from training.loop.trainer import Trainer
from training.objectives import OBJECTIVES
from training.objectives.base import Objective

ROOT = Path(__file__).resolve().parents[3]
RUNS = {
    "ct": OBJECTIVES["ct"](),  # with a target network
    "scm": OBJECTIVES["scm"](),  # with forward derivatives and a learnt weighting
    "edm": OBJECTIVES["edm"](),  # plain
    "adversarial": tiny.adversarial(),  # with a critic
    "walk": OBJECTIVES["walk"](end_every=2),  # with a target network that is asked of some pictures alone
    "kd": OBJECTIVES["kd"](pairs=6, levels=2),  # on pairs, which the first process makes
    "mcm": OBJECTIVES["mcm"](),  # with a teacher
    "pd": OBJECTIVES["pd"](start_steps=4),  # with hand-overs, after one step and after three
}
STEPS = 5
pytestmark = pytest.mark.xdist_group("machines")  # what several look at is made once


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    """Runs of 5 steps that are all logged, and of which every second one is saved, by objective."""
    folder = tmp_path_factory.mktemp("data")
    pictures, teacher = tiny.write_pictures(folder / "pictures", 11), tiny.teacher_file(folder)
    run = tiny.run_config(pictures, kimg=0.004 * STEPS, validate_kimg=0.004, save_kimg=0.008)

    def config_of(objective: Objective) -> Config:
        config = replace(run, objective=objective, teacher=str(teacher) if objective.needs_teacher else "")
        return config if objective.pairs else told_how_varied(config)

    return {name: config_of(objective) for name, objective in RUNS.items()}


def told_how_varied(config: Config) -> Config:
    """The same run with EDM's augmentation, which its network is told. Pairs are not varied."""
    network = replace(config.network, augment_labels=9)
    return replace(config, data=replace(config.data, nonleaky=0.5), network=network)


@pytest.fixture(scope="module")
def alone(configs, tmp_path_factory):
    """The folder with the runs of one process."""
    return train_all(configs, tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="module")
def together(configs, tmp_path_factory):
    """The folder with the runs of two processes, and what torchrun said. The last, pd, loses a process twice."""
    folder = tmp_path_factory.mktemp("together")
    paths = [folder / f"{name}.toml" for name in RUNS]
    for path in paths:
        path.write_text(to_toml(configs[path.stem]))
    options = ["--standalone", "--nproc-per-node", "2", "--max-restarts", "2", "-m", "tests.training.loop.processes"]
    command = [sys.executable, "-m", "torch.distributed.run", *options, *map(str, paths)]
    return folder, subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)


def train_all(configs: dict, folder: Path) -> Path:
    """Every run in its own folder inside."""
    for objective, config in configs.items():
        Trainer(config, folder / objective).train()
    return folder


def log_of(run: Path) -> list[dict]:
    """The log but for the seconds."""
    lines = map(json.loads, (run / "log.jsonl").read_text().splitlines())
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]


def assert_same_run(first: Path, second: Path) -> None:
    """Losses, norms and errors of every step, and everything that was learnt, up to rounding."""
    assert len(log_of(first)) == len(log_of(second)) == STEPS
    for one, other in zip(log_of(first), log_of(second)):
        assert one == pytest.approx(other, rel=1e-3)
    one, other = state_of(first), state_of(second)
    for part in ("learner", "averages"):
        torch.testing.assert_close(one[part], other[part], rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("objective", RUNS)
def test_two_processes_make_the_run_of_one(alone, together, objective):
    assert_same_run(alone / objective, together[0] / objective)


def test_torchrun_restarts_a_run_that_lost_a_process_until_it_reaches_its_end(together):
    done = together[1]
    assert done.returncode == 0, done.stderr
    assert {"goes on after 0.008 kimg", "goes on after 0.016 kimg"} <= set(done.stdout.splitlines())


@pytest.mark.parametrize("objective", RUNS)
def test_a_batch_in_parts_makes_the_run_of_a_whole_one(configs, alone, tmp_path, objective):
    config = configs[objective]
    Trainer(replace(config, run=replace(config.run, accumulate=2)), tmp_path / "parts").train()
    assert_same_run(alone / objective, tmp_path / "parts")


def test_parts_cover_the_batch_once():
    parts = [part for rank in range(3) for part in Processes(rank, 3).parts(24, 2)]
    assert parts == [(first, first + 4) for first in range(0, 24, 4)]


def test_a_batch_that_does_not_divide_is_refused_in_a_sentence():
    with pytest.raises(ConfigError, match=r"run\.batch is 10, which does not divide into 2 x 2 parts"):
        Processes(1, 2).parts(10, 2)
