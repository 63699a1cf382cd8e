"""JSON from files that may be hostile: plain values of bounded depth, with finite numbers and no name twice.

They can be written again: a text with half of a pair of surrogates, which JSON may hold, is no UTF-8.
"""

import json
from math import isfinite
from typing import Any, NoReturn

DEEPEST = 32  # lists and objects inside each other


def read_json(text: str | bytes) -> Any:
    """The values of a JSON text.

    Raises ValueError for a text that is not JSON, for an object that has a name twice, for a number that is not finite,
    for half of a pair of surrogates, and for more than DEEPEST lists or objects inside each other.
    """
    try:
        values = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_number)
    except RecursionError as error:
        raise ValueError("its values are nested too deeply") from error
    level = [values]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
    if level:
        raise ValueError("its values are nested too deeply")
    json.dumps(values, ensure_ascii=False).encode()  # UnicodeEncodeError is a ValueError
    return values


def is_number(value: object, low: float, high: float) -> bool:
    """Whether a value is a number from low to high. True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _inside(value: Any) -> list:
    """The lists and objects directly inside a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for each in inner if isinstance(each, dict | list)]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("an object has a name twice")
    return values


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        _constant(text)
    return value


def _constant(text: str) -> NoReturn:
    raise ValueError(f"a number is not finite: {text[:20]}")
