"""Training on a CUDA device: every objective, resumed and compiled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import core
from tests import tiny
from tests.training.loop.test_distributed import log_of
from tests.training.loop.test_trainer import assert_resumes_exactly
from training.config import to_toml
from training.loop.chain import train_chain
from training.loop.trainer import Trainer

ROOT = Path(__file__).resolve().parents[3]
TINY = sorted((ROOT / "training" / "configs" / "tiny").glob("*.toml"))
pytestmark = pytest.mark.gpu


@pytest.fixture
def pictures(tmp_path):
    return tiny.write_pictures(tmp_path / "pictures", 11)


@pytest.mark.parametrize("preset", TINY, ids=lambda path: path.stem)
def test_every_objective_makes_a_model_that_opens_everywhere(preset, tmp_path):
    """Some steps in the card's own precision, teacher included."""
    path = train_chain(preset, ["run.device=cuda", "run.kimg=0.64"], tmp_path / "run")
    model = core.load_model(path, device="cpu")
    x0 = core.sample(model, [80.0, 2.24], core.SeededNoise([0]), labels=labels_of(model))
    assert x0.isfinite().all()


def labels_of(model):
    return torch.zeros(1, dtype=torch.long) if model.card.classes else None


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("objective", ["edm", "ect", "ct"])
def test_a_run_in_two_halves_is_the_whole_run_bit_for_bit(objective, precision, pictures, tmp_path):
    assert_resumes_exactly(tiny.run_config(pictures, objective, device="cuda", precision=precision), tmp_path)


def test_a_compiled_run_is_the_same_run_up_to_rounding(pictures, tmp_path):
    for compiled in (False, True):
        config = tiny.run_config(pictures, "ect", device="cuda", compile=compiled, validate_kimg=0.004)
        Trainer(config, tmp_path / str(compiled)).train()
    eager, compiled = (log_of(tmp_path / name) for name in ("False", "True"))
    assert [line["loss"] for line in compiled] == pytest.approx([line["loss"] for line in eager], rel=1e-2)


def test_under_torchrun_gradients_meet_over_nccl(pictures, tmp_path):
    """One process for every card that is here."""
    config = tiny.run_config(pictures, "edm", device="cuda", batch=16, kimg=0.064, validate_kimg=0.016)
    (tmp_path / "run.toml").write_text(to_toml(config))
    count = str(torch.cuda.device_count())
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", count]
    command += ["-m", "training", str(tmp_path / "run.toml"), "--out", str(tmp_path / "together")]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"NCCL_DEBUG": "WARN"}, check=True, timeout=300)
    Trainer(config, tmp_path / "alone").train()
    together, alone = ([line["loss"] for line in log_of(tmp_path / name)] for name in ("together", "alone"))
    assert together == pytest.approx(alone, rel=1e-3)
