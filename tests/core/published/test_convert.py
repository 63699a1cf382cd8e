"""`python -m core.convert`: bit-equal round trips, whole files or none, and nothing overwritten unasked."""

import json
from dataclasses import replace

import pytest
import torch

import core
from core.convert import main
from core.open_model import open_model
from core.published.export import exportable
from tests import tiny
from tests.core.published.openai_network import consistency, noisy, relative_error, small

KINDS = ["imagenet", "lsun"]


@pytest.fixture
def source(tmp_path):
    torch.save(small("lsun").state_dict(), tmp_path / "cd_small.pt")
    return tmp_path / "cd_small.pt"


def converted(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def tensors_of(source) -> dict[str, torch.Tensor]:
    _, weights = open_model(source)
    return {name: weights.read(name) for name in weights.infos}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) and a[name].dtype == b[name].dtype for name in a)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_from_layout_to_layout_and_back_nothing_changes(tmp_path, kind, dtype):
    state = {name: value.to(dtype) for name, value in small(kind).state_dict().items()}
    torch.save(state, tmp_path / "cd_small.pt")
    assert converted(tmp_path / "cd_small.pt", tmp_path / "ours.safetensors") == 0
    assert converted(tmp_path / "ours.safetensors", tmp_path / "theirs", "--to", "diffusers") == 0
    assert converted(tmp_path / "theirs", tmp_path / "again.safetensors", "--name", "cd_small") == 0
    expected = tensors_of(tmp_path / "cd_small.pt")
    assert len(expected) == len(state)
    assert all(
        same(tensors_of(tmp_path / name), expected) for name in ("ours.safetensors", "theirs", "again.safetensors")
    )
    assert core.read_card(tmp_path / "again.safetensors") == core.read_card(tmp_path / "ours.safetensors")


def test_a_converted_model_answers_as_its_source(tmp_path, source):
    assert converted(source, tmp_path / "m.safetensors", "--name", "bedrooms") == 0
    model, x = core.load_model(tmp_path / "m.safetensors", "cpu", "float32"), noisy(4.4, 32)
    assert model.card.name == "bedrooms"
    assert relative_error(model(x, 4.4), consistency(small("lsun"), x, 4.4)) < 1e-5


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("to", ["onestroke", "diffusers"])
def test_weights_are_stored_in_the_precision_that_is_asked_for(tmp_path, source, dtype, to):
    target = tmp_path / {"onestroke": "m.safetensors", "diffusers": "m"}[to]
    assert converted(source, target, "--to", to, "--dtype", dtype, "--parameterisation", "consistency") == 0
    wanted = getattr(torch, dtype)
    assert same(tensors_of(target), {name: value.to(wanted) for name, value in tensors_of(source).items()})


@pytest.mark.parametrize("to", ["onestroke", "diffusers"])
def test_a_target_that_is_there_is_replaced_only_if_asked(tmp_path, source, to, capsys):
    target = tmp_path / {"onestroke": "m.safetensors", "diffusers": "m"}[to]
    assert converted(source, target, "--to", to) == 0
    before = tensors_of(target)
    assert converted(source, target, "--to", to, "--dtype", "float16") == 2
    assert "is there already" in capsys.readouterr().err
    assert same(tensors_of(target), before)
    assert converted(source, target, "--to", to, "--dtype", "float16", "--overwrite") == 0
    assert next(iter(tensors_of(target).values())).dtype == torch.float16


def test_other_files_of_a_folder_that_is_replaced_stay(tmp_path, source):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/notes.txt").write_text("mine")
    assert converted(source, tmp_path / "theirs", "--to", "diffusers", "--overwrite") == 0
    assert (tmp_path / "theirs/notes.txt").read_text() == "mine"
    assert len(tensors_of(tmp_path / "theirs")) > 10


