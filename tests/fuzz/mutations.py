"""Hostile inputs: valid bytes and values with a few changes, and values of nothing but noise."""

import copy
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

HUGE = [2**31 - 1, 2**31, 2**53, 2**63, 2**64, 10**30, -(2**31), -(2**63)]
NUMBERS = st.sampled_from([0, 1, -1, 2, 0.5, -0.0, 1e-320, 1e308, -1e308, *HUGE])
NOT_NUMBERS = st.sampled_from([float("nan"), float("inf"), -float("inf")])
TEXTS = st.text(max_size=20) | st.sampled_from(
    ["", "0", "1e9", "null", "paint", "../../etc/passwd", "/dev/zero", "file:///etc/passwd", "\0", "\ud800",
     "__class__", "x" * 5000, "data:image/png;base64,", "data:image/png;base64,AAAA", "\u202e\u0661"]
)  # fmt: skip
PLAIN = st.none() | st.booleans() | NUMBERS | st.integers() | st.floats() | NOT_NUMBERS | TEXTS
NOISE = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)
BYTES = st.sampled_from(
    [b"", b"\0", b"\xff", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1"]
) | st.binary(max_size=16)  # fmt: skip
CHANGES = st.sampled_from([1, 1, 1, 2, 2, 3, 5])


@st.composite
def changed_bytes(draw, samples: Sequence[bytes]) -> bytes:
    """One of the samples with 1 to 5 changes: bytes written over, put in, taken out, repeated, cut off or another's."""
    data = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(CHANGES)):
        at = _position(draw, len(data))
        piece = draw(BYTES)
        change = draw(st.sampled_from(["over", "over", "in", "out", "again", "cut", "other"]))
        if change == "over":
            data[at : at + len(piece)] = piece
        elif change == "in":
            data[at:at] = piece
        elif change == "out":
            del data[at : at + draw(st.integers(1, 64))]
        elif change == "again":
            data[at:at] = data[at : at + draw(st.integers(1, 64))] * draw(st.integers(1, 40))
        elif change == "cut":
            del data[at:]
        else:
            data[at:] = draw(st.sampled_from(samples))[at:]
    return bytes(data)


@st.composite
def changed_value(draw, samples: Sequence[Any], pieces: st.SearchStrategy = NOISE) -> Any:
    """One of the samples of JSON values with 1 to 5 changes: pieces in another place, too many, missing or renamed."""
    value = [_own(draw, st.sampled_from(samples))]
    for _ in range(draw(CHANGES)):
        inside, key = draw(st.sampled_from(_places(value)))
        change = draw(st.sampled_from(["replace", "replace", "replace", "remove", "add", "wrap", "swap"]))
        if change == "replace" or (change == "remove" and inside is value):
            inside[key] = _own(draw, pieces)
        elif change == "remove":
            del inside[key]
        elif change == "wrap":
            inside[key] = draw(st.sampled_from([list, _named]))([inside[key]])
        elif change == "swap":
            other, name = draw(st.sampled_from(_places(value)))
            inside[key] = copy.deepcopy(other[name])
        elif isinstance(inside[key], dict):
            inside[key][draw(TEXTS)] = _own(draw, pieces)
        elif isinstance(inside[key], list):
            inside[key].append(_own(draw, pieces))
    return value[0]


def _own(draw, strategy: st.SearchStrategy) -> Any:
    """A copy: what is drawn from a list of samples is the sample itself, and later changes would stay in it."""
    return copy.deepcopy(draw(strategy))


def _position(draw, length: int) -> int:
    """Anywhere; mostly near the begin, where formats say what they are."""
    return draw(st.integers(0, min(64, length)) | st.integers(0, length))


def _places(value: list | dict) -> list[tuple[Any, Any]]:
    """Every place inside a value: what it is in, and its key there."""
    found = []
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        found.append((value, key))
        if isinstance(inner, dict | list):
            found += _places(inner)
    return found


def _named(inner: list) -> dict:
    return {"a": inner[0]}
