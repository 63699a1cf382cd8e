"""A model file that changes while the program starts, and how slow a model is."""

from dataclasses import replace

import pytest

import core
from app.engine.loading import open_model, warm_up
from tests import tiny
from tests.app.conftest import TinyModel


def test_a_file_that_was_replaced_since_its_card_was_read_is_refused(tmp_path):
    made = tiny.model("edm")
    path = core.save_model(tmp_path / "m.safetensors", made.card, made.network.state_dict())
    card = core.read_card(path)
    assert open_model(path, card, device="cpu").card == card
    core.save_model(path, replace(made.card, name="another"), made.network.state_dict())
    with pytest.raises(core.CheckpointError, match=r"m\.safetensors was replaced while it was opened"):
        open_model(path, card, device="cpu")


@pytest.mark.parametrize(
    ("takes", "seconds", "evaluations"),
    [
        ([0.2, 0.5], 0.2, [1, 4]),  # quick: both sizes are warmed up
        ([3.0, 0.2, 0.5], 0.2, [1, 1, 4]),  # slow for packing its weights alone
        ([3.0, 2.0], 2.0, [1, 1]),
        ([20.0, 9.0], 9.0, [1, 1]),
        ([40.0], 40.0, [1]),
    ],
)
def test_a_slow_model_is_measured_and_not_made_to_paint_four(clock, takes, seconds, evaluations):
    seen, left = [], list(takes)

    class Timed(TinyModel):
        def __call__(self, x, sigma, labels=None):
            seen.append(len(x))
            clock.now += left.pop(0)
            return super().__call__(x, sigma, labels)

    assert warm_up(Timed(), clock=clock) == pytest.approx(seconds)
    assert seen == evaluations
