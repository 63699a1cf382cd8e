"""The shape of bodies: whatever is JSON and passes is read by Python's parser, whatever else is a Refusal."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.border.bodies import LARGE, MAX_DEPTH, MAX_MARKS, LargeBodies, check_json, read_body, replay
from app.web.border.refusal import Refusal

JSON = {b"content-type": b"application/json; charset=utf-8"}

texts = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_a_page_can_send_passes(value):
    if isinstance(value, dict) and "path" in value:
        return
    check_json(JSON, json.dumps(value).encode())


@given(st.binary(max_size=200) | st.text('[]{}:,"\\u0d8e1-+.Nafinty ', max_size=200).map(str.encode))
def test_whatever_arrives_is_passed_or_refused(body):
    try:
        check_json(JSON, body)
    except Refusal as refusal:
        assert refusal.status in (400, 413, 415) and str(refusal)
    else:
        assert not body or json.loads(body) is not ...


def test_the_numbers_of_parts_and_of_levels_are_bounded():
    check_json(JSON, b"[" + b"0," * (MAX_MARKS - 2) + b"0]")
    check_json(JSON, b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    for body in (b"[" + b"0," * MAX_MARKS + b"0]", b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)):
        with pytest.raises(Refusal):
            check_json(JSON, body)


def arriving(*parts: bytes, gone: bool = False):
    """A `receive` that delivers these parts."""
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if not gone:
        messages[-1]["more_body"] = False
    messages.append({"type": "http.disconnect"})

    async def receive():
        return messages.pop(0)

    return receive


async def replayed(receive) -> list[dict]:
    return [await receive(), await receive()]


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=5))
def test_a_body_is_read_whole_and_delivered_again(parts):
    receive = arriving(*parts)
    body = asyncio.run(read_body({}, receive, 100))
    assert body == b"".join(parts)
    first, then = asyncio.run(replayed(replay(body, receive)))
    assert first == {"type": "http.request", "body": body, "more_body": False} and then["type"] == "http.disconnect"


@pytest.mark.parametrize(
    "headers, parts, status",
    [
        ({b"content-length": b"101"}, [b""], 413),
        ({b"content-length": b"-1"}, [b""], 413),
        ({}, [b"x" * 60, b"x" * 60], 413),
        ({b"content-length": b"5"}, [b"x" * 101], 413),
    ],
)
def test_a_body_above_the_limit_is_refused(headers, parts, status):
    with pytest.raises(Refusal) as refused:
        asyncio.run(read_body(headers, arriving(*parts), 100))
    assert refused.value.status == status


def test_a_client_that_goes_away_in_the_middle_is_refused():
    with pytest.raises(Refusal):
        asyncio.run(read_body({}, arriving(b"half", gone=True), 100))


def test_a_body_that_does_not_come_is_refused(monkeypatch):
    monkeypatch.setattr("app.web.border.bodies.BODY_S", 0.01)

    async def never():
        await asyncio.Event().wait()

    with pytest.raises(Refusal) as refused:
        asyncio.run(read_body({}, never, 100))
    assert refused.value.status == 408


def test_between_two_large_bodies_others_have_their_turn():
    """Without a pause a small body that comes behind eight large ones is looked at last."""
    seen: list[str] = []

    async def look(bodies: LargeBodies, name: str, body: bytes) -> None:
        await bodies.check_json(JSON, body)
        seen.append(name)

    async def all_at_once() -> None:
        bodies = LargeBodies()
        large = [look(bodies, "large", b'"' + b"x" * LARGE + b'"') for _ in range(8)]
        await asyncio.gather(*large, look(bodies, "small", b"{}"))

    asyncio.run(all_at_once())
    assert seen.index("small") == 0 and seen.count("large") == 8


def test_large_bodies_are_looked_at_whatever_the_one_before_was():
    async def refused_and_read() -> None:
        bodies = LargeBodies()
        bad, good = b'"' + b"x" * LARGE, b'"' + b"x" * LARGE + b'"'
        looks = [bodies.check_json(JSON, body) for body in (bad, good, bad)]
        ends = await asyncio.gather(*looks, return_exceptions=True)
        assert [type(end) for end in ends] == [Refusal, type(None), Refusal]

    asyncio.run(refused_and_read())
