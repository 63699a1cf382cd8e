"""Model files: bit-equal round trips, cards that keep what they do not know, refusals in a sentence."""

import json
import pickle
from dataclasses import fields, replace
from errno import ENOSPC

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save as safetensors_bytes

from core import CheckpointError, ModelCard, SamplingRules, SeededNoise, load_model, read_card, sample, save_model
from core.checkpoint import read_tensors
from tests import tiny

CARD = tiny.model().card
TENSORS = tiny.network().state_dict()


@pytest.fixture
def file(tmp_path):
    return save_model(tmp_path / "tiny.safetensors", CARD, TENSORS, dtype=torch.float32)


def written(path, card: str, tensors=TENSORS):
    path.write_bytes(safetensors_bytes(tensors, metadata={"onestroke": card}))
    return path


def test_tensors_return_bit_for_bit(file):
    found = read_tensors(file)
    assert found.keys() == TENSORS.keys()
    assert all(torch.equal(found[name], value) for name, value in TENSORS.items())


def test_by_default_the_trunk_is_stored_in_bfloat16_and_the_rest_as_it_is(tmp_path):
    found = read_tensors(save_model(tmp_path / "m.safetensors", CARD, TENSORS))
    for name, value in TENSORS.items():
        expected = value.bfloat16() if name.startswith("trunk.") else value
        assert found[name].dtype == expected.dtype
        assert torch.equal(found[name], expected)


def test_a_loaded_model_answers_as_the_saved_one(file):
    loaded, x = load_model(file, "cpu", "float32"), tiny.photos(2)
    assert loaded.card == CARD
    torch.testing.assert_close(loaded(x, 1.5), tiny.model()(x, 1.5), rtol=1e-4, atol=1e-4)
    assert sample(loaded, [80.0, 2.24], SeededNoise([7, 8])).shape == (2, 3, 8, 8)


def test_a_loaded_model_can_be_saved_again_bit_for_bit(file, tmp_path):
    loaded = load_model(file, "cpu", "float32")
    loaded(tiny.photos(1), 1.5)
    again = save_model(tmp_path / "again.safetensors", loaded.card, loaded.network.state_dict(), dtype=torch.float32)
    assert again.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("parameterisation", ["consistency", "edm"])
def test_the_parameterisation_decides_the_class(tmp_path, parameterisation):
    path = save_model(tmp_path / "m.safetensors", replace(CARD, parameterisation=parameterisation), TENSORS)
    assert type(load_model(path, "cpu")) is type(tiny.model(parameterisation))


def test_every_field_of_a_card_survives():
    card = ModelCard(
        name="größer", parameterisation="edm", network=tiny.network_config(classes=2),
        sampling=SamplingRules("carry", False, 0.004, 0.5, 2.0, 4),
        sigma_min=0.01, sigma_max=70.0, sigma_data=0.6, rho=5.0, classes=("photo", "render"), stroke_sigmas=(2.0, 1.0),
        default_steps=3, schedules={"inpaint": {"4": [80.0, 2.0]}}, description="d", limits="l", training={"kimg": 2.5},
        licence="MIT", credits=("a", "b"), subject="cat",
    )  # fmt: skip
    assert ModelCard.from_json(card.to_json()) == card
    assert all(getattr(card, f.name) != getattr(ModelCard(), f.name) for f in fields(card) if f.name != "unknown")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.text().filter(lambda name: name not in {"format"} | {f.name for f in fields(ModelCard)}), JSON)
)
def test_fields_of_newer_writers_survive_a_round_trip(extra):
    card = ModelCard.from_json(json.dumps(json.loads(CARD.to_json()) | extra))
    assert card.unknown == extra
    assert json.loads(card.to_json()).items() >= extra.items()


@given(st.sampled_from([f.name for f in fields(ModelCard)]), JSON)
def test_a_card_with_a_strange_field_is_read_or_refused(name, value):
    try:
        card = ModelCard.from_json(json.dumps(json.loads(CARD.to_json()) | {name: value}))
    except CheckpointError:
        return
    assert isinstance(card, ModelCard)


STRANGE = [
    {"resolution": 8.0}, {"patch": 2.0}, {"width": 8.0}, {"width": 8.5}, {"multipliers": [1.5]}, {"multipliers": 3},
    {"multipliers": ["a"]}, {"attention_grids": None}, {"attention_grids": 2}, {"attention_grids": ["x"]},
    {"head_channels": 3}, {"head_channels": 2.5}, {"head_channels": "a"}, {"blocks": 1.0}, {"blocks": "1"},
    {"time_scale": "x"}, {"time_scale": None}, {"time_scale": float("nan")}, {"classes": 0.5}, {"channels": 3.0},
    {"patch_prior": "no"}, {"scale_shift": 0}, {"resolution": True},
]  # fmt: skip


@pytest.mark.parametrize("sizes", STRANGE, ids=str)
def test_sizes_of_the_wrong_kind_are_refused_or_harmless(tmp_path, sizes):
    card = json.loads(CARD.to_json())
    card["network"] |= sizes
    try:
        model = load_model(written(tmp_path / "m.safetensors", json.dumps(card)), "cpu")
    except CheckpointError:
        return
    assert model(tiny.photos(1), 1.0).shape == (1, 3, 8, 8)


