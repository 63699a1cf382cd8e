"""The functions that the page's components call: plain values in, plain dicts out. None of them raises.

An event that raises is one whose picture never comes, so errors are answers too.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import Any

from app.edits.base import Edit
from app.edits.data_url import picture_bytes
from app.engine.busy import Busy
from app.engine.engine import Engine
from app.engine.jobs import Ticket
from app.store.photos import PhotoStore
from app.store.results import ResultStore, routes
from app.store.uploads import Uploads
from app.store.zips import Zips
from app.web.answers import answer_message, error_message, error_sentence, finished_message, pictures_message
from app.web.batch import read_batch
from app.web.batch_answers import BatchAnswers
from app.web.border.listeners import Listeners
from app.web.border.uploading import upload_routes
from app.web.callers import NOBODY, Caller
from app.web.health import health_routes
from app.web.made import made_routes
from app.web.model_desk import ModelDesk
from app.web.model_messages import pace_message
from app.web.opening import open_photo, square_of_photo, strokes_of_photo
from app.web.picture_pool import PicturePool
from app.web.tickets import read_ticket, read_visitor
from app.web.values import is_painting, kind_of, read_request
from core.card import ModelCard
from core.errors import OnestrokeError, RequestError
from core.pictures.limits import LOCAL, PictureLimits
from core.pictures.reader import IsolatedReader


class Events:
    """The page's side of an engine (a `PageEvents`), with the photos and results that it keeps for a while."""

    def __init__(
        self,
        engine: Engine,
        uploads: Uploads,
        *,
        zips: Zips | None = None,
        picture_limits: PictureLimits = LOCAL,
        metrics: bool = False,
        models: ModelDesk | None = None,
    ):
        """zips: the limits of zip files. picture_limits: of the files that are sent; PUBLIC where strangers send them.

        metrics: whether anybody may read figures of the program. models: of the engine; without it nobody changes them.
        """
        self.engine, self.uploads, self.pictures = engine, uploads, IsolatedReader(picture_limits)
        self.models = models or ModelDesk(engine)
        self.pool = PicturePool()
        self.photos, self.results = PhotoStore(), ResultStore(zips=zips)
        self.listeners = Listeners()
        own = [*made_routes(), *upload_routes(uploads), *health_routes(engine, metrics=metrics)]
        self.routes = [*routes(self.results), *own]

    def sweep(self) -> None:
        """Remove what was kept for half an hour. It is called now and then, so that this holds when nobody comes."""
        for store in (self.photos, self.results, self.uploads):
            store.sweep()

    async def answers(self, value: Any, caller: Caller = NOBODY) -> AsyncGenerator[dict, None]:
        """An answer after each evaluation to the value that a page sent (app/web/values.py)."""
        try:
            ticket, began = read_ticket(value, caller), self.listeners.clock()
            answer_to = self._batch if kind_of(value) == "batch" else self._edit
            async with aclosing(answer_to(value, ticket)) as messages:
                async for message in messages:
                    if self.listeners.are_gone(caller.session, began):
                        return
                    yield message
        except Exception as error:
            yield error_message(value, error)

    async def live(self, value: Any, caller: Caller = NOBODY) -> dict:
        """The last answer alone, for a live picture: it takes one plain request, without Gradio's queue.

        While the model loads that answer is "queue" with position 0, and the page asks again.
        """
        async with aclosing(self.answers(value, Caller(caller.address))) as answers:
            async for message in answers:
                if message["state"] == "queue" and not message["queue_position"]:
                    break
        return message

    async def newest(self, message: Any, caller: Caller = NOBODY) -> None:
        """The page has come to this seq: what is older need not be finished."""
        _note(self.engine.visits.note_newest, message)

    async def cancel(self, message: Any, caller: Caller = NOBODY) -> None:
        """Stop what is being made for this seq, and before it."""
        _note(self.engine.visits.cancel, message)

    async def queue_position(self, message: Any, caller: Caller = NOBODY) -> dict:
        """Where the visitor's request waits: {"queue_position": 2} behind whoever is served, 0 for who does not wait.

        A live picture has one answer only, so the page asks while it waits.
        """
        try:
            return {"queue_position": self.engine.gate.queue_position(read_ticket(message).queue_key)}
        except OnestrokeError:
            return {"queue_position": 0}

    async def open_photo(self, message: Any, caller: Caller = NOBODY) -> dict:
        """A photo by its upload's path, as a small data URL or from a result's id: its id, size and a view of it."""
        try:
            visitor = read_visitor(message)
            stores = self.photos, self.results, self.uploads
            return await self.pool.run(
                caller.address, open_photo, caller.address, visitor, message, *stores, self.pictures
            )
        except Exception as error:
            return {"error": error_sentence(error)}

    async def photo_strokes(self, message: Any, caller: Caller = NOBODY) -> dict:
        """{"image": data URL of a photo} to {"image": PNG data URL of it as 256x256 strokes} or {"error"}."""
        try:
            url = message.get("image") if isinstance(message, dict) else None
            square = await self.pool.run(caller.address, square_of_photo, picture_bytes(url), self.pictures)
            strokes = await self.engine.on_model_thread(strokes_of_photo, square, address=caller.address)
            return {"image": strokes}
        except Exception as error:
            return {"error": error_sentence(error)}

    async def _edit(self, value: dict, ticket: Ticket) -> AsyncGenerator[dict, None]:
        used = self.engine.used
        try:
            request = await self._read(ticket.address, used.card, value)
        except Busy:
            raise
        except RequestError as error:  # the very same would be refused again
            yield error_message(value, error) | {"lasting": True}
            return
        async with aclosing(self.engine.run(request, ticket, used)) as answers:
            async for answer in answers:
                message = answer_message(answer, ticket.seq, value["kind"], request.seeds[0]) | request.facts
                if answer.state == "done" and not is_painting(value):
                    finish = partial(self.pool.run, ticket.address, finished_message)
                    done = await finish(answer, request, self.results, value.get("name"), ticket.address)
                    yield message | done | pace_message(used)
                else:
                    pace = pace_message(used) if answer.state == "done" else {}
                    yield message | pictures_message(answer, request) | pace

    async def _batch(self, value: dict, ticket: Ticket) -> AsyncGenerator[dict, None]:
        batch = read_batch(value, self.results, ticket.address)
        used = self.engine.used
        in_pool, read = partial(self.pool.run, ticket.address), partial(self._read, ticket.address, used.card)
        run = BatchAnswers(self.engine, used, self.results, in_pool, read, ticket, batch)
        async with aclosing(run.answers(value)) as messages:
            async for message in messages:
                yield message

    async def _read(self, address: str, card: ModelCard, value: dict) -> Edit:
        """The request of a value. A painting never waits behind somebody's large photo: reading it decodes nothing."""
        if is_painting(value):
            return read_request(value, self.photos, card, self.pictures)
        return await self.pool.run(address, read_request, value, self.photos, card, self.pictures)


def _note(table: Callable[[Ticket], None], message: Any) -> None:
    with suppress(OnestrokeError):  # anybody may send anything here, and there is nobody to tell
        table(read_ticket(message))
