"""Untrusted values are checked here: settings, numbers and words.

A wrong value raises an OnestrokeError whose message is one sentence for the person.
"""

import math
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, TypeGuard

import core
from app.edits.spec import MAX_SEED, SCHEDULES, EditSpec, Field
from core.card import MAX_NAME
from core.errors import RequestError

BAD_SEED = f"The seed is a whole number from 0 to {MAX_SEED}."
BAD_SCHEDULE = f"The schedule is one of {' and '.join(SCHEDULES)}."
MAX_LISTED = 6  # looks in a sentence
NO_LOOKS = "This model knows one look only. Leave the look out."


def read_settings(spec: EditSpec, card: core.ModelCard, *, look: Any, steps: Any, seed: Any, schedule: Any) -> dict:
    """The fields that every `Edit` has, by name. No look and no schedule mean the default. Raises RequestError."""
    if schedule not in (None, *SCHEDULES):
        raise RequestError(BAD_SCHEDULE)
    return {
        "seeds": (read_seed(seed),),
        "steps": read_whole(steps, "Steps", 1, spec.most_steps),
        "look": read_look(look or None, card.classes),
        "schedule": schedule or "default",
    }


def read_field(field: Field, value: Any) -> Any:
    """The checked value of a field of kind "whole", "number", "word" or "seed"; its default for None.

    Raises RequestError for another type, and for a value outside the field's range or choices.
    """
    title = field.title or field.name.capitalize()
    if value is None:
        return field.default
    if field.kind == "seed":
        return read_seed(value)
    if field.choices:
        if not is_whole(value) or value not in field.choices:
            raise RequestError(f"{title} is {', '.join(map(str, field.choices[:-1]))} or {field.choices[-1]}.")
        return int(value)
    if field.words:
        if not isinstance(value, str) or value not in field.words:
            raise RequestError(f"{title} is {' or '.join(field.words)}.")
        return value
    if field.kind == "whole":
        return read_whole(value, title, int(field.low), int(field.high))
    return read_number(value, title, field.low, field.high)


def read_seed(value: Any) -> int:
    """A seed, 0 to MAX_SEED, from a number or from the digits of a text field. Raises RequestError for others."""
    if isinstance(value, str) and len(value) <= 20 and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    if not is_whole(value) or not 0 <= value <= MAX_SEED:
        raise RequestError(BAD_SEED)
    return int(value)


def read_whole(value: Any, name: str, low: int, high: int) -> int:
    """A whole number from low to high. Raises RequestError for others; its message begins with `name`."""
    if not is_whole(value) or not low <= value <= high:
        raise RequestError(f"{name} is a whole number from {low} to {high}.")
    return int(value)


def read_number(value: Any, name: str, low: float, high: float) -> float:
    """A number from low to high. Raises RequestError for others; its message begins with `name`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RequestError(f"{name} is a number from {low} to {high}.")
    return float(value)


def read_look(value: Any, classes: Sequence[str]) -> str | None:
    """One of the model's classes, by default the first; None for a model without classes. Raises RequestError."""
    if value is None:
        return classes[0] if classes else None
    if not classes:
        raise RequestError(NO_LOOKS)
    if isinstance(value, str) and value in classes:
        return value
    if len(classes) <= MAX_LISTED:
        raise RequestError(f"This model knows these looks: {', '.join(classes)}. Choose one of them.")
    nearest = _nearest(value[:MAX_NAME], classes) if isinstance(value, str) else []
    said = f" The nearest are: {'; '.join(nearest)}." if nearest else ""
    raise RequestError(f"This model knows {len(classes)} looks by their names, and this is none of them.{said}")


def _nearest(name: str, classes: Sequence[str]) -> list[str]:
    """A few classes with this in their name, or else with a name that is like it."""
    within = [each for each in classes if name.lower() in each.lower()]
    return within[:MAX_LISTED] or get_close_matches(name, classes, n=MAX_LISTED)


def is_whole(value: Any) -> TypeGuard[int | float]:
    """Whether this is an int, or a float without a fraction: JSON has both. True and False do not count as numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or (math.isfinite(value) and value.is_integer())
