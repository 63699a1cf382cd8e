"""Cards and headers that somebody wrote to do harm: refused in a sentence when they are read, or harmless in use."""

import json
import struct
from dataclasses import asdict, fields

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save as safetensors_bytes

import core
from core import CheckpointError, ModelCard, OnestrokeError, load_model, read_card
from core.edit_schedules import RANGES, edit_sigmas
from core.json_values import read_json
from core.weights import HeldWeights
from tests import tiny

CARD = json.loads(tiny.model().card.to_json())
TENSORS = tiny.network().state_dict()
DEEP = "[" * 100_000
HUGE = "9" * 5000  # more digits than Python turns into a number
NUMBERS = ["true", "null", "NaN", "Infinity", "-Infinity", "1e308", "1e999", "-1", "0", "1e-320", "9" * 400, HUGE]
TEXTS = ['""', '"a"', '"\\ud800"', '"\\u001b[2J"', json.dumps("x" * 65_000), '"9"']
VALUES = st.sampled_from([*NUMBERS, *TEXTS, DEEP, "{}", "[]", "[[]]", "[true]", '["a", "b"]', '{"a": 1, "a": 2}'])
NETWORK = [field.name for field in fields(tiny.network_config())]
SAMPLING = list(asdict(core.SamplingRules()))
SCHEDULES = st.builds(
    '{{"{}": {{"{}": [{}]}}}}'.format,
    st.sampled_from([*RANGES, "later", "x" * 65_000]),
    st.sampled_from(["1", "2", "4", "٤", "²", "many", HUGE]),
    st.lists(st.sampled_from([*NUMBERS, "80.0", "1.0", "0.5", '"a"', "[]"]), min_size=1, max_size=4).map(", ".join),
)
FIELDS = st.one_of(
    st.tuples(st.just(()), st.sampled_from([field.name for field in fields(ModelCard)]), VALUES),
    st.tuples(st.just(("network",)), st.sampled_from([*NETWORK, "kind", "later"]), VALUES),
    st.tuples(st.just(("sampling",)), st.sampled_from([*SAMPLING, "later"]), VALUES),
    st.tuples(st.just(()), st.just("schedules"), SCHEDULES),
)


def written(inside: tuple[str, ...], name: str, value: str) -> str:
    """The card as JSON with this text as the value of a field."""
    card = json.loads(json.dumps(CARD))
    part = card
    for each in inside:
        part = part[each]
    part[name] = "HERE"
    return json.dumps(card).replace('"HERE"', value)


def use(card: ModelCard) -> None:
    """What every program does with a card: levels for each edit, a model, a picture, the file again."""
    for edit in RANGES:
        for steps in (1, 2, 4, 8):
            for schedule in ("default", "paper"):
                edit_sigmas(card, edit, steps, schedule)
    for strength in (0.0, 1.0):
        core.paint_sigmas(card, strength, card.default_steps)
    assert ModelCard.from_json(card.to_json()) == card
    weights = HeldWeights(core.networks.build_network(card.network).state_dict())
    model = core.checkpoint.build(card, weights, "cpu", "float32")
    sigmas = edit_sigmas(card, "generate", 2)
    core.sample(model, sigmas, core.SeededNoise([0]), labels=model.labels(None, 1))


@settings(max_examples=150)
@given(FIELDS)
def test_a_card_with_one_hostile_field_is_refused_in_a_sentence_or_harmless(field):
    try:
        use(ModelCard.from_json(written(*field)))
    except OnestrokeError as error:
        assert len(str(error)) < 400
        str(error).encode()


