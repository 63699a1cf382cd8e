"""Runs whose weights are sharded over two processes: the runs of one process, up to rounding, with half in each."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch.distributed.tensor import DTensor

from core import ConfigError
from core.checkpoint import read_tensors
from tests import tiny
from tests.training.loop.test_distributed import ROOT, STEPS, assert_same_run, train_all
from tests.training.loop.test_trainer import state_of
from training.config import to_toml
from training.loop.sharding import check, tangents_pass
from training.loop.trainer import Trainer
from training.objectives import OBJECTIVES

# With a target network; with forward derivatives, a learnt weighting and parts of a batch; with a critic; one that goes
# on elsewhere.
RUNS = {"ct": {}, "scm": {"accumulate": 2}, "adversarial": {}, "edm": {}}
if not tangents_pass():
    del RUNS["scm"]

pytestmark = pytest.mark.xdist_group("shards")  # what several look at is made once


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    """Sharded runs of 5 steps that are all logged, by objective."""
    pictures = tiny.write_pictures(tmp_path_factory.mktemp("data") / "pictures", 11)
    run = {"kimg": 0.004 * STEPS, "validate_kimg": 0.004, "ema_sigma_rel": (0.1,), "shard": True}
    configs = {objective: tiny.run_config(pictures, objective, **run, **more) for objective, more in RUNS.items()}
    return configs | {"adversarial": replace(configs["adversarial"], objective=tiny.adversarial())}


@pytest.fixture(scope="module")
def alone(configs, tmp_path_factory):
    """The folder with the runs of one process."""
    return train_all(configs, tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="module")
def together(configs, tmp_path_factory):
    """The folder with the runs of two processes. The last, edm, had one step of one process, then two of theirs."""
    folder = tmp_path_factory.mktemp("together")
    first = Trainer(configs["edm"], folder / "edm")
    first.step()
    first.save()
    paths = [folder / f"{objective}.toml" for objective in RUNS]
    for path in paths:
        path.write_text(to_toml(configs[path.stem]))
    options = ["--standalone", "--nproc-per-node", "2", "-m", "tests.training.loop.shards"]
    command = [sys.executable, "-W", "error::UserWarning:torch", "-m", "torch.distributed.run", *options]
    done = subprocess.run([*command, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("objective", [name for name in RUNS if name != "edm"])
def test_shards_make_the_run_of_whole_weights(alone, together, objective):
    assert_same_run(alone / objective, together / objective)


def test_a_run_goes_on_with_shards_and_without(configs, alone, together):
    assert state_of(together / "edm")["steps"] == 3
    Trainer(configs["edm"], together / "edm").train()
    one, other = state_of(alone / "edm"), state_of(together / "edm")
    assert other["steps"] == STEPS
    assert other["movers"]["student"]["recent_norms"] == pytest.approx(
        one["movers"]["student"]["recent_norms"], rel=1e-3
    )
    for part in ("learner", "averages"):
        torch.testing.assert_close(one[part], other[part], rtol=1e-3, atol=2e-5)
    moments = (state["movers"]["student"]["optimiser"]["state"] for state in (one, other))
    torch.testing.assert_close(*moments, rtol=1e-3, atol=1e-6)


def test_the_model_file_is_whole(alone, together):
    one, other = (read_tensors(folder / "ct" / "model.safetensors") for folder in (alone, together))
    torch.testing.assert_close(one, other, rtol=2**-7, atol=2e-5)  # one rounding of bfloat16


@pytest.mark.parametrize("objective", RUNS)
def test_each_process_holds_half_of_everything(together, objective):
    for rank in range(2):
        held = json.loads((together / objective / f"held-{rank}.json").read_text())
        assert ("target" in held) == (objective in ("ct", "adversarial"))
        assert held == pytest.approx(dict.fromkeys(held, 0.5), abs=0.02)


def test_one_process_has_no_shards(configs, tmp_path):
    trainer = Trainer(configs["ct"], tmp_path / "run")
    assert not any(isinstance(value, DTensor) for value in trainer.learner.network.state_dict().values())


def test_a_compiled_sharded_run_is_refused_in_a_sentence(configs):
    with pytest.raises(ConfigError, match=r"^run\.shard does not go with run\.compile.*\.$"):
        replace(configs["edm"], run=replace(configs["edm"].run, compile=True))


def test_torch_2_11_refuses_shards_where_it_would_differentiate_forward(configs, monkeypatch):
    for version, fits in (("2.13.0+cpu", True), ("2.11.0+cu130", False)):
        monkeypatch.setattr(torch, "__version__", version)
        check(configs["edm"].objective)
        assert tangents_pass() == fits
    with pytest.raises(ConfigError, match=r"^run\.shard .* newer torch than 2\.11\.0\+cu130: 2\.12 at least\.$"):
        check(OBJECTIVES["scm"]())
