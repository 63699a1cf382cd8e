"""Classes by their names, where there are a thousand of them."""

import pytest

from app.edits.inputs import MAX_LISTED, read_look
from core.errors import RequestError
from core.published.cards import class_names
from core.unet import UNetConfig

NAMES = class_names(UNetConfig(resolution=64, classes=1000))


def test_every_class_of_imagenet_is_taken_by_its_name():
    assert [read_look(name, NAMES) for name in NAMES] == list(NAMES)
    assert read_look(None, NAMES) == NAMES[0]


@pytest.mark.parametrize(("typed", "near"), [("Penguin", "king penguin"), ("king pengiun", "king penguin")])
def test_a_wrong_name_is_told_the_nearest_and_not_all_of_them(typed, near):
    with pytest.raises(RequestError) as caught:
        read_look(typed, NAMES)
    said = str(caught.value)
    assert near in said and "1000 looks" in said
    assert said.count(";") < MAX_LISTED and len(said) < 400


@pytest.mark.parametrize("value", [7, ["king penguin"], "x" * 100_000, {}, ""])
def test_what_is_no_name_is_a_sentence(value):
    with pytest.raises(RequestError, match="none of them"):
        read_look(value, NAMES)
