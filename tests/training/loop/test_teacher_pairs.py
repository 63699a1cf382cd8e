"""Pairs of noise and picture: what they are, what they depend on, and how they survive a stop."""

from dataclasses import replace

import pytest
import torch

import core
from core import CheckpointError, ConfigError
from core.noise import SeededNoise
from core.schedule import SIGMA_MAX
from tests import tiny
from tests.oracles import Gaussian
from training.loop import teacher_pairs as pairs_module
from training.loop.logs import RunLog
from training.loop.teacher_pairs import load_or_make_pairs
from training.objectives.flow import RectifiedFlow
from training.objectives.kd import KnowledgeDistillation

DATA = Gaussian()


class Teacher(torch.nn.Module):
    """The exact denoiser with a card and one weight; it stops, as if killed, before one evaluation too many."""

    shape, device = (1, 4, 4), torch.device("cpu")

    def __init__(self, classes=(), weight=1.0, allowed=10**9):
        super().__init__()
        self.register_buffer("weight", torch.tensor(weight))
        network = tiny.network_config(resolution=4, channels=1, classes=len(classes), attention_grids=())
        self.card = core.ModelCard(parameterisation="edm", network=network, classes=classes)
        self.calls, self.allowed = 0, allowed

    def forward(self, x, sigma, labels=None):
        if self.calls >= self.allowed:
            raise KeyboardInterrupt
        self.calls += 1
        shift = 0 if labels is None else labels[:, None, None, None] * 10
        return DATA.denoiser(x - shift, sigma) + shift


def make(folder, teacher=None, objective=None, *, count=20, seed=0, batch=8):
    folder.mkdir(exist_ok=True)
    objective = objective or KnowledgeDistillation(levels=30)
    log = RunLog(folder, silent=True)
    return load_or_make_pairs(folder, teacher or Teacher(), objective, count=count, seed=seed, batch=batch, log=log)


def everything(pairs):
    return pairs.batch(torch.arange(len(pairs)))


def test_a_picture_is_the_end_of_the_teachers_walk_from_its_noise(tmp_path):
    x0, labels, noise = everything(make(tmp_path, objective=KnowledgeDistillation(levels=200)))
    assert labels is None
    assert x0.dtype == noise.dtype == torch.float32
    torch.testing.assert_close(x0, DATA.jump(SIGMA_MAX * noise, SIGMA_MAX, 0.0), rtol=0, atol=2e-3)


def test_pictures_outside_the_range_of_the_display_are_kept(tmp_path):
    x0, *_ = everything(make(tmp_path, count=100))
    assert x0.max() > 1.2


def test_the_noise_is_standard_normal_and_of_no_seed_that_a_person_would_choose(tmp_path):
    _, _, noise = everything(make(tmp_path, objective=KnowledgeDistillation(levels=1), count=400))
    assert noise.mean().item() == pytest.approx(0, abs=0.05)
    assert noise.std().item() == pytest.approx(1, abs=0.03)
    chosen = SeededNoise(range(400)).draw(0, (1, 4, 4))
    assert not (noise[:, None] == chosen[None]).all(dim=(2, 3, 4)).any()


def test_the_batch_size_changes_nothing(tmp_path):
    one, eight = (everything(make(tmp_path / str(batch), batch=batch)) for batch in (1, 8))
    assert torch.equal(one[0], eight[0])
    assert torch.equal(one[2], eight[2])


def test_the_batch_size_changes_a_networks_pictures_by_rounding_only(tmp_path):
    teacher = tiny.model("edm")
    one, eight = (everything(make(tmp_path / str(batch), teacher, batch=batch, count=8)) for batch in (1, 8))
    torch.testing.assert_close(one[0], eight[0], rtol=2e-3, atol=2e-3)
    assert torch.equal(one[2], eight[2])


def test_a_part_of_the_pairs_is_that_part(tmp_path):
    pairs = make(tmp_path, Teacher(classes=("a", "b", "c")))
    whole, chosen = everything(pairs), torch.tensor([13, 2, 13])
    assert all(torch.equal(part, all_[chosen]) for part, all_ in zip(pairs.batch(chosen), whole))


def test_labels_are_of_every_class_and_reach_the_teacher(tmp_path):
    pairs = make(tmp_path, Teacher(classes=("a", "b", "c")), count=60)
    x0, labels, _ = everything(pairs)
    assert labels.bincount(minlength=3).min() > 8
    torch.testing.assert_close(x0.mean(dim=(1, 2, 3)).div(10).round(), labels.float())


