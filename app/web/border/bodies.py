"""Bodies are read whole before Gradio sees them: bounded, in JSON, of a shape that the page sends.

Parsers are quick with a large string and slow with a hundred thousand small things, so these are counted first: half a
millisecond for a megabyte.
"""

import asyncio
import contextlib
import json
import math
import re
import time
from collections.abc import Callable
from typing import Any

from starlette.types import Message, Receive

from app.engine.busy import Busy
from app.engine.turns import FairGate
from app.web.border.refusal import UNREADABLE, Refusal

MARKS = b"[]{},:"
MAX_MARKS = 3_000  # a batch of 32 photos has some 300
MAX_DEPTH = 24
MAX_DIGITS = 17  # of a whole number; JavaScript counts to 16
BODY_S = 60.0  # seconds for a body to arrive
LARGE = 500_000  # bytes; a painting has less, and it takes a few milliseconds to look at
RESTS = 8  # times as long as it took to look at a large body: Gradio takes two or three times as long again
MAX_DRAIN = 8_000_000  # bytes of a refused body that are read
DRAIN_S = 2.0  # seconds for that

NOT_JSON = "Send JSON here."
SLOW = "This took too long to arrive. Try again on a better connection."
NO_ADDRESS = "Onestroke fetches nothing from the network. Send the file itself, uploaded or as a data URL."

NO_MARKS = bytes(sorted(set(range(256)) - set(MARKS)))
ADDRESS = re.compile(r"\s*[a-zA-Z][a-zA-Z0-9+.-]*://")


def too_large(limit: int) -> Refusal:
    """The refusal of a body of more than `limit` bytes."""
    return Refusal(413, f"This is larger than {limit / 1e6:g} MB. A smaller picture works.")


def check_length(headers: dict[bytes, bytes], limit: int) -> None:
    """Raises Refusal if the length that is stated is above `limit` bytes, or no number."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 12 or int(length) > limit:
        raise too_large(limit)


async def read_body(headers: dict[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """The whole body. Raises Refusal if it has more than `limit` bytes, stated or not, or takes too long."""
    check_length(headers, limit)
    try:
        async with asyncio.timeout(BODY_S):
            return await _parts(receive, limit)
    except TimeoutError as error:
        raise Refusal(408, SLOW) from error


async def _parts(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refusal(400, UNREADABLE)  # the client has gone; nobody reads this
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise too_large(limit)
        if not message.get("more_body"):
            return b"".join(parts)


class Incoming:
    """A `receive` that knows whether the whole body has come. `charge` is called with the size of each part."""

    def __init__(self, receive: Receive, charge: Callable[[int], None] = lambda size: None):
        self.receive, self.whole, self.charge = receive, False, charge

    async def __call__(self) -> Message:
        message = await self.receive()
        self.whole = self.whole or not message.get("more_body")
        self.charge(len(message.get("body", b"")))
        return message

    async def drain(self) -> None:
        """Read the rest if it is not much and comes at once: who is still sending does not read an answer."""
        if not self.whole:
            with contextlib.suppress(TimeoutError, Refusal):
                async with asyncio.timeout(DRAIN_S):
                    await _parts(self, MAX_DRAIN)


def read_json(headers: dict[bytes, bytes], body: bytes) -> Any:
    """The value of a body; None for an empty one.

    Raises Refusal unless it is JSON of few parts and few levels, and no file in it is an address to fetch.
    """
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if kind != b"application/json":
        raise Refusal(415, NOT_JSON)
    if not body:
        return None
    _check_shape(body)
    try:
        value = json.loads(body, parse_constant=_no_constant, parse_int=_whole, parse_float=_finite)
        _check_value(value)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, UNREADABLE) from error
    return value


class LargeBodies:
    """Looks at large bodies one after the other, with rests between them; addresses take turns.

    Each holds up the event loop while it is looked at, and again while Gradio reads it. The answer to another takes
    dozens of rounds of that loop, so dozens of large bodies in a row would hold it up for seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic):
        self._gate, self._clock, self._rested = FairGate(), clock, 0.0

    async def read_json(self, address: str, headers: dict[bytes, bytes], body: bytes) -> Any:
        """As `read_json`. Raises Refusal (503) besides if too many large bodies wait already."""
        if len(body) <= LARGE:
            return read_json(headers, body)
        try:
            turn = await self._gate.enter(object(), address=address)
        except Busy as busy:
            raise Refusal(503, str(busy), 1) from busy
        assert turn is not None, "no other caller can have this key in the line"
        began = self._clock()
        try:
            await asyncio.sleep(max(self._rested - began, 0))
            began = self._clock()
            return read_json(headers, body)
        finally:
            took = self._clock() - began
            self._rested = self._clock() + RESTS * took
            self._gate.leave(turn, took)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that delivers the body in one message, and then what comes from the client: that it has gone."""
    delivered = False

    async def once() -> Message:
        nonlocal delivered
        if delivered:
            return await receive()
        delivered = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def _check_shape(body: bytes) -> None:
    marks = body.translate(None, NO_MARKS)
    if len(marks) > MAX_MARKS:
        raise Refusal(413, UNREADABLE)
    depth = 0
    for mark in marks:
        depth += (mark in b"[{") - (mark in b"]}")
        if depth > MAX_DEPTH:
            raise Refusal(400, UNREADABLE)


def _check_value(value: Any) -> None:
    """Text that can be written as UTF-8, and no file that is an address: Gradio would fetch it."""
    if isinstance(value, str):
        value.encode()  # UnicodeEncodeError, a ValueError, for half a surrogate pair
    elif isinstance(value, list):
        for each in value:
            _check_value(each)
    elif isinstance(value, dict):
        if isinstance(value.get("path"), str) and ADDRESS.match(value["path"]):
            raise Refusal(400, NO_ADDRESS)
        for key, each in value.items():
            _check_value(key)
            _check_value(each)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number in JSON.")


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("This number is too long.")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("This number is too large.")
    return value