@pytest.mark.parametrize(
    "field",
    [
        ((), "name", '"' + "x" * 65_000 + '"'), ((), "name", '"\\ud800"'), ((), "name", '"\\u001b"'),
        ((), "sigma_min", "true"), ((), "sigma_max", "1e308"), ((), "rho", "1e-3"), ((), "default_steps", "true"),
        ((), "default_steps", "0"), ((), "schedules", '{"inpaint": {"2": ["a", "b"]}}'),
        ((), "schedules", '{"inpaint": {"2": [1e308, 1]}}'), ((), "schedules", '{"inpaint": {"2": [1, 2]}}'),
        ((), "schedules", '{"inpaint": {"1": [true]}}'), ((), "schedules", '{"inpaint": {"1": [0.001]}}'),
        ((), "training", '{"loss": NaN}'), ((), "training", '{"loss": 1e999}'), ((), "later", DEEP),
        ((), "later", "[" * 40 + "]" * 40), ((), "later", HUGE), ((), "later", '{"a": 1, "a": 2}'),
        ((), "classes", "[3]"), ((), "credits", "[3]"), ((), "description", '"' + "x" * 5_000_000 + '"'),
        (("network",), "patch_prior", "1"), (("network",), "time_scale", "true"), (("network",), "head_channels", HUGE),
        (("network",), "kind", "{}"), (("sampling",), "clamp", "0"), (("sampling",), "carry_end", "1e308"),
        (("sampling",), "guidance", "true"), (("sampling",), "sigma_min", "true"),
    ],
    ids=lambda field: f"{field[1]} {field[2][:30]}",
)  # fmt: skip
def test_what_cannot_be_used_is_refused_when_the_file_is_read(tmp_path, field):
    path = tmp_path / "m.safetensors"
    path.write_bytes(safetensors_bytes(TENSORS, metadata={"onestroke": written(*field)}))
    with pytest.raises(CheckpointError):
        read_card(path)


def test_a_network_without_attention_on_any_grid_works():
    use(ModelCard.from_json(written(("network",), "attention_grids", "[]")))


HEADER_VALUES = st.sampled_from(
    [*NUMBERS, *TEXTS, DEEP, "[]", "{}", "[9223372036854775807, 3]", '"F4"', '"I64"', '"C64"']
)


@settings(max_examples=100)
@given(st.sampled_from(["dtype", "shape", "data_offsets", "later"]), HEADER_VALUES, st.binary(max_size=40))
def test_a_hostile_header_is_refused_in_a_sentence(tmp_path_factory, name, value, content):
    tensor = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], name: "HERE"}
    header = {"__metadata__": {"onestroke": json.dumps(CARD)}, "trunk.conv_in.bias": tensor}
    text = json.dumps(header).replace('"HERE"', value).encode()
    path = tmp_path_factory.getbasetemp() / "hostile.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + content)
    with pytest.raises(CheckpointError):
        load_model(path, "cpu")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["trunk.conv_out.bias", "prior.axes"])
def test_weights_that_are_not_finite_are_refused_by_name(tmp_path, name, value):
    weights = {key: tensor.clone() for key, tensor in TENSORS.items()}
    weights[name].view(-1)[-1] = value
    core.save_model(tmp_path / "m.safetensors", tiny.model().card, weights)
    with pytest.raises(CheckpointError, match=f"not finite numbers, first at {name}"):
        load_model(tmp_path / "m.safetensors", "cpu")


def test_weights_that_are_too_large_for_float32_are_refused(tmp_path):
    weights = TENSORS | {
        "trunk.conv_out.bias": torch.full_like(TENSORS["trunk.conv_out.bias"], 1e300, dtype=torch.float64)
    }
    path = core.save_model(tmp_path / "m.safetensors", tiny.model().card, weights, dtype=torch.float64)
    with pytest.raises(CheckpointError, match="not finite"):
        load_model(path, "cpu")


@pytest.mark.parametrize("harm", ["cut", "overwritten", "removed"])
def test_a_model_goes_on_when_its_file_is_harmed_after_it_was_read(tmp_path, harm):
    x, path = tiny.photos(1), tmp_path / "m.safetensors"
    core.save_model(path, tiny.model().card, TENSORS, dtype=torch.float32)
    model = load_model(path, "cpu", "float32")
    before = model(x, 1.0)
    if harm == "removed":
        path.unlink()
    else:
        with path.open("r+b") as file:  # in place, as a copy over it does
            file.write(b"\xff" * path.stat().st_size) if harm == "overwritten" else file.truncate(0)
    assert torch.equal(model(x, 1.0), before)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_plain_json_is_read_as_it_is(values):
    assert read_json(json.dumps(values)) == values
