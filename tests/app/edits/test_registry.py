"""The descriptions of edits, and the modules that they describe."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.edits.base import Edit
from app.edits.inputs import read_field
from app.edits.registry import EDITS, PHOTO_EDITS
from core.errors import RequestError
from tests.app.edits.test_request import ANYTHING

VALUES = [(spec, field) for spec in EDITS.values() for field in spec.own]
NAMES = [f"{spec.name}-{field.name}" for spec, field in VALUES]


@pytest.mark.parametrize("spec", EDITS.values(), ids=EDITS)
def test_the_module_of_an_edit_has_its_two_functions(spec):
    assert list(inspect.signature(spec.code.read_request).parameters) == ["material", "values", "settings", "card"]
    assert list(inspect.signature(spec.code.evaluations).parameters) == ["model", "requests"]
    (request,) = (
        each for each in vars(spec.code).values()
        if inspect.isclass(each) and issubclass(each, Edit) and each.__module__ == spec.code.__name__
    )  # fmt: skip
    assert request.task == spec.name


@pytest.mark.parametrize(("spec", "field"), VALUES, ids=NAMES)
def test_a_default_is_a_possible_value(spec, field):
    assert field.default is None or read_field(field, field.default) == field.default
    assert read_field(field, None) == field.default


@pytest.mark.parametrize(("spec", "field"), VALUES, ids=NAMES)
@given(value=ANYTHING | st.floats() | st.integers() | st.sampled_from(["grey", "paper"]))
def test_any_value_is_read_into_the_range_or_refused_with_a_sentence(spec, field, value):
    try:
        found = read_field(field, value)
    except RequestError as error:
        assert str(error).endswith(".") and "\n" not in str(error)
        return
    if value is not None and field.kind != "seed":
        named = field.choices or field.words
        assert found in named if named else field.low <= found <= field.high


def test_edits_of_photos_take_several_requests_as_one_batch():
    assert all(EDITS[name].several for name in PHOTO_EDITS)
