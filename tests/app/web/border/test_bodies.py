"""The shape of bodies: whatever is JSON and passes is read by Python's parser, whatever else is a Refusal."""

import asyncio
import itertools
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.border.bodies import LARGE, MAX_DEPTH, MAX_MARKS, LargeBodies, read_body, read_json, replay
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
    assert read_json(JSON, json.dumps(value).encode()) == value


@given(st.binary(max_size=200) | st.text('[]{}:,"\\u0d8e1-+.Nafinty ', max_size=200).map(str.encode))
def test_whatever_arrives_is_passed_or_refused(body):
    try:
        read_json(JSON, body)
    except Refusal as refusal:
        assert refusal.status in (400, 413, 415) and str(refusal)
    else:
        assert not body or json.loads(body) is not ...


def test_the_numbers_of_parts_and_of_levels_are_bounded():
    read_json(JSON, b"[" + b"0," * (MAX_MARKS - 2) + b"0]")
    read_json(JSON, b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    for body in (b"[" + b"0," * MAX_MARKS + b"0]", b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)):
        with pytest.raises(Refusal):
            read_json(JSON, body)


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


LARGE_BODY = b'"' + b"x" * LARGE + b'"'


def looked_at(*bodies: tuple[str, bytes], clock=time.monotonic) -> tuple[list[int], list]:
    """The order in which bodies of addresses, which come in one moment, were done with, and their errors."""
    done: list[int] = []

    async def look(large: LargeBodies, number: int, address: str, body: bytes) -> None:
        try:
            await large.read_json(address, JSON, body)
        finally:
            done.append(number)

    async def all_at_once() -> list:
        large = LargeBodies(clock=clock)
        looks = (look(large, number, *each) for number, each in enumerate(bodies))
        return await asyncio.gather(*looks, return_exceptions=True)

    errors = asyncio.run(all_at_once())
    return done, errors


def test_a_small_body_waits_for_no_large_one():
    done, errors = looked_at(*[("a", LARGE_BODY)] * 6, ("b", b"{}"))
    assert done.index(6) <= 1 and not any(errors)


def test_a_large_body_waits_for_one_of_somebody_else_and_not_for_all():
    done, errors = looked_at(*[("a", LARGE_BODY)] * 6, ("b", LARGE_BODY))
    assert done.index(6) <= 2 and not any(errors)


def test_large_bodies_are_looked_at_whatever_came_of_the_one_before():
    _, errors = looked_at(("a", LARGE_BODY[:-1]), ("a", LARGE_BODY), ("a", LARGE_BODY[:-1]))
    assert [type(error) for error in errors] == [Refusal, type(None), Refusal]


def test_between_two_large_bodies_the_event_loop_rests(monkeypatch):
    """By a clock on which every look takes ten milliseconds."""
    ticks, rests, sleep = itertools.count(), [], asyncio.sleep

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        await sleep(0)

    monkeypatch.setattr("app.web.border.bodies.asyncio.sleep", rest)
    looked_at(*[("a", LARGE_BODY)] * 3, clock=lambda: 0.01 * next(ticks))
    assert rests[0] == 0 and all(seconds > 0.05 for seconds in rests[1:]) and len(rests) == 3


def test_large_bodies_that_do_not_find_room_are_told():
    _, errors = looked_at(*[("a", LARGE_BODY[:-1])] * 70)
    told = [error for error in errors if error.status == 503]
    assert told and all(error.retry_s == 1 for error in told)
