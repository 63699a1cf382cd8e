"""The loop: what it leaves, how it resumes, how it stops."""

import io
import json
from dataclasses import replace
from errno import ENOSPC

import numpy as np
import pytest
import torch
from PIL import Image

import core
from core import CheckpointError, ConfigError
from core.checkpoint import read_tensors
from tests import tiny
from training.draws import Draws
from training.loop.logs import RunLog
from training.loop.trainer import Trainer, _crosses
from training.objectives.edm import Denoising


@pytest.fixture
def pictures(tmp_path):
    return tiny.write_pictures(tmp_path / "pictures", 11)


def equal_states(first, second) -> bool:
    """Whether two values of nested dicts, lists and tensors are equal bit for bit."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(equal_states(first[k], second[k]) for k in first)
    if isinstance(first, list):
        return len(first) == len(second) and all(map(equal_states, first, second))
    return torch.equal(first, second) if isinstance(first, torch.Tensor) else first == second


def state_of(folder):
    state = torch.load(folder / "state.pt", weights_only=True)
    return {name: value for name, value in state.items() if name != "seconds"}


def assert_resumes_exactly(config, folder):
    """A run in two halves, three steps and the rest, ends as the whole one, bit for bit."""
    Trainer(config, folder / "whole").train()
    half = Trainer(config, folder / "halves")
    for _ in range(3):
        half.step()
    half.save()
    torch.rand(5)  # what else draws does not matter
    Trainer(config, folder / "halves").train()
    assert equal_states(state_of(folder / "whole"), state_of(folder / "halves"))


@pytest.mark.parametrize(("objective", "precision"), [("edm", "float32"), ("ect", "float32"), ("ect", "float16")])
def test_a_run_in_two_halves_is_the_whole_run_bit_for_bit(tmp_path, pictures, objective, precision):
    assert_resumes_exactly(tiny.run_config(pictures, objective, precision=precision), tmp_path)


def test_a_run_says_which_precision_its_objective_takes_and_why(tmp_path, pictures, capsys, monkeypatch):
    monkeypatch.setattr("core.runtime._cpu_multiplies_bfloat16", lambda: True)
    for objective, said in {"edm": "bfloat16, this processor", "ict": "float32, as the loss compares"}.items():
        Trainer(tiny.run_config(pictures, objective, precision="", kimg=0.004), tmp_path / objective).train()
        assert f"11 pictures, 1 process(es), cpu: {said}" in capsys.readouterr().out


def test_a_run_with_a_critic_in_two_halves_is_the_whole_run_bit_for_bit(tmp_path, pictures):
    config = replace(tiny.run_config(pictures), objective=tiny.adversarial())
    assert_resumes_exactly(replace(config, critic=replace(config.critic, clip_median=2.0)), tmp_path)


def test_the_critic_learns_by_its_own_optimiser_and_is_not_in_the_model_file(tmp_path, pictures):
    config = replace(tiny.run_config(pictures), objective=tiny.adversarial())
    trainer = Trainer(replace(config, critic=replace(config.critic, rate=0.0)), tmp_path / "run")
    before = {name: value.clone() for name, value in trainer.learner.critic.named_parameters()}
    path = trainer.train()
    assert all(torch.equal(before[name], value) for name, value in trainer.learner.critic.named_parameters())
    assert {name.split(".")[0] for name in read_tensors(path)} == {"trunk", "prior"}
    assert "critic" in trainer.step()
    assert "critic" not in Trainer(tiny.run_config(pictures), tmp_path / "other").step()


def test_a_critic_moves_at_its_own_rate(tmp_path, pictures):
    config = replace(tiny.run_config(pictures), objective=tiny.adversarial())
    trainer = Trainer(replace(config, critic=replace(config.critic, rate=1e-3, ramp_kimg=0.0)), tmp_path / "run")
    before = {name: value.clone() for name, value in trainer.learner.critic.named_parameters()}
    trainer.step()
    moved = {name: (value - before[name]).abs().max() for name, value in trainer.learner.critic.named_parameters()}
    assert max(moved.values()).item() == pytest.approx(1e-3, rel=1e-2)  # Adam's first step


def test_another_seed_is_another_run(tmp_path, pictures):
    for seed in (0, 1):
        Trainer(tiny.run_config(pictures, seed=seed), tmp_path / str(seed)).train()
    assert not equal_states(state_of(tmp_path / "0"), state_of(tmp_path / "1"))


@pytest.mark.parametrize(("objective", "move"), [("edm", "carry"), ("ect", "renoise")])
def test_the_model_file_opens_and_samples(tmp_path, pictures, objective, move):
    path = Trainer(tiny.run_config(pictures, objective), tmp_path / "run").train()
    model = core.load_model(path, device="cpu")
    assert model.card.sampling.move == move
    assert model.card.training["pictures_seen"] == 32
    x0 = core.sample(model, [80.0, 2.24], core.SeededNoise([7, 8]))
    assert x0.shape == (2, 3, 8, 8)
    assert x0.abs().max() <= 1


def test_a_run_folder_is_complete_and_holds_nothing_half_written(tmp_path, pictures):
    config = tiny.run_config(pictures, validate_kimg=0.008, sample_kimg=0.016)
    Trainer(config, tmp_path / "run").train()
    names = {str(path.relative_to(tmp_path / "run")) for path in (tmp_path / "run").rglob("*") if path.is_file()}
    events = {name for name in names if name.startswith("events.out.tfevents")}
    assert len(events) == 1
    assert names - events == {"config.toml", "log.jsonl", "state.pt", "model.safetensors", "samples/000000.png"}
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["kimg"] for line in lines] == [0.008, 0.016, 0.024, 0.032]
    assert {"loss", "norm", "rate", "seconds", "error_0.5"} <= lines[0].keys()


def test_the_sheet_of_samples_has_a_row_for_photos_strokes_steps_and_noise(tmp_path, pictures):
    Trainer(tiny.run_config(pictures), tmp_path / "run").train()
    sheet = np.asarray(Image.open(tmp_path / "run" / "samples" / "000000.png"))
    assert sheet.shape == (6 * 8, 8 * 8, 3)
    photos = [core.to_uint8(core.to_model(tiny.picture(i, 10, 8), 8))[0] for i in range(11)]
    assert any(np.array_equal(sheet[:8, :8], photo) for photo in photos)


def test_training_lowers_the_denoising_error(tmp_path, pictures):
    config = tiny.run_config(pictures, kimg=0.48, batch=16, dropout=0.0, validate_kimg=0.16)
    config = replace(config, optimiser=replace(config.optimiser, rate=3e-3), objective=Denoising(mean=-0.5))
    Trainer(config, tmp_path / "run").train()
    first, *_, last = (json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines())
    assert last["error_0.5"] < first["error_0.5"]


def test_a_finished_run_that_is_started_again_trains_no_further(tmp_path, pictures):
    config = tiny.run_config(pictures)
    Trainer(config, tmp_path / "run").train()
    before = state_of(tmp_path / "run")
    Trainer(config, tmp_path / "run").train()
    assert equal_states(before, state_of(tmp_path / "run"))


def test_a_resumed_log_has_every_line_once(tmp_path, pictures):
    config = tiny.run_config(pictures, validate_kimg=0.004, save_kimg=0.012)
    whole = Trainer(config, tmp_path / "run")
    whole.train()
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    torch.save(state | {"seen": 12, "steps": 3}, tmp_path / "run" / "state.pt")
    Trainer(config, tmp_path / "run").train()
    lines = (tmp_path / "run" / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["kimg"] for line in lines] == [0.004 * k for k in range(1, 9)]


def test_lines_at_the_saved_point_survive_a_resume_however_long_their_number(tmp_path):
    log = RunLog(tmp_path)
    for kimg in (140.016, 160.032):
        log.record({"kimg": kimg, "loss": 1 / 3}, int(1000 * kimg))
    log.cut_after(140.016)
    assert [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()] == [
        {"kimg": 140.016, "loss": 0.33333}
    ]


@pytest.mark.parametrize("broken", ["os.replace", "os.fsync"])
def test_a_state_that_could_not_be_written_leaves_the_old_one(tmp_path, pictures, monkeypatch, broken):
    trainer = Trainer(tiny.run_config(pictures), tmp_path / "run")
    trainer.step()
    trainer.save()
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    def fail(*_):
        raise OSError(ENOSPC, "no space")

    trainer.step()
    with monkeypatch.context() as patch:
        patch.setattr(broken, fail)
        with pytest.raises(OSError, match="no space"):
            trainer.save()
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before
    assert Trainer(tiny.run_config(pictures), tmp_path / "run").state.seen == 4


def broken_states(state: bytes):
    stream = io.BytesIO()
    torch.save([1.0], stream)
    other = stream.getvalue()
    return {"cut": state[: len(state) // 2], "empty": b"", "text": b"no state", "start": state[:3], "other": other}


@pytest.mark.parametrize("kind", ["cut", "empty", "text", "start", "other"])
def test_a_damaged_state_is_refused_in_a_sentence(tmp_path, pictures, kind):
    trainer = Trainer(tiny.run_config(pictures), tmp_path / "run")
    trainer.save()
    path = tmp_path / "run" / "state.pt"
    path.write_bytes(broken_states(path.read_bytes())[kind])
    with pytest.raises(CheckpointError, match="another --out starts a new run"):
        Trainer(tiny.run_config(pictures), tmp_path / "run")


def test_the_state_of_another_network_is_refused(tmp_path, pictures):
    config = tiny.run_config(pictures)
    Trainer(config, tmp_path / "run").save()
    wider = replace(config, network=tiny.network_config(width=16))
    with pytest.raises(CheckpointError, match="does not fit this configuration"):
        Trainer(wider, tmp_path / "run")


def test_a_start_gives_its_weights_and_its_prior(tmp_path, pictures):
    teacher = Trainer(tiny.run_config(pictures), tmp_path / "teacher").train()
    student = Trainer(replace(tiny.run_config(pictures, "ect"), start=str(teacher)), tmp_path / "student")
    found = core.checkpoint.read_tensors(teacher)
    assert all(torch.equal(value, found[name].float()) for name, value in student.learner.network.state_dict().items())


def test_a_start_of_another_network_and_a_missing_start_are_refused(tmp_path, pictures):
    teacher = Trainer(tiny.run_config(pictures), tmp_path / "teacher").train()
    config = replace(tiny.run_config(pictures, "ect"), network=tiny.network_config(width=16))
    with pytest.raises(ConfigError, match="another network"):
        Trainer(replace(config, start=str(teacher)), tmp_path / "a")
    with pytest.raises(CheckpointError, match="There is no model file"):
        Trainer(replace(config, start="none.safetensors"), tmp_path / "b")


def test_the_prior_is_fitted_to_the_pictures(tmp_path, pictures):
    trainer = Trainer(tiny.run_config(pictures), tmp_path / "run")
    patches = torch.nn.functional.pixel_unshuffle(trainer.loader.pictures.pixels.float() / 127.5 - 1, 2)
    energy = trainer.learner.network.prior.deviations.square().sum()
    torch.testing.assert_close(energy, patches.square().sum(1).mean(), rtol=1e-3, atol=0)


def test_steps_without_a_finite_gradient_change_nothing_and_end_the_run_if_they_go_on(tmp_path, pictures):
    trainer = Trainer(tiny.run_config(pictures), tmp_path / "run")
    before = {name: value.clone() for name, value in trainer.learner.network.state_dict().items()}
    good, trainer.wrapped = trainer.wrapped, lambda *rest: [float("nan") * loss for loss in good(*rest)]
    for _ in range(19):
        trainer.step()
    assert equal_states(before, dict(trainer.learner.network.state_dict()))
    with pytest.raises(ConfigError, match=r"lower optimiser\.rate"):
        trainer.step()


def test_one_bad_step_is_forgotten_after_a_good_one(tmp_path, pictures):
    trainer = Trainer(tiny.run_config(pictures), tmp_path / "run")
    good = trainer.wrapped
    for _ in range(3):
        trainer.wrapped = lambda *rest: [float("nan") * loss for loss in good(*rest)]
        trainer.step()
        trainer.wrapped = good
        trainer.step()
    assert (trainer.bad_steps, trainer.state.steps, trainer.state.seen) == (0, 3, 24)


def test_files_that_do_not_open_are_named_on_the_terminal(tmp_path, pictures, capsys):
    (pictures / "bad.png").write_bytes(b"no picture")
    Trainer(tiny.run_config(pictures), tmp_path / "run")
    assert "left out, does not open: pictures: bad.png" in capsys.readouterr().out


def test_dropout_drops_its_share_and_keeps_the_mean(tmp_path, pictures):
    trainer = Trainer(tiny.run_config(pictures, batch=400), tmp_path / "run")
    dropout_mask = trainer._dropout(Draws(torch.Generator().manual_seed(0), 400))
    assert dropout_mask.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert dropout_mask.mean().item() == pytest.approx(1, abs=0.02)


def test_with_a_largest_grid_only_blocks_up_to_it_drop(tmp_path, pictures):
    trainer = Trainer(tiny.run_config(pictures, batch=400, dropout_grid=2), tmp_path / "run")
    dropout_mask = trainer._dropout(Draws(torch.Generator().manual_seed(0), 400))
    dropped = (dropout_mask == 0).any(dim=0).tolist()
    assert dropped == [grid <= 2 for grid in trainer.learner.network.dropout_grids]
    assert (dropout_mask[:, torch.tensor(dropped)] == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert dropout_mask[:, ~torch.tensor(dropped)].eq(1).all()


def test_intervals_are_crossed_once():
    crossed = [seen for seen in range(0, 100, 7) if _crosses(seen, seen + 7, 0.02)]
    assert crossed == [14, 35, 56, 77, 98]


def test_a_start_whose_weights_do_not_fit_its_card_is_refused_in_a_sentence(pictures, tmp_path):
    config = tiny.run_config(pictures, "edm")
    card = core.ModelCard(name="cut", network=config.network)
    core.save_model(tmp_path / "cut.safetensors", card, {"trunk.time1.bias": torch.zeros(1)})
    with pytest.raises(CheckpointError, match="do not fit"):
        Trainer(replace(config, start=str(tmp_path / "cut.safetensors")), tmp_path / "run")


def test_a_start_gives_its_weights_and_they_all_go_on_learning(pictures, tmp_path):
    config = tiny.run_config(pictures, "ect")
    start = {name: value.clone() for name, value in tiny.network(3).state_dict().items()}
    card = core.ModelCard(name="start", network=config.network)
    core.save_model(tmp_path / "start.safetensors", card, start, dtype=torch.float32)
    trainer = Trainer(replace(config, start=str(tmp_path / "start.safetensors")), tmp_path / "run")
    assert equal_states(dict(trainer.learner.network.state_dict()), start)
    assert all(parameter.requires_grad for parameter in trainer.learner.network.parameters())
    trainer.step()
    assert not equal_states(dict(trainer.learner.network.state_dict()), start)


def test_a_stream_resumes_exactly(tmp_path, pictures):
    config = tiny.run_config(pictures)
    assert_resumes_exactly(replace(config, data=replace(config.data, stream=True, buffer=4)), tmp_path)


def test_a_network_that_is_told_of_variations_is_shipped_without_that_layer(tmp_path, pictures):
    config = tiny.run_config(pictures)
    config = replace(config, data=replace(config.data, nonleaky=0.5), network=tiny.network_config(augment_labels=9))
    trainer = Trainer(config, tmp_path / "run")
    before = trainer.learner.network.trunk.augment.weight.detach().clone()
    model = core.load_model(trainer.train(), device="cpu")
    assert not torch.equal(trainer.learner.network.trunk.augment.weight, before)
    assert model.card.network.augment_labels == 0