def test_a_source_is_never_overwritten(tmp_path, source, capsys):
    assert converted(source, tmp_path / "m.safetensors") == 0
    (tmp_path / "link.safetensors").symlink_to(tmp_path / "m.safetensors")
    for given in ("m.safetensors", "link.safetensors"):
        before = (tmp_path / "m.safetensors").read_bytes()
        assert converted(tmp_path / given, tmp_path / "m.safetensors", "--overwrite", "--dtype", "float16") == 2
        assert "which is given" in capsys.readouterr().err
        assert (tmp_path / "m.safetensors").read_bytes() == before
    assert converted(source, tmp_path / "theirs", "--to", "diffusers") == 0
    for given in ("theirs", "theirs/unet"):
        assert converted(tmp_path / given, tmp_path / "theirs", "--to", "diffusers", "--overwrite") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["m.pt"], "must end in .safetensors"),
        (["."], "must end in .safetensors"),
        (["no/m.safetensors"], "No such file"),
        (["no/m", "--to", "diffusers"], "No such file"),
        (["cd_small.pt", "--to", "diffusers"], "is there already, and is no folder"),
        (["folder.safetensors", "--overwrite"], "is there already, and is a folder"),
        (["file", "--to", "diffusers", "--overwrite"], "is there already, and is no folder"),
    ],
    ids=str,
)
def test_impossible_targets_are_refused(tmp_path, source, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.safetensors").mkdir()
    (tmp_path / "file").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    assert converted(source, *arguments) == 2
    assert said in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("to", ["onestroke", "diffusers"])
@pytest.mark.parametrize("value", [float("nan"), 1e30])
def test_weights_that_are_not_finite_leave_nothing_behind(tmp_path, to, value, capsys):
    """1e30 is none in half precision."""
    state = small("lsun").state_dict() | {"out.2.bias": torch.tensor([0.0, value, 0.0])}
    torch.save(state, tmp_path / "cd_bad.pt")
    target = {"onestroke": "m.safetensors", "diffusers": "m"}[to]
    assert converted(tmp_path / "cd_bad.pt", tmp_path / target, "--to", to, "--dtype", "float16") == 2
    assert "not finite numbers" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["cd_bad.pt"]


def test_a_failed_write_leaves_the_old_file(tmp_path, source, monkeypatch):
    target = tmp_path / "m.safetensors"
    assert converted(source, target) == 0
    before = target.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    for arguments in ([target], [tmp_path / "theirs", "--to", "diffusers"]):
        assert converted(source, *arguments, "--overwrite", "--dtype", "float16") == 2
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cd_small.pt", "m.safetensors"]


def test_what_diffusers_cannot_express_is_told(tmp_path):
    network = tiny.network_config()
    plain = {"patch": 1, "patch_prior": False, "width": 64, "head_channels": 64, "time_scale": 1000.0}
    expressible = replace(network, **plain)
    assert exportable(core.ModelCard(network=expressible)) == expressible
    reasons = {
        "works on patches": network,
        "refiner": replace(expressible, refine=4),
        "conditions of its own": replace(expressible, step_counts=(1, 2)),
        "noise level": replace(expressible, time_scale=16.0),
        "groups": replace(expressible, width=32),
        "heads": replace(expressible, head_channels=48),
    }
    for reason, config in reasons.items():
        with pytest.raises(core.CheckpointError, match=f"diffusers cannot express the network of untitled: .*{reason}"):
            exportable(core.ModelCard(network=config))
    with pytest.raises(core.CheckpointError, match="consistency models only"):
        exportable(core.ModelCard(network=expressible, parameterisation="edm"))


def test_the_grid_that_a_model_was_made_with_goes_along(tmp_path, source):
    assert converted(source, tmp_path / "m.safetensors") == 0
    card, weights = open_model(tmp_path / "m.safetensors")
    core.checkpoint.save_weights(
        tmp_path / "grid.safetensors", replace(card, training={"grid": 151}), weights, dtype=None
    )
    assert converted(tmp_path / "grid.safetensors", tmp_path / "theirs", "--to", "diffusers") == 0
    values = json.loads((tmp_path / "theirs/scheduler/scheduler_config.json").read_text())
    assert values["num_train_timesteps"] == 151
