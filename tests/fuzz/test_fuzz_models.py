"""Damaged and invented model files and cards: a model that makes pictures, or a CheckpointError."""

import json
import struct
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save as safetensors_bytes

import core
from core.card import ModelCard
from core.errors import CheckpointError, OnestrokeError
from tests import tiny
from tests.core.test_hostile_cards import use
from tests.fuzz.effort import usual
from tests.fuzz.mutations import NOISE, changed_bytes, changed_value
from tests.fuzz.sentences import check_sentence

CARD = json.loads(tiny.model().card.to_json()) | {"schedules": {"inpaint": {"2": [80.0, 1.0]}}}
WEIGHTS = tiny.network().state_dict()
FILE = safetensors_bytes(WEIGHTS, metadata={"onestroke": json.dumps(CARD)})
HEADER = 8 + struct.unpack("<Q", FILE[:8])[0]  # bytes


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models") / "m.safetensors"


def check(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        model = core.load_model(path, "cpu", "float32")
        assert core.read_card(path) == model.card
    except CheckpointError as error:
        check_sentence(str(error))
        return
    try:
        x = core.sample(model, [1.0], core.SeededNoise([0]), labels=model.labels(None, 1))
    except OnestrokeError as error:  # its numbers are finite one by one, but not what they make of a picture
        check_sentence(str(error))
    else:
        assert x.isfinite().all() and len(x) == 1


@usual
@given(changed_bytes([FILE]))
def test_a_changed_file_is_a_model_or_refused(path, content):
    check(path, content)


@usual
@given(changed_bytes([FILE[8:HEADER]]))
def test_a_changed_header_is_a_model_or_refused(path, header):
    check(path, struct.pack("<Q", len(header)) + header + FILE[HEADER:])


@usual
@given(changed_value([json.loads(FILE[8:HEADER])]))
def test_a_header_of_other_values_is_a_model_or_refused(path, header):
    text = json.dumps(header).encode()
    check(path, struct.pack("<Q", len(text)) + text + FILE[HEADER:])


@usual
@given(changed_value([CARD], NOISE))
def test_a_changed_card_is_of_use_or_refused(card):
    try:
        use(ModelCard.from_json(json.dumps(card)))
    except OnestrokeError as error:
        check_sentence(str(error))


@usual
@given(st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.sampled_from([1e38, -1e38, 1e-45, 3e4]), min_size=1))
def test_weights_beyond_all_reason_make_a_picture_or_a_sentence(path, values):
    weights = WEIGHTS | {name: torch.full_like(WEIGHTS[name], value) for name, value in values.items()}
    check(path, safetensors_bytes(weights, metadata={"onestroke": json.dumps(CARD)}))
