"""A model file that changes while the program starts."""

from dataclasses import replace

import pytest

import core
from app.engine.loading import open_model
from tests import tiny


def test_a_file_that_was_replaced_since_its_card_was_read_is_refused(tmp_path):
    made = tiny.model("edm")
    path = core.save_model(tmp_path / "m.safetensors", made.card, made.network.state_dict())
    card = core.read_card(path)
    assert open_model(path, card, device="cpu").card == card
    core.save_model(path, replace(made.card, name="another"), made.network.state_dict())
    with pytest.raises(core.CheckpointError, match=r"m\.safetensors was replaced while it was opened"):
        open_model(path, card, device="cpu")
