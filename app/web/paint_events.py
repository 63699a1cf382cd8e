"""The functions that the page's events call: plain values in, plain dicts out, for the result component.

None of them raises: an event that raises is one whose picture never comes, so errors are answers too.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import core
from app.edits.data_url import painting_bytes, picture_bytes, to_data_url
from app.edits.material import Material
from app.edits.paint import PaintRequest
from app.edits.requests import edit_request
from app.engine.engine import Answer, Engine
from app.engine.jobs import Ticket
from app.store.results import routes
from app.web.answers import sentence, told, told_error, told_picture
from app.web.edit_events import EditEvents
from app.web.tickets import edit_ticket, read_ticket
from core.errors import OnestrokeError

PHOTO_SIDE = 256  # pixels of the strokes that a photo becomes: the page's paper
MAX_PHOTO_PIXELS = 40_000_000


class Events:
    """The page's side of an engine."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.edits = EditEvents(engine)
        self.edit, self.batch, self.open_photo = self.edits.edit, self.edits.batch, self.edits.open_photo
        self.routes = routes(self.edits.results)

    async def live(self, painting: Any, look: Any, steps: Any, strength: Any, seed: Any) -> dict:
        """The picture after one evaluation, whatever the steps say. One answer, also for a replaced request.

        While the model loads that answer is "queue" with place 0, and the page asks again.
        """
        async with aclosing(self._answers("live", painting, look, steps, strength, seed)) as answers:
            async for answer in answers:
                if answer["state"] == "queue" and not answer["place"]:
                    break
        return answer

    async def refine(self, painting: Any, look: Any, steps: Any, strength: Any, seed: Any) -> AsyncIterator[dict]:
        """The picture after each of `steps` evaluations."""
        async for answer in self._answers("refine", painting, look, steps, strength, seed):
            yield answer

    async def variations(self, painting: Any, look: Any, steps: Any, strength: Any, seed: Any) -> AsyncIterator[dict]:
        """Four pictures of the seeds that follow, after each of `steps` evaluations."""
        async for answer in self._answers("variations", painting, look, steps, strength, seed):
            yield answer

    async def newest(self, message: Any) -> None:
        """The page is at this seq: what is older need not be finished."""
        _note(self.engine.visits.note_newest, message)

    async def cancel(self, message: Any) -> None:
        """Stop what is being made for this seq, and before it."""
        _note(self.engine.visits.cancel, message)

    async def place(self, message: Any) -> dict:
        """Where the visitor's picture stands in the line: {"place": 2} behind whoever is served, 0 when in no line.

        A live picture has one answer only, so the page asks while it waits.
        """
        try:
            return {"place": self.engine.gate.queue_position(edit_ticket(message).queue_key)}
        except OnestrokeError:
            return {"place": 0}

    async def photo_strokes(self, message: Any) -> dict:
        """{"image": data URL of a photo} to {"image": PNG data URL of it as 256x256 strokes} or {"error"}."""
        try:
            url = message.get("image") if isinstance(message, dict) else None
            return {"image": await self.engine.on_model_thread(photo_to_strokes, picture_bytes(url))}
        except Exception as error:
            return {"error": sentence(error)}

    async def _answers(self, kind: str, painting: Any, *settings: Any) -> AsyncGenerator[dict, None]:
        try:
            ticket = read_ticket(painting, "variations" if kind == "variations" else "picture")
            request = self._request(kind, painting.get("image"), *settings)
            async for answer in self.engine.run(request, ticket):
                yield _told(answer, ticket.seq, kind, request)
        except Exception as error:
            yield told_error(painting, kind, error)

    def _request(self, kind: str, image: Any, look: Any, steps: Any, strength: Any, seed: Any) -> PaintRequest:
        settings = {"look": look, "steps": steps, "seed": seed, "schedule": None}
        material = Material(layer=painting_bytes(image))
        request = edit_request(
            "paint", material, settings=settings, extra={"strength": strength}, card=self.engine.card
        )
        assert isinstance(request, PaintRequest)
        if kind == "live":
            return request.quick()
        return request.variations() if kind == "variations" else request


def photo_to_strokes(data: bytes) -> str:
    """A photo file as strokes, the central square of it, as a PNG data URL. Raises PictureError."""
    photo = core.to_model(core.read_image(data, max_pixels=MAX_PHOTO_PIXELS), resolution=PHOTO_SIDE)
    strokes = core.strokes_from_photo(core.to_uint8(photo)[0])
    return to_data_url(core.png_bytes(strokes), "png")


def _note(table: Callable[[Ticket], None], message: Any) -> None:
    try:
        ticket = edit_ticket(message)
    except OnestrokeError:
        return  # anybody may send anything here, and there is nobody to tell
    table(ticket)


def _told(answer: Answer, seq: int, kind: str, request: PaintRequest) -> dict:
    words = told(answer, seq, kind, request.seeds[0])
    if answer.state == "queue":
        return words
    if kind == "variations":
        return words | {"pictures": [told_picture(picture) for picture in answer.pictures]}
    return words | (told_picture(answer.pictures[0]) if answer.pictures else {})
