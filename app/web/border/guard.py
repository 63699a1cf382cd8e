"""What stands in front of Gradio: every request passes here, in this order, or is refused with one sentence.

1. where it comes from (origins.py); 2. where to (entrances.py); 3. what its address may still ask (budgets.py);
4. what it brings (bodies.py); 5. what of the page it calls (calls.py). Errors of the application become sentences,
too: Gradio's own repeat what was sent.
"""

from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.border.bodies import Incoming, LargeBodies, check_length, read_body, replay
from app.web.border.budgets import Budgets, address_of
from app.web.border.calls import Calls
from app.web.border.entrances import Entrance, entrance_of
from app.web.border.limits import Limits
from app.web.border.listeners import Listeners
from app.web.border.origins import check_host, check_origin
from app.web.border.refusal import FAILED, UNREADABLE, Refusal
from app.web.border.shared_answers import SharedAnswers
from app.web.unexpected import report

REFUSED = Counter("onestroke_refused_requests", "Requests that went no further than the border", ["status"])
BAD_ANSWERS = {422: UNREADABLE, 500: FAILED}  # statuses whose bodies are Gradio's or FastAPI's own


class Guard:
    """ASGI application around another. `local`: whether it answers to this computer's own names alone."""

    def __init__(self, app: ASGIApp, calls: Calls, limits: Limits, listeners: Listeners, *, local: bool):
        self.app, self.calls, self.limits, self.listeners, self.local = app, calls, limits, listeners, local
        self.budgets = Budgets(limits)
        self.shared, self.large = SharedAnswers(app), LargeBodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # a WebSocket: there are none here
            await send({"type": "websocket.close", "code": 1008})
            return
        answer, incoming = _Answer(send), Incoming(receive)
        try:
            await self._pass(scope, incoming, answer)
        except Refusal as refusal:
            REFUSED.labels(str(refusal.status)).inc()
            if not answer.started:
                await incoming.drain()
                await refusal.response(scope, receive, send)
        except Exception as error:
            report(error)
            if not answer.started:
                await Refusal(500, FAILED).response(scope, receive, send)

    async def _pass(self, scope: Scope, incoming: Incoming, send: Send) -> None:
        headers = dict(scope["headers"])
        if self.local:
            check_host(headers)
        check_origin(headers)
        entrance = entrance_of(scope["method"], scope["path"])
        address = address_of(scope["client"])
        with self.budgets.request(address, entrance.cost) as account:
            incoming.charge = account.charge
            if entrance.cached:
                await self.shared.answer(scope, incoming, send)
                return
            receive = await self._checked(address, entrance, scope, headers, incoming)
            with self.listeners.stream(scope["path"], scope["query_string"]):
                await self.app(scope, receive, send)

    async def _checked(
        self, address: str, entrance: Entrance, scope: Scope, headers: dict[bytes, bytes], receive: Receive
    ) -> Receive:
        """What delivers the body, read and checked if it is JSON. An upload is counted as it arrives (uploading.py)."""
        if scope["method"] in ("GET", "HEAD", "DELETE"):
            return receive
        if entrance.kind == "upload":
            check_length(headers, entrance.max_body)
            return receive
        body = await read_body(headers, receive, entrance.max_body)
        self.calls.check(scope["path"], await self.large.read_json(address, headers, body))
        return replay(body, receive)


class _Answer:
    """A `send` that notes whether the answer has begun, and replaces the bodies of bad answers by a sentence."""

    def __init__(self, send: Send):
        self.send = send
        self.started = self.replaced = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            if message["status"] in BAD_ANSWERS:
                self.replaced = True
                await self._sentence(message["status"])
                return
            message = {**message, "headers": [*message["headers"], (b"x-content-type-options", b"nosniff")]}
        if not self.replaced:
            await self.send(message)

    async def _sentence(self, status: int) -> None:
        response = Refusal(status, BAD_ANSWERS[status]).response
        await self.send({"type": "http.response.start", "status": status, "headers": response.raw_headers})
        await self.send({"type": "http.response.body", "body": response.body})