@pytest.mark.parametrize(
    "strange",
    [
        {"sigma_min": 0}, {"sigma_min": 90}, {"sigma_data": "x"}, {"sigma_data": -1}, {"rho": 0}, {"name": 3},
        {"classes": "ab"},
        {"stroke_sigmas": []}, {"stroke_sigmas": [1, 2]}, {"stroke_sigmas": [2, "x"]}, {"default_steps": 2.5},
        {"schedules": []},
        {"sampling": {"sigma_min": "x"}}, {"sampling": {"move": 3}}, {"sampling": []}, {"network": 3},
    ],
    ids=str,
)  # fmt: skip
def test_card_fields_of_the_wrong_kind_are_refused(strange):
    with pytest.raises(CheckpointError):
        ModelCard.from_json(json.dumps(json.loads(CARD.to_json()) | strange))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '{"name": "x"}', '{"format": 2}', '{"format": "1"}'])
def test_what_is_no_card_or_of_a_newer_format_is_refused(tmp_path, text):
    with pytest.raises(CheckpointError, match=r"card is not JSON|format"):
        read_card(written(tmp_path / "m.safetensors", text))


def test_a_parameterisation_of_a_newer_version_is_refused_with_the_known_ones(tmp_path):
    path = save_model(tmp_path / "m.safetensors", replace(CARD, parameterisation="later"), TENSORS)
    assert read_card(path).parameterisation == "later"
    with pytest.raises(CheckpointError, match='"later" model; this version runs consistency, edm'):
        load_model(path, "cpu")


def test_an_unknown_move_is_refused():
    with pytest.raises(CheckpointError, match='"renoise" or "carry"'):
        SamplingRules(move="jump")


@pytest.mark.parametrize("shifts", [0, 9, 2.0, True])
def test_impossible_numbers_of_shifts_are_refused(shifts):
    with pytest.raises(CheckpointError, match="1 to 8 estimates"):
        SamplingRules(shifts=shifts)


@pytest.mark.parametrize("guidance", [-1.0, float("nan"), 1e6, "much"])
def test_impossible_guidance_is_refused(guidance):
    with pytest.raises(CheckpointError, match="cannot be guided"):
        SamplingRules(guidance=guidance)


@pytest.mark.parametrize("change", ["missing", "extra", "other shape"])
def test_tensors_that_do_not_fit_their_card_are_refused_by_name(tmp_path, change):
    tensors, name = dict(TENSORS), "trunk.conv_out.bias"
    if change == "missing":
        del tensors[name]
    elif change == "extra":
        name = tensors["trunk.conv_out.extra"] = torch.zeros(1)
        name = "trunk.conv_out.extra"
    else:
        tensors[name] = torch.zeros(5)
    path = save_model(tmp_path / "m.safetensors", CARD, tensors)
    with pytest.raises(CheckpointError, match=f"do not fit its card, first at {name}"):
        load_model(path, "cpu")


@given(st.data())
def test_a_file_cut_short_anywhere_is_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "cut.safetensors"
    whole = save_model(path, CARD, TENSORS).read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(CheckpointError, match="cut short"):
        load_model(path, "cpu")


@given(st.binary(max_size=200))
def test_any_bytes_under_the_right_name_are_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError):
        load_model(path, "cpu")


def test_a_safetensors_file_of_another_program_is_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    path.write_bytes(safetensors_bytes(TENSORS))
    with pytest.raises(CheckpointError, match="no Onestroke card"):
        load_model(path, "cpu")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(CheckpointError, match="There is no model file"):
            load_model(path, "cpu")


class Mark:
    """Unpickling this leaves a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_under_our_name_is_refused_and_not_executed(tmp_path):
    mark = tmp_path / "executed"
    (tmp_path / "m.safetensors").write_bytes(pickle.dumps(Mark(mark)))
    torch.save({"network": Mark(mark)}, tmp_path / "t.safetensors")
    for name in ("m.safetensors", "t.safetensors"):
        with pytest.raises(CheckpointError):
            load_model(tmp_path / name, "cpu")
    assert not mark.exists()


def test_reading_a_card_reads_no_weights(file, monkeypatch):
    monkeypatch.setattr(
        "core.safetensors_file.SafetensorsFile.read", lambda self, name: pytest.fail("read the weights")
    )
    assert read_card(file) == CARD


def test_a_file_that_could_not_be_written_leaves_the_old_one(file, monkeypatch):
    before = file.read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(ENOSPC, "no space")))
    with pytest.raises(OSError, match=r"no space: .*tiny\.safetensors"):
        save_model(file, CARD, {name: value + 1 for name, value in TENSORS.items()})
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_card_with_more_classes_than_its_network_is_refused(tmp_path):
    network = tiny.network()
    card = ModelCard(name="odd", network=network.config, classes=("photo", "render"))
    save_model(tmp_path / "odd.safetensors", card, network.state_dict())
    with pytest.raises(CheckpointError, match="names 2 classes"):
        load_model(tmp_path / "odd.safetensors", "cpu")