def test_seeds_give_noise_and_labels_of_their_own(tmp_path):
    first, again, other = (
        everything(make(tmp_path / name, Teacher(classes=("a", "b")), seed=seed))
        for name, seed in (("first", 1), ("again", 1), ("other", 2))
    )
    assert all(torch.equal(a, b) for a, b in zip(first, again))
    assert not any(torch.equal(a, b) for a, b in zip(first, other))


@pytest.mark.parametrize("portion_seconds", [0.0, 1000.0])
@pytest.mark.parametrize("allowed", [0, 1, 100, 130])
def test_a_stopped_run_goes_on_and_leaves_the_same_file(tmp_path, monkeypatch, portion_seconds, allowed):
    """A walk of 30 levels with Heun is 59 evaluations, so 100 are a batch and a part of the next."""
    monkeypatch.setattr(pairs_module, "PORTION_SECONDS", portion_seconds)
    make(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "halves", Teacher(allowed=allowed))
    assert not (tmp_path / "halves" / "pairs.safetensors").exists()
    second = Teacher()
    make(tmp_path / "halves", second)
    assert (tmp_path / "halves" / "pairs.safetensors").read_bytes() == (
        tmp_path / "whole" / "pairs.safetensors"
    ).read_bytes()
    saved = allowed // 59 if portion_seconds == 0 else 0  # batches that the first run had kept
    assert second.calls == (3 - saved) * 59
    assert [path.name for path in (tmp_path / "halves").iterdir()] == ["pairs.safetensors"]


def test_pairs_that_are_there_cost_no_evaluation(tmp_path):
    made, teacher = everything(make(tmp_path)), Teacher()
    assert all(torch.equal(a, b) for a, b in zip(made[::2], everything(make(tmp_path, teacher))[::2]))
    assert teacher.calls == 0


@pytest.mark.parametrize(
    ("objective", "walk"),
    [
        (KnowledgeDistillation(levels=18), 35),
        (KnowledgeDistillation(levels=10, solver="euler"), 10),
        (RectifiedFlow(pairs=1, levels=25), 25),
    ],
)
def test_the_cost_is_told_and_is_what_the_teacher_was_asked(tmp_path, objective, walk):
    teacher = Teacher()
    pairs = make(tmp_path, teacher, objective, batch=1, count=6)
    assert pairs.recipe.evaluations == teacher.calls == 6 * walk


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"count": 21},
        {"objective": KnowledgeDistillation(levels=29)},
        {"objective": KnowledgeDistillation(levels=30, solver="dpm2")},
        {"teacher": Teacher(weight=2.0)},
    ],
)
@pytest.mark.parametrize("stopped", [False, True])
def test_pairs_of_other_settings_or_of_another_teacher_are_refused(tmp_path, monkeypatch, change, stopped):
    monkeypatch.setattr(pairs_module, "PORTION_SECONDS", 0.0)
    if stopped:
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path, Teacher(allowed=100))
    else:
        make(tmp_path)
    with pytest.raises(ConfigError, match="another"):
        make(tmp_path, **change)


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"x" * 100])
def test_a_damaged_file_is_said(tmp_path, damage):
    make(tmp_path)
    path = tmp_path / "pairs.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CheckpointError, match="damaged"):
        make(tmp_path)


def test_progress_is_shown_unless_the_log_is_silent(tmp_path, capsys):
    make(tmp_path / "silent")
    assert capsys.readouterr() == ("", "")
    (tmp_path / "speaking").mkdir()
    load_or_make_pairs(
        tmp_path / "speaking", Teacher(), KnowledgeDistillation(), count=4, seed=0, batch=2, log=RunLog(tmp_path)
    )
    said = capsys.readouterr()
    assert "140 evaluations" in said.out
    assert "4/4" in said.err


def test_a_large_run_seed_has_pairs_of_its_own(tmp_path):
    recipe = make(tmp_path, count=1).recipe
    noises = [replace(recipe, seed=seed).noise([0], "cpu") for seed in (0, 1, 2**30, 2**31 - 1)]
    assert len({tuple(noise.flatten().tolist()) for noise in noises}) == 4


def test_a_consistency_model_is_no_teacher_of_pairs(tmp_path):
    with pytest.raises(ConfigError, match="consistency model"):
        make(tmp_path, tiny.model("consistency"))
