"""The configurations of training/configs/tiny: all of them for two steps, and (slow) each of them whole.

A whole run must leave a model that opens, that the page's requests can use, and that is better than the one it started
from: at what its objective is for, and in its samples (judge.py).
"""

import shutil
import tomllib
from pathlib import Path

import pytest
import torch

import core
from app.engine.loading import warm_up
from tests.oracles import Gaussian
from tests.training.evaluation.judge import Judge
from training.__main__ import main
from training.config import load_config
from training.draws import Draws
from training.objectives.base import Batch, Step
from training.objectives.ect import EasyConsistencyTuning

pytestmark = pytest.mark.xdist_group("tiny runs")  # what several begin with is made once

TINY = Path(__file__).resolve().parents[2] / "training" / "configs" / "tiny"
NAMES = sorted(path.stem for path in TINY.glob("*.toml"))
ROLES = ("teacher", "start")
CLEARLY = 0.25  # of the distance that samples of random weights have, at most


def bases_of(name: str) -> dict[str, str]:
    """The tiny configurations that one begins with, by role."""
    values = tomllib.loads((TINY / f"{name}.toml").read_text())
    return {role: Path(values[role]).stem for role in ROLES if values.get(role, "").endswith(".toml")}


# ---- two steps


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """The model file of a run of two steps. Each is made once."""
    folder, made = tmp_path_factory.mktemp("short"), {}

    def model_of(name: str) -> Path:
        if name not in made:
            settings = ["data.train=[{made = 8}]", "run.batch=4", "run.kimg=0.008", "run.device=cpu"]
            settings += [f"{role}={model_of(base)}" for role, base in bases_of(name).items()]
            if load_config(TINY / f"{name}.toml").objective.pairs:
                settings += ["objective.pairs=4"]
            sets = [part for setting in settings for part in ("--set", setting)]
            assert main([str(TINY / f"{name}.toml"), "--out", str(folder / name), "--threads", "1", *sets]) == 0
            made[name] = folder / name / "model.safetensors"
        return made[name]

    return model_of


@pytest.mark.parametrize("name", NAMES)
def test_every_configuration_takes_two_steps_and_leaves_a_model(short, name):
    model = core.load_model(short(name), device="cpu", dtype="float32")
    assert model.card.training["pictures_seen"] == 8
    assert core.sample(model, [80.0, 1.0], core.SeededNoise([7])).isfinite().all()


# ---- whole runs


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a finished run. What several begin with is made once, and copied to where each looks for it."""
    folder, made = tmp_path_factory.mktemp("whole"), {}

    def run(name: str) -> Path:
        if name not in made:
            made[name] = folder / name
            for role, base in bases_of(name).items():
                shutil.copytree(run(base), made[name] / role)
            assert main([str(TINY / f"{name}.toml"), "--out", str(made[name]), "--threads", "1"]) == 0
        return made[name]

    return run


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_whole_run_leaves_a_usable_model_that_is_better_than_its_start(whole, name):
    folder = whole(name)
    warm_up(core.load_model(folder / "model.safetensors", device="cpu"))
    judge = Judge(folder)
    with torch.no_grad():
        measured = [(judge.task(model), judge.samples(model)) for model in (judge.started(), judge.trained())]
    (task, samples), (task_after, samples_after) = measured
    print(f"{name}: task {task:.5g} -> {task_after:.5g}, samples {samples:.5g} -> {samples_after:.5g}")
    assert task_after < task
    assert samples_after < samples * (CLEARLY if judge.from_scratch else 1)


@pytest.mark.parametrize("model", [Gaussian().denoiser, Gaussian().consistency])
def test_the_loss_of_training_from_pictures_is_the_same_for_a_denoiser_and_a_consistency_function(model):
    """Both change by s^2 / (s^2 + t^2) times the step, the mean square of which is the loss, for Gaussian data."""
    data, count, q = Gaussian(), 20_000, 1e3
    objective = EasyConsistencyTuning(0.0, 0.7, stages=(q,), stage_ends=(1.0,), n_height=0.0, metric="l2")
    draws = Draws(torch.Generator().manual_seed(1), count)
    found = objective.loss(Batch(data.pictures(count, (1, 1, 1)), None), Step(model, draws, 1.0, target=model))
    gap_B = found.sigma / q
    expected_B = gap_B * (data.s**2 / (data.s**2 + found.sigma**2)).square()
    assert float(found.per_picture.mean()) == pytest.approx(float(expected_B.mean()), rel=0.03)
