"""Damaged and invented states of a training: the run goes on, or says in a sentence that it cannot."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CheckpointError
from tests import tiny
from tests.fuzz.effort import heavy
from tests.fuzz.mutations import NOISE, NUMBERS, changed_bytes
from tests.fuzz.sentences import check_sentence
from training.loop.state import load_state
from training.loop.trainer import Trainer


@pytest.fixture(scope="module")
def trainer(tmp_path_factory) -> Iterator[Trainer]:
    """A run after a step; whole.pt in its folder is its state."""
    folder = tmp_path_factory.mktemp("run")
    config = tiny.run_config(tiny.write_pictures(folder / "pictures", 6))
    trainer = Trainer(replace(config, network=tiny.network_config(multipliers=(1,), attention_grids=())), folder)
    trainer.step()
    trainer.save()
    (folder / "state.pt").rename(folder / "whole.pt")
    yield trainer
    trainer.loader.close()


def check(trainer: Trainer, state: bytes) -> None:
    """The run takes another step and its counts are counts; or a sentence, with the file as it was."""
    path = trainer.folder / "state.pt"
    path.write_bytes(state)
    try:
        load_state(path, trainer.state)
    except CheckpointError as error:
        check_sentence(str(error))
        assert path.read_bytes() == state
        return
    trainer.bad_steps = 0
    trainer.step()
    assert trainer.state.seen >= trainer.config.run.batch and trainer.state.steps >= 0 and trainer.state.seconds >= 0


@heavy
@given(st.data())
def test_a_changed_state_goes_on_or_is_refused(trainer, data):
    check(trainer, data.draw(changed_bytes([(trainer.folder / "whole.pt").read_bytes()])))


PLACES = [
    (), ("settings",), ("settings", "run.seed"), ("settings", "data.pictures"), ("learner",), ("learner", "student"),
    ("averages",), ("averages", 0), ("movers",), ("movers", "student"), ("movers", "student", "recent_norms"),
    ("movers", "student", "optimiser"), ("movers", "student", "optimiser", "state"),
    ("movers", "student", "optimiser", "state", 0), ("movers", "student", "optimiser", "state", 0, "exp_avg"),
    ("movers", "student", "optimiser", "state", 0, "step"), ("movers", "student", "optimiser", "param_groups"),
    ("movers", "student", "optimiser", "param_groups", 0, "betas"),
    ("scaler",), ("seen",), ("steps",), ("seconds",), ("stage",),
]  # fmt: skip
REMOVED = object()
TENSORS = st.builds(torch.full, st.lists(st.integers(0, 3), max_size=3), st.floats(width=32))


@heavy
@given(st.sampled_from(PLACES), st.just(REMOVED) | NOISE | TENSORS | st.lists(TENSORS | NUMBERS, max_size=3))
def test_a_state_with_another_value_goes_on_or_is_refused(trainer, place, value):
    check(trainer, written_with(torch.load(trainer.folder / "whole.pt", weights_only=True), place, value))


def written_with(state: dict, place: tuple, value: Any) -> bytes:
    """The file of a state with this value at that place, or without anything there."""
    values = {"all": state}
    inside, name = values, "all"
    for each in place:
        inside, name = inside[name], each
    if value is not REMOVED:
        inside[name] = value
    elif place:
        del inside[name]
    stream = io.BytesIO()
    torch.save(values["all"], stream)
    return stream.getvalue()
