"""Answers that are the same for everybody and cost Gradio tens of milliseconds: made once, sent compressed."""

import asyncio
import gzip
from collections import OrderedDict
from dataclasses import dataclass, field

import brotli
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_ANSWERS = 24  # an answer for each name under which the server is reached, of some 0.9 MB
NAMING = (b"host", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix")  # headers on which links depend

Key = tuple[str, str, tuple[bytes, ...]]


@dataclass
class SharedAnswer:
    """A whole answer of status 200. `bodies`: by content encoding, the best first, the bare one last."""

    headers: list[tuple[bytes, bytes]]
    bodies: dict[bytes, bytes]


@dataclass
class SharedAnswers:
    """Answers by path and by the server's name in the request. What asked longest ago is forgotten."""

    app: ASGIApp
    stored: OrderedDict[Key, SharedAnswer] = field(default_factory=OrderedDict)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer to a GET or HEAD without a query. It is asked of the application the first time."""
        headers = dict(scope["headers"])
        key = scope["path"], scope["scheme"], tuple(headers.get(name, b"") for name in NAMING)
        found = self.stored.get(key) or await self._made(scope, receive, send)
        if found is not None:
            self.stored[key] = found
            self.stored.move_to_end(key)
            while len(self.stored) > MAX_ANSWERS:
                self.stored.popitem(last=False)
            await _send(found, send, headers.get(b"accept-encoding", b""), head=scope["method"] == "HEAD")

    async def _made(self, scope: Scope, receive: Receive, send: Send) -> SharedAnswer | None:
        """The application's answer; None if it is no 200, which has then been sent as it is."""
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        asked = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "method": "GET", "query_string": b"", "headers": asked}, receive, collect)
        start, *rest = messages
        if start["status"] != 200:
            for message in messages:
                await send(message)
            return None
        body = b"".join(message.get("body", b"") for message in rest)
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        return SharedAnswer(headers, await asyncio.to_thread(_encodings, body))


def _encodings(body: bytes) -> dict[bytes, bytes]:
    """Tenths of a second for a page: not for the event loop."""
    return {b"br": brotli.compress(body, mode=brotli.MODE_TEXT, quality=9), b"gzip": gzip.compress(body), b"": body}


async def _send(answer: SharedAnswer, send: Send, accepted: bytes, *, head: bool) -> None:
    encoding = next(encoding for encoding in answer.bodies if encoding in accepted)
    body = answer.bodies[encoding]
    headers = [*answer.headers, (b"content-length", str(len(body)).encode()), (b"vary", b"accept-encoding")]
    if encoding:
        headers.append((b"content-encoding", encoding))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
