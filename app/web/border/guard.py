"""What stands in front of Gradio: every request passes here, in this order, or is refused with one sentence.

1. what its address may still ask (budgets.py); 2. where it comes from (origins.py); 3. where to (entrances.py);
4. what it brings (bodies.py); 5. what of the page it calls (calls.py). Errors of the application become sentences,
too: Gradio's own repeat what was sent. All that it takes of the event loop is charged to its address (processor.py).
"""

import asyncio

from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.border.bodies import Incoming, LargeBodies, check_length, read_body, replay
from app.web.border.budgets import ACCOUNT, Account, Budgets, address_of
from app.web.border.calls import Calls
from app.web.border.entrances import Entrance, entrance_of
from app.web.border.listeners import Listeners
from app.web.border.origins import check_host, check_origin
from app.web.border.processor import metered
from app.web.border.refusal import FAILED, UNREADABLE, Refusal
from app.web.border.shared_answers import SharedAnswers
from app.web.unexpected import report, report_of_loop

REFUSED = Counter("onestroke_refused_requests", "Requests that went no further than the border", ["status"])
TURNED_AWAY = {"type": "http.response.start", "status": 429, "headers": [(b"connection", b"close")]}
BAD_ANSWERS = {422: UNREADABLE, 500: FAILED}  # statuses whose bodies are Gradio's or FastAPI's own


class Guard:
    """ASGI application around another. `local`: whether it answers to this computer's own names alone."""

    def __init__(self, app: ASGIApp, calls: Calls, budgets: Budgets, listeners: Listeners, *, local: bool):
        self.app, self.calls, self.budgets, self.listeners, self.local = app, calls, budgets, listeners, local
        self.shared, self.large = SharedAnswers(app), LargeBodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            asyncio.get_running_loop().set_exception_handler(report_of_loop)
            await self.app(scope, receive, send)
        elif scope["type"] != "http":  # a WebSocket: there are none here
            await send({"type": "websocket.close", "code": 1008})
        else:
            address = address_of(scope["client"])
            if self.budgets.turns_away(address):
                REFUSED.labels("429").inc()
                await send(TURNED_AWAY)
                await send({"type": "http.response.body"})
                return
            account = scope[ACCOUNT] = self.budgets.account(address)
            await metered(self._respond(scope, receive, send, address, account), account.use)

    async def _respond(self, scope: Scope, receive: Receive, send: Send, address: str, account: Account) -> None:
        answer, incoming = _Answer(send), Incoming(receive, account.charge_bytes)
        try:
            await self._pass(scope, incoming, answer, address, account)
        except Refusal as refusal:
            REFUSED.labels(str(refusal.status)).inc()
            if not answer.started:
                await incoming.drain()
                await refusal.response(scope, receive, send)
        except Exception as error:
            report(error)
            if not answer.started:
                await Refusal(500, FAILED).response(scope, receive, send)

    async def _pass(self, scope: Scope, incoming: Incoming, send: Send, address: str, account: Account) -> None:
        headers = dict(scope["headers"])
        with self.budgets.request(account):
            if self.local:
                check_host(headers)
            check_origin(headers)
            entrance = entrance_of(scope["method"], scope["path"])
            account.charge(entrance.cost - 1)
            body = await self._body(entrance, scope, headers, incoming)
            await self.budgets.processor_time(account)
            if entrance.cached:
                await self.shared.answer(scope, incoming, send)
                return
            if body is not None:
                self.calls.check(scope["path"], await self.large.read_json(address, headers, body))
            with self.listeners.stream(scope["path"], scope["query_string"]):
                await self.app(scope, incoming if body is None else replay(body, incoming), send)

    async def _body(
        self, entrance: Entrance, scope: Scope, headers: dict[bytes, bytes], receive: Receive
    ) -> bytes | None:
        """The body, if it has to be JSON; else None. An upload is counted as it arrives (uploading.py)."""
        if scope["method"] in ("GET", "HEAD", "DELETE"):
            return None
        if entrance.kind == "upload":
            check_length(headers, entrance.max_body)
            return None
        return await read_body(headers, receive, entrance.max_body)


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
