"""What can be asked, as plain data, made from input that may be anything at all.

Every wrong thing raises an OnestrokeError with one sentence for the person. What is checked here costs
nothing: lengths, types, ranges. Pixels are decoded later, on the model's thread.
"""

import math
from collections.abc import Sequence
from typing import Any

from core.errors import RequestError

MAX_SEED = 2**31 - 1
MAX_STEPS = 4
MAX_EDIT_STEPS = 40

BAD_SEED = f"The seed is a whole number from 0 to {MAX_SEED}."
BAD_STEPS = f"Steps is a whole number from 1 to {MAX_STEPS}."
BAD_EDIT_STEPS = f"Steps is a whole number from 1 to {MAX_EDIT_STEPS}."
BAD_STRENGTH = "Strength is a number from 0 to 1."
NO_LOOKS = "This model knows one look only. Leave the look out."


def read_seed(value: Any) -> int:
    """A whole number from a number or from a text field."""
    if isinstance(value, str) and len(value) <= 20 and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    if not is_whole(value) or not 0 <= value <= MAX_SEED:
        raise RequestError(BAD_SEED)
    return int(value)


def read_steps(value: Any) -> int:
    if not is_whole(value) or not 1 <= value <= MAX_STEPS:
        raise RequestError(BAD_STEPS)
    return int(value)


def read_edit_steps(value: Any) -> int:
    """The steps of an edit: more than strokes may have, as the paper's schedule has more."""
    if not is_whole(value) or not 1 <= value <= MAX_EDIT_STEPS:
        raise RequestError(BAD_EDIT_STEPS)
    return int(value)


def read_whole(value: Any, name: str, low: int, high: int) -> int:
    """A whole number in a range; `name` begins the sentence that tells of any other."""
    if not is_whole(value) or not low <= value <= high:
        raise RequestError(f"{name} is a whole number from {low} to {high}.")
    return int(value)


def read_number(value: Any, name: str, low: float, high: float) -> float:
    """A number in a range; `name` begins the sentence that tells of any other."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RequestError(f"{name} is a number from {low} to {high}.")
    return float(value)


def read_strength(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:  # NaN is not in 0..1
        raise RequestError(BAD_STRENGTH)
    return float(value)


def read_look(value: Any, classes: Sequence[str]) -> str | None:
    """One of the model's looks, the first if none was chosen; None for a model without looks."""
    if value is None:
        return classes[0] if classes else None
    if not classes:
        raise RequestError(NO_LOOKS)
    if isinstance(value, str) and value in classes:
        return value
    raise RequestError(f"This model knows these looks: {', '.join(classes)}. Choose one of them.")


def is_whole(value: Any) -> bool:
    """An int, or a float without a fraction, as JSON may bring either. True and False are not numbers here."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or (math.isfinite(value) and value.is_integer())
