"""A limit on the size of requests: Gradio limits uploads, but it reads a JSON body of any size into memory."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 4_000_000  # bytes; the largest honest one is a painting of 0.4 MB


class BodyTooLarge(Exception):
    """A body grew past the limit while it was read."""


class BodyLimit:
    """ASGI middleware that answers 413 to bodies of more than `limit` bytes.

    A body whose header states its length is refused before it is read. Uploads pass: Gradio counts them while it
    writes them to disk, and `max_file_size` is their limit.
    """

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY):
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].endswith("/gradio_api/upload"):
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self.limit:
            await _refuse(scope, receive, send)
            return
        seen, answered = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                raise BodyTooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except BodyTooLarge:  # Gradio's routes that parse the body themselves; FastAPI's answer 400 on their own
            if not answered:
                await _refuse(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("This is larger than 4 MB. A smaller picture works.", 413)(scope, receive, send)
