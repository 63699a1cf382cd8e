"""The configurations of training/configs/tiny: all of them for two steps, and (slow) each of them whole.

A whole run must leave a model that opens, that the page's requests can use, and that is better than the one it started
from by a measure that means something for its objective. Losses alone do not: answers that are everywhere the same are
consistent, too, and the losses of continuous time have no meaningful value.
"""

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import core
from app.load import warm_up
from core.checkpoint import network_of, read_card, read_tensors
from core.models import PARAMETERISATIONS, ScaledModel
from core.schedule import SIGMA_MAX
from core.solvers import solve
from core.unet import UNet
from training.__main__ import main
from training.config import Config, load_config
from training.data import load_pictures
from training.draws import Draws
from training.objectives.base import Batch, Step

pytestmark = pytest.mark.xdist_group("tiny runs")  # what several begin with is made once

TINY = Path(__file__).resolve().parents[2] / "training" / "configs" / "tiny"
NAMES = sorted(path.stem for path in TINY.glob("*.toml"))
ROLES = ("teacher", "start")
PICTURES = 64
SIGMAS = (0.25, 0.5, 1.0, 2.0)


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


class Judge:
    """What a run's model and the one that it started from are measured with: the same pictures and random numbers."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.config: Config = load_config(folder / "config.toml")
        pictures = load_pictures(".", self.config.data.train, (), self.config.network.resolution)
        self.x0 = pictures.pixels[:PICTURES].float() / 127.5 - 1
        self.teacher = self._frozen(self.config.teacher) if self.config.teacher else None

    def trained(self) -> ScaledModel:
        return self._frozen(self.folder / "model.safetensors")

    def started(self) -> ScaledModel:
        """The run's kind of model with the weights that it began with."""
        card = read_card(self.folder / "model.safetensors")
        begins = self.config.teacher if self.config.start == "teacher" else self.config.start
        if begins:
            network = network_of(read_card(begins), read_tensors(begins))
        else:
            torch.manual_seed(self.config.run.seed)
            network = UNet(self.config.network)
            network.prior.load_state_dict(self.trained().network.prior.state_dict())  # measured, not learnt
        return PARAMETERISATIONS[card.parameterisation](network.eval().requires_grad_(False), card)

    def _frozen(self, path: str | Path) -> ScaledModel:
        card = read_card(path)
        network = network_of(card, read_tensors(path)).eval().requires_grad_(False)
        return PARAMETERISATIONS[card.parameterisation](network, card)

    def draws(self) -> Draws:
        return Draws(torch.Generator().manual_seed(1), len(self.x0))

    def denoising(self, model: ScaledModel) -> float:
        """Mean squared error of the clean estimate, over a few levels."""
        draws = self.draws()
        errors = [(model(self.x0 + sigma * draws.normal(*self.x0.shape[1:]), sigma) - self.x0) for sigma in SIGMAS]
        return float(torch.stack(errors).square().mean())

    def arrival(self, model: ScaledModel) -> float:
        """Mean square of one evaluation less where the denoiser's flow leads from there, over a few levels.

        The denoiser is the teacher, without one what the run started from.
        """
        denoiser, draws, total = self.teacher or self._frozen(self.config.start), self.draws(), 0.0
        for sigma in SIGMAS:
            x = self.x0 + sigma * draws.normal(*self.x0.shape[1:])
            end = solve(denoiser, x, core.karras_sigmas(12, sigma_max=sigma), "heun", to_zero=True)
            total += float((model(x, sigma) - end).square().mean())
        return total / len(SIGMAS)

    def distance(self, model: ScaledModel) -> float:
        """Mean square of what its default number of steps makes of noise, less what the teacher's flow makes of it."""
        noise = core.SeededNoise(range(PICTURES)).draw(0, model.shape)
        start, steps = SIGMA_MAX * noise, self.config.card.default_steps
        exact = solve(self.teacher, start, core.karras_sigmas(32), "heun", to_zero=True)
        levels = model.card.schedules["generate"].get(str(steps)) if steps > 1 else [SIGMA_MAX]
        return float((solve(model, start, levels, "euler", to_zero=True) - exact).square().mean())

    def pairs_loss(self, model: ScaledModel) -> float:
        """The objective's loss on fresh pairs of the teacher, with noise that the run has not seen."""
        noise = core.SeededNoise(range(PICTURES)).draw(0, model.shape)
        levels = self.config.objective.pair_levels()
        ends = solve(self.teacher, levels[0] * noise, levels, self.config.objective.solver, to_zero=True)
        step = Step(model, self.draws(), 1.0, None, model, self.teacher, None)
        return float(self.config.objective.loss(Batch(ends, None, noise), step).per_picture.mean())


MEASURES: dict[str, Callable[[Judge, ScaledModel], float]] = {
    "edm": Judge.denoising,
    "edm_angle": Judge.denoising,
    "flow": Judge.denoising,
    "ct": Judge.denoising,  # from random weights: those are consistent, but know nothing
    "ict": Judge.denoising,
    "cd": Judge.arrival,  # from a denoiser: it knows much, but is not consistent
    "cd_lpips": Judge.arrival,
    "continuous_cd": Judge.arrival,
    "continuous_ct": Judge.arrival,
    "ect": Judge.arrival,
    "mcm_cd": Judge.arrival,
    "mcm_ct": Judge.arrival,
    "scm_cd": Judge.arrival,
    "scm_ct": Judge.arrival,
    "pd": Judge.distance,  # in its own few steps
    "kd": Judge.pairs_loss,
    "reflow": Judge.pairs_loss,
    "reflow_distil": Judge.pairs_loss,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_whole_run_leaves_a_usable_model_that_is_better_than_its_start(whole, name):
    folder = whole(name)
    warm_up(core.load_model(folder / "model.safetensors", device="cpu"))
    judge = Judge(folder)
    with torch.no_grad():
        before, after = (MEASURES[name](judge, model) for model in (judge.started(), judge.trained()))
    print(f"{name}: {MEASURES[name].__name__} {before:.5g} -> {after:.5g}")
    assert after < before
