"""What can be asked, as plain data, made from input that may be anything at all.

Every wrong thing raises an OnestrokeError with one sentence for the person. What is checked here costs
nothing: lengths, types, ranges. Pixels are decoded later, on the model's thread.
"""

import math
from collections.abc import Sequence
from typing import Any, TypeGuard

import numpy as np

import core
from app.edits.spec import MAX_SEED, SCHEDULES, EditSpec, Field
from core.errors import RequestError
from core.masks import to_mask

BAD_SEED = f"The seed is a whole number from 0 to {MAX_SEED}."
BAD_SCHEDULE = f"The schedule is one of {' and '.join(SCHEDULES)}."
NO_LOOKS = "This model knows one look only. Leave the look out."


def read_settings(spec: EditSpec, card: core.ModelCard, *, look: Any, steps: Any, seed: Any, schedule: Any) -> dict:
    """The fields that every `Edit` has. Raises RequestError."""
    if schedule not in (None, *SCHEDULES):
        raise RequestError(BAD_SCHEDULE)
    return {
        "seeds": (read_seed(seed),),
        "steps": read_whole(steps, "Steps", 1, spec.most_steps),
        "look": read_look(look or None, card.classes),
        "schedule": schedule or "default",
    }


def read_field(field: Field, value: Any) -> Any:
    """A number that an edit takes, in its range; its default for None. Raises RequestError."""
    title = field.title or field.name.capitalize()
    if value is None:
        return field.default
    if field.kind == "seed":
        return read_seed(value)
    if field.choices:
        if not is_whole(value) or value not in field.choices:
            raise RequestError(f"{title} is {', '.join(map(str, field.choices[:-1]))} or {field.choices[-1]}.")
        return int(value)
    if field.kind == "whole":
        return read_whole(value, title, int(field.low), int(field.high))
    return read_number(value, title, field.low, field.high)


def read_seed(value: Any) -> int:
    """A whole number from a number or from a text field."""
    if isinstance(value, str) and len(value) <= 20 and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    if not is_whole(value) or not 0 <= value <= MAX_SEED:
        raise RequestError(BAD_SEED)
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


def read_look(value: Any, classes: Sequence[str]) -> str | None:
    """One of the model's looks, the first if none was chosen; None for a model without looks."""
    if value is None:
        return classes[0] if classes else None
    if not classes:
        raise RequestError(NO_LOOKS)
    if isinstance(value, str) and value in classes:
        return value
    raise RequestError(f"This model knows these looks: {', '.join(classes)}. Choose one of them.")


def read_photo(source: Any) -> np.ndarray:
    """A picture file (bytes or a path) of at most 120 megapixels as [H,W,3] uint8. Raises PictureError."""
    return np.asarray(core.read_image(source))


def read_mask(source: Any) -> np.ndarray | None:
    """A mask file as [H,W] of 0 and 255; what is transparent is kept."""
    return None if source is None else to_mask(core.read_image(source, background=(0, 0, 0)))


def read_strokes(source: Any) -> np.ndarray | None:
    """A layer of strokes as [h,w,4]."""
    return None if source is None else np.asarray(core.images.read_layer(source))


def is_whole(value: Any) -> TypeGuard[int | float]:
    """An int, or a float without a fraction, as JSON may bring either. True and False are not numbers here."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or (math.isfinite(value) and value.is_integer())
