"""What a saved state fits: its own run, whatever was changed that a run does not depend on, and no other run."""

from dataclasses import replace

import pytest
import torch

from core import CheckpointError
from tests import tiny
from tests.training.loop.test_trainer import equal_states, state_of
from training.config import Config, from_dict, to_dict, to_toml
from training.loop.trainer import Trainer
from training.objectives import OBJECTIVES


@pytest.fixture
def config(tmp_path) -> Config:
    return tiny.run_config(tiny.write_pictures(tmp_path / "pictures", 6))


def changed(config: Config, name: str, value) -> Config:
    """The same run with another value of the setting section.name; a dict sets a whole section anew."""
    values, (section, *rest) = to_dict(config), name.split(".")
    for entry in rest:
        values[section] = values[section] | {entry: value}
    return from_dict(values if rest else values | {section: value})


def saved(config: Config, folder) -> None:
    """A run of one step."""
    trainer = Trainer(config, folder)
    trainer.log.write_config(to_toml(config))
    trainer.step()
    trainer.save()


def without_settings(folder) -> None:
    """Make the state one of an earlier version."""
    state = torch.load(folder / "state.pt", weights_only=True)
    del state["settings"]
    torch.save(state, folder / "state.pt")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("objective", {"kind": "ect"}), ("objective", {"kind": "ict"}), ("objective", {"kind": "scm"}),
        ("objective.mean", 0.0), ("network.time_scale", 1.0), ("network.head_channels", 4), ("data.flip", 0.25),
        ("data.stream", True), ("data.train", ({"made": 4},)), ("optimiser.kind", "radam"),
        ("optimiser.betas", (0.8, 0.99)), ("run.seed", 1), ("run.batch", 8), ("run.dropout", 0.5),
        ("run.ema_sigma_rel", (0.05, 0.2)), ("run.ema_half_life_kimg", (1.0,)),
    ],
)  # fmt: skip
def test_a_state_of_another_run_is_refused_in_a_sentence_that_names_the_setting(config, tmp_path, name, value):
    saved(config, tmp_path / "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    with pytest.raises(CheckpointError) as caught:
        Trainer(changed(config, name, value), tmp_path / "run")
    named = "objective.kind" if name == "objective" else name
    assert f"its run has {named} = " in str(caught.value)
    assert str(caught.value).endswith("; another --out starts a new run.")
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run.kimg", 9.0), ("run.accumulate", 2), ("run.device", "auto"), ("run.precision", "bfloat16"),
        ("run.precision", "float16"), ("run.compile", True), ("run.shard", True), ("run.save_kimg", 2.0),
        ("run.validate_kimg", 2.0), ("run.sample_kimg", 2.0), ("optimiser.rate", 1e-5), ("optimiser.ramp_kimg", 0.0),
        ("optimiser.decay_from", 0.1), ("optimiser.clip_norm", 0.5), ("optimiser.clip_median", 0.0),
        ("data.workers", 3), ("data.validation", ({"made": 4},)), ("card.name", "other"),
    ],
)  # fmt: skip
def test_what_a_run_does_not_depend_on_may_change(config, tmp_path, monkeypatch, name, value):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    saved(config, tmp_path / "run")
    trainer = Trainer(changed(config, name, value), tmp_path / "run")
    assert (trainer.state.seen, trainer.state.steps) == (4, 1)


def test_pictures_that_were_moved_are_the_same_pictures(config, tmp_path):
    saved(config, tmp_path / "run")
    (tmp_path / "pictures").rename(tmp_path / "run" / "pictures")
    assert Trainer(changed(config, "data.root", str(tmp_path / "run")), tmp_path / "run").state.seen == 4


def test_a_lower_rate_is_taken_where_the_run_goes_on(config, tmp_path):
    saved(config, tmp_path / "run")
    trainer = Trainer(changed(config, "optimiser.rate", 1e-6), tmp_path / "run")
    trainer.step()
    assert trainer.movers["student"].optimiser.param_groups[0]["lr"] <= 1e-6


def test_a_run_with_another_teacher_is_another_run_and_with_the_same_one_elsewhere_it_is_not(config, tmp_path):
    model = Trainer(config, tmp_path / "teacher").train()
    student = replace(config, objective=OBJECTIVES["cd"](), teacher=str(model))
    saved(student, tmp_path / "run")
    moved = model.rename(tmp_path / "moved.safetensors")
    assert Trainer(replace(student, teacher=str(moved)), tmp_path / "run").state.seen == 4
    other = Trainer(changed(config, "run.seed", 1), tmp_path / "other").train()
    with pytest.raises(CheckpointError, match=r"its run has another teacher; another --out starts a new run\.$"):
        Trainer(replace(student, teacher=str(other)), tmp_path / "run")


def test_a_state_of_an_earlier_version_without_settings_goes_on(config, tmp_path):
    saved(config, tmp_path / "run")
    without_settings(tmp_path / "run")
    Trainer(config, tmp_path / "run").train()
    Trainer(config, tmp_path / "whole").train()
    assert equal_states(state_of(tmp_path / "whole"), state_of(tmp_path / "run"))


@pytest.mark.parametrize("kinds", [("ct", "edm"), ("edm", "ct"), ("scm", "ect"), ("edm", "scm")])
def test_without_settings_a_state_with_other_networks_is_refused(config, tmp_path, kinds):
    own, other = (changed(config, "objective", {"kind": kind}) for kind in kinds)
    saved(own, tmp_path / "run")
    without_settings(tmp_path / "run")
    with pytest.raises(CheckpointError, match=r"does not fit this configuration; another --out starts a new run\.$"):
        Trainer(other, tmp_path / "run")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("seen",), None), (("seen",), -4), (("seen",), True), (("steps",), 1.5), (("seconds",), float("nan")),
        (("stage",), 3), (("averages", 0), {}), (("movers", "student", "recent_norms"), ["x"]),
        (("movers", "student", "optimiser", "state", 0), {}),
        (("movers", "student", "optimiser", "state", 0, "exp_avg"), torch.zeros(1)),
        (("movers", "student", "optimiser", "state", 0, "step"), torch.tensor(-1.0)),
    ],
)  # fmt: skip
def test_a_state_with_numbers_that_no_run_has_is_refused(config, tmp_path, place, value):
    saved(config, tmp_path / "run")
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    inside = state
    for name in place[:-1]:
        inside = inside[name]
    inside[place[-1]] = value
    torch.save(state, tmp_path / "run" / "state.pt")
    with pytest.raises(CheckpointError, match=r"does not fit this configuration; another --out starts a new run\.$"):
        Trainer(config, tmp_path / "run")
