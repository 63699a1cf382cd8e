"""Runs that begin with other runs, and what the trainer does for objectives with teachers, targets and stages."""

import signal
from dataclasses import dataclass, replace

import pytest
import torch

import core
from core import ConfigError
from core.checkpoint import read_tensors
from core.open_model import read_card
from core.unet import Trunk
from tests import tiny
from tests.training.loop.test_trainer import assert_resumes_exactly, equal_states, state_of
from training.__main__ import main
from training.loop.chain import train_chain
from training.loop.trainer import Trainer
from training.objectives import OBJECTIVES
from training.objectives.base import LossTerms, Objective
from training.objectives.edm import Denoising

NETWORK = "resolution = 8\npatch = 2\nwidth = 8\nmultipliers = [1, 2]\nattention_grids = [2]\nhead_channels = 8\n"
RUN = 'kimg = 0.016\nbatch = 4\ndevice = "cpu"\nprecision = "float32"\n'


def write(path, objective: str, top: str = ""):
    rest = f'[data]\ntrain = [{{made = 8}}]\n[objective]\nkind = "{objective}"\n[run]\n{RUN}'
    path.write_text(f'{top}\n[card]\nname = "the {objective}"\n[network]\n{NETWORK}\n{rest}')
    return path


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "edm.toml", "edm")
    write(tmp_path / "cd.toml", "cd", 'teacher = "edm.toml"\nstart = "teacher"')
    return tmp_path


def distilling(pictures, teacher, **changes):
    return replace(tiny.run_config(pictures), objective=OBJECTIVES["cd"](), teacher=str(teacher), **changes)


def test_a_teacher_that_is_a_configuration_is_trained_first_and_once(folder, capsys):
    train_chain(folder / "cd.toml", [], folder / "run")
    teacher = folder / "run" / "teacher" / "model.safetensors"
    assert core.load_model(teacher, device="cpu").card.parameterisation == "edm"
    before = teacher.stat().st_mtime_ns, state_of(folder / "run" / "teacher")
    train_chain(folder / "cd.toml", ["run.kimg=0.02"], folder / "run")
    assert equal_states(before[1], state_of(folder / "run" / "teacher"))


def test_the_card_names_the_models_that_a_run_began_with(folder):
    write(folder / "ect.toml", "ect", 'start = "cd.toml"')
    tuned = train_chain(folder / "ect.toml", [], folder / "run")
    models = tuned, tuned.parent / "start" / tuned.name, tuned.parent / "start" / "teacher" / tuned.name
    named = [(card.training["start"], card.training["teacher"]) for card in map(read_card, models)]
    assert named == [("the cd", ""), ("the edm", "the edm"), ("", "")]


def test_a_model_that_a_run_began_with_may_go_once_the_run_is_under_way(folder):
    model = train_chain(folder / "edm.toml", [], folder / "edm")
    trainer = Trainer(distilling(tiny.write_pictures(folder / "p", 4), model), folder / "run")
    model.unlink()
    assert read_card(trainer.train()).training["teacher"] == "the edm"


def test_a_start_at_the_teacher_has_its_weights(folder):
    model = train_chain(folder / "edm.toml", [], folder / "edm")
    config = distilling(tiny.write_pictures(folder / "p", 4), model, start="teacher")
    network = Trainer(config, folder / "run").learner.network
    found = read_tensors(model)
    assert all(torch.equal(value, found[name].float()) for name, value in network.state_dict().items())


def test_pictures_and_the_machine_are_passed_on_but_nothing_else(folder):
    train_chain(folder / "cd.toml", ["data.train=[{made = 5}]", "run.kimg=0.008", "run.shard=true"], folder / "run")
    text = (folder / "run" / "teacher" / "config.toml").read_text()
    assert "made = 5" in text
    assert "shard = true" in text
    assert "kimg = 0.016" in text


def test_ctrl_c_in_a_teacher_saves_it_and_the_same_command_goes_on_to_the_end(folder, capsys, monkeypatch):
    command = [str(folder / "cd.toml"), "--out", str(folder / "run"), "--threads", "1"]
    step = Trainer.step
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", lambda trainer: (step(trainer), signal.raise_signal(signal.SIGINT))[0])
        assert main(command) == 0
    said = f"The run in {folder / 'run' / 'teacher'} was stopped and saved; the same command goes on."
    assert said in capsys.readouterr().out
    assert not (folder / "run" / "state.pt").exists()
    assert state_of(folder / "run" / "teacher")["seen"] == 4
    assert main(command) == 0
    assert [state_of(folder / "run" / role)["seen"] for role in ("", "teacher")] == [16, 16]


def test_a_chain_in_a_circle_is_refused(folder):
    write(folder / "a.toml", "cd", 'teacher = "b.toml"')
    write(folder / "b.toml", "cd", 'teacher = "a.toml"')
    with pytest.raises(ConfigError, match="begins with"):
        train_chain(folder / "a.toml", [], folder / "run")


def test_a_teacher_of_another_size_or_with_other_classes_is_refused(folder):
    pictures = tiny.write_pictures(folder / "p", 4)
    for changes, said in [({"resolution": 16}, "another size"), ({"classes": 1}, "has the classes")]:
        network = tiny.network_config(**changes)
        card = core.ModelCard(name="t", network=network, classes=("x",) * network.classes, parameterisation="edm")
        path = core.save_model(folder / "t.safetensors", card, tiny.network(**changes).state_dict())
        with pytest.raises(ConfigError, match=said):
            Trainer(distilling(pictures, path), folder / "run")


def test_what_needs_a_teacher_says_so(folder, capsys):
    assert main([str(write(folder / "alone.toml", "cd")), "--out", str(folder / "run")]) == 2
    assert "name its model file or configuration" in capsys.readouterr().err
    assert not (folder / "run").exists()


def test_weights_that_a_metric_lacks_are_missed_before_the_teacher_is_trained(folder, capsys, monkeypatch):
    monkeypatch.setenv("ONESTROKE_VGG16", str(folder / "none.pth"))
    path = folder / "cd.toml"
    assert main([str(path), "--out", str(folder / "run"), "--set", "objective.metric=lpips"]) == 2
    assert "none.pth" in capsys.readouterr().err
    assert not (folder / "run").exists()


def test_the_target_network_follows_by_mu(tmp_path):
    pictures = tiny.write_pictures(tmp_path / "p", 6)
    config = tiny.run_config(pictures, "ct")
    trainer = Trainer(config, tmp_path / "run")
    target = {name: value.clone() for name, value in trainer.learner.target.network.named_parameters()}
    progress = trainer.progress
    trainer.step()
    mu = config.objective.target_decay(progress)
    assert 0 < mu < 1
    for name, value in trainer.learner.target.network.named_parameters():
        student = dict(trainer.learner.network.named_parameters())[name]
        torch.testing.assert_close(value, mu * target[name] + (1 - mu) * student)
        assert not value.requires_grad


@dataclass(frozen=True)
class Stages(Objective):
    """Denoising that hands over at half of the run, and notes with which teacher it was called."""

    parameterisation = "edm"
    needs_teacher = True

    @property
    def hand_overs(self):
        return (0.5,)

    def loss(self, batch, step):
        terms = Denoising().loss(batch, step)
        pull = (step.teacher(batch.x0, 1.0).mean(dim=(1, 2, 3))).detach()
        return LossTerms(terms.per_picture * (1 + pull.square()), terms.sigma)


@pytest.fixture
def stages_config(tmp_path, monkeypatch):
    monkeypatch.setitem(OBJECTIVES, "stages", Stages)
    pictures = tiny.write_pictures(tmp_path / "p", 6)
    teacher = Trainer(tiny.run_config(pictures), tmp_path / "teacher").train()
    return replace(tiny.run_config(pictures, kimg=0.032), objective=Stages(), teacher=str(teacher))


def test_at_a_hand_over_the_student_becomes_the_teacher_and_the_optimiser_starts_anew(tmp_path, stages_config):
    trainer = Trainer(stages_config, tmp_path / "run")
    for _ in range(4):
        trainer.step()
    assert trainer.state.stage == 0
    student = {name: value.clone() for name, value in trainer.learner.network.state_dict().items()}
    trainer.step()
    assert trainer.state.stage == 1
    assert equal_states(dict(trainer.learner.teacher.network.state_dict()), student)
    assert {int(state["step"]) for state in trainer.movers["student"].optimiser.state.values()} == {1}


@pytest.mark.parametrize("steps", [2, 6])
def test_a_run_with_stages_in_two_halves_is_the_whole_run_bit_for_bit(tmp_path, steps, stages_config):
    Trainer(stages_config, tmp_path / "whole").train()
    half = Trainer(stages_config, tmp_path / "halves")
    for _ in range(steps):
        half.step()
    half.save()
    Trainer(stages_config, tmp_path / "halves").train()
    assert equal_states(state_of(tmp_path / "whole"), state_of(tmp_path / "halves"))


def test_every_trunk_is_compiled_where_that_is_asked_for_after_a_hand_over_and_a_resume_too(
    tmp_path, stages_config, monkeypatch
):
    compiled = []
    monkeypatch.setattr(Trunk, "compile", lambda trunk, **_: compiled.append(trunk))
    config = replace(stages_config, run=replace(stages_config.run, compile=True))
    trainer = Trainer(config, tmp_path / "run")
    assert compiled == [trainer.learner.network.trunk, trainer.learner.teacher.network.trunk]
    for _ in range(5):
        trainer.step()
    assert trainer.state.stage == 1
    assert compiled[2:] == [trainer.learner.teacher.network.trunk]
    trainer.save()
    compiled.clear()
    resumed = Trainer(config, tmp_path / "run").learner
    assert {resumed.network.trunk, resumed.teacher.network.trunk} <= set(compiled)


def test_without_compiling_a_hand_over_compiles_nothing(tmp_path, stages_config, monkeypatch):
    monkeypatch.setattr(Trunk, "compile", lambda trunk, **_: pytest.fail("compiled"))
    Trainer(stages_config, tmp_path / "run").train()


@pytest.mark.parametrize("objective", ["ct", "scm", "ict"])
def test_resume_is_exact_with_targets_and_weightings(tmp_path, objective):
    assert_resumes_exactly(tiny.run_config(tiny.write_pictures(tmp_path / "p", 6), objective), tmp_path)
