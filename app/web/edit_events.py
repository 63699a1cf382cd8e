"""What the page's edit tabs call: photos in, previews and finished pictures out. None of it raises."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from app.edits.base import FINAL_SIDE, PREVIEW_SIDE, Edit
from app.edits.data_url import layer_bytes, picture_bytes, to_data_url
from app.edits.group import BatchRequest, fits_batch
from app.edits.inputs import read_number, read_photo
from app.edits.material import Material
from app.edits.previews import fitted, preview_jpeg
from app.edits.requests import edit_request
from app.edits.results import Finished, Result
from app.edits.squares import read_square
from app.engine.engine import Answer, Engine
from app.engine.jobs import Job, Ticket
from app.store.photos import GONE, Photo, PhotoStore, is_grey, view_url
from app.store.results import ROUTE, ResultStore, StoredResult, file_name
from app.store.uploads import Uploads, upload_folder
from app.web.answers import sentence, told, told_error, told_picture
from app.web.batch import NOTHING_DONE, Batch, read_names
from app.web.tickets import edit_ticket, read_ticket, task_of
from core.compose import Square, view
from core.errors import PictureError
from core.images import to_uint8

PNG_PIXELS = 1_000_000  # a finished picture up to this comes with its answer, larger ones by download alone
BATCH_PNG_PIXELS = 100_000  # the same for each picture of a batch: there are several in one answer
PAGE_UNITS = 256  # in which the page measures a square's side
HEAVY_THREADS = 2  # that decode, compose and compress at a time, beside the model's


class EditEvents:
    """The page's side of an engine, for edits: the photos and the results that it keeps a while."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.photos, self.results = PhotoStore(), ResultStore()
        self.uploads = Uploads(upload_folder())
        self._heavy = ThreadPoolExecutor(HEAVY_THREADS, thread_name_prefix="pictures")

    async def open_photo(self, message: Any) -> dict:
        """A photo by its upload's path, as a small data URL or from a result's id: its id, size and a view of it."""
        try:
            visitor = read_ticket({"seq": 0, **message} if isinstance(message, dict) else message).visitor
            opened = await self._aside(self._open, visitor, message)
            return opened | ({"name": message["name"]} if isinstance(message.get("name"), str) else {})
        except Exception as error:
            return {"error": sentence(error)}

    async def edit(
        self, value: Any, look: Any = None, steps: Any = 4, seed: Any = 0, schedule: Any = None, extra: Any = None
    ) -> AsyncIterator[dict]:
        """An answer after each evaluation; the one with "done" tells where the finished picture is."""
        try:
            ticket = edit_ticket(value)
            settings = {"look": look, "steps": steps, "seed": seed, "schedule": schedule}
            request = await self._aside(self._request, ticket, value, settings, extra)
            async for answer in self.engine.run(request, ticket):
                yield await self._told(answer, ticket.seq, request, value.get("name"))
        except Exception as error:
            yield told_error(value, "edit", error) | ({"gone": True} if _is_gone(error) else {})

    async def batch(
        self, value: Any, look: Any = None, steps: Any = 4, seed: Any = 0, schedule: Any = None, extra: Any = None
    ) -> AsyncIterator[dict]:
        """The same edit of several photos, as many at a time as fit: answers as they come, in the end a zip file.

        What cannot be done with one of them is told at the end and does not stop the others. Finished pictures are told
        twice, with the next answer again: of two answers in one moment a page sees the second alone.
        """
        recent: list[dict] = []
        settings = {"look": look, "steps": steps, "seed": seed, "schedule": schedule}
        try:
            ticket = edit_ticket(value)
            names = read_names(value)
            series = Batch(self.results.new_file(".zip"), names, task_of(value))
            with self.engine.visits.job(ticket) as job:
                async for numbers, together in self._gathered(series, ticket, job, value, settings, extra):
                    async for answer in self._edited(series, ticket, numbers, together):
                        new = answer.pop("pictures", [])
                        yield answer | {"pictures": recent + new}
                        recent = new
                yield await self._aside(self._zipped, series, ticket, job) | {"pictures": recent}
        except Exception as error:
            yield told_error(value, "batch", error)

    async def _gathered(
        self, series: Batch, ticket: Ticket, job: Job, value: dict, settings: dict, extra: Any
    ) -> AsyncIterator[tuple[list[int], BatchRequest]]:
        """Batches of neighbours that can share one, with their numbers; each photo is decoded when it is due."""
        numbers: list[int] = []
        wishes: list[Edit] = []
        for number, photo in enumerate(value["photos"]):
            try:
                one = {**value, "photo": photo, "square": None}
                request = await self._aside(self._request, ticket, one, settings, extra)
            except Exception as error:
                series.failed([number], sentence(error))
                continue
            if not fits_batch(wishes, request):
                yield numbers, BatchRequest(tuple(wishes))
                numbers, wishes = [], []
            if job.ended.done():
                return
            numbers.append(number)
            wishes.append(request)
        if wishes:
            yield numbers, BatchRequest(tuple(wishes))

    async def _edited(
        self, series: Batch, ticket: Ticket, numbers: list[int], together: BatchRequest
    ) -> AsyncIterator[dict]:
        place = {"first": numbers[0] + 1, "file": numbers[-1] + 1, "files": len(series.names)}
        try:
            async for answer in self.engine.run(together, ticket):
                if answer.state not in ("done", "step", "queue"):
                    return
                words = told(answer, ticket.seq, "batch", together.seeds[0]) | place
                if answer.state == "done":
                    assert answer.finish is not None
                    finished = await self._aside(answer.finish)
                    words["pictures"] = await self._aside(self._added, series, numbers, finished)
                yield words | {"state": "queue" if answer.state == "queue" else "step"}
        except Exception as error:
            series.failed(numbers, sentence(error))

    def _added(self, series: Batch, numbers: list[int], finished: Finished) -> list[dict]:
        """Finished pictures in the zip file, and what the page is told of each."""
        pictures = []
        for number, result in zip(numbers, finished.results, strict=True):
            data = result.png()
            name = series.add(number, data)
            rows, columns = result.pixels.shape[:2]
            kept = self.results.keep(StoredResult(name, file=series.file, member=name))
            final = {"result": kept, "url": f"{ROUTE}/{kept}", "width": columns, "height": rows, "name": name}
            shown = preview_jpeg(fitted(result.pixels, PREVIEW_SIDE))
            words = {"index": number, "seed": result.seed, "src": to_data_url(shown, "jpeg"), "final": final}
            small = rows * columns <= BATCH_PNG_PIXELS
            pictures.append(words | ({"png": to_data_url(data, "png")} if small else {}))
        return pictures

    def _zipped(self, series: Batch, ticket: Ticket, job: Job) -> dict:
        """The last answer of a batch: what was finished is kept, also of one that was stopped."""
        ended = job.ended.result() if job.ended.done() else "done"
        words = {"seq": ticket.seq, "kind": "batch", "state": ended, "errors": series.errors}
        words |= {"file": len(series.names), "files": len(series.names)}
        if ended == "busy" or not series.written:
            series.file.unlink(missing_ok=True)
            return words if ended != "done" else words | {"state": "error", "error": NOTHING_DONE}
        name = f"onestroke-{series.task}.zip"
        kept = self.results.keep(StoredResult(name, file=series.file))
        final = {"result": kept, "url": f"{ROUTE}/{kept}", "files": len(series.written), "name": name}
        return words | {"final": final}

    async def _aside(self, work: Callable, *arguments: Any) -> Any:
        """Work on pictures that needs no model, on one of a few threads."""
        return await asyncio.get_running_loop().run_in_executor(self._heavy, work, *arguments)

    def _open(self, visitor: str, message: dict) -> dict:
        photo = self._incoming(visitor, message)
        pixels = photo.decoded()
        height, width = pixels.shape[:2]
        about = {"width": width, "height": height, "view": view_url(pixels), "grey": is_grey(pixels)}
        return {"photo": self.photos.keep(photo), **about}

    def _incoming(self, visitor: str, message: dict) -> Photo:
        if message.get("result") is not None:
            return Photo(visitor, pixels=self.results.find(message["result"]).pixels())
        if message.get("image") is not None:
            data = picture_bytes(message["image"])
        else:
            data = self.uploads.take(message.get("path"))
        return Photo(visitor, data=data) if message.get("batch") is True else Photo(visitor, pixels=read_photo(data))

    def _request(self, ticket: Ticket, value: dict, settings: dict, extra: Any) -> Edit:
        photo = value.get("photo")
        pixels = None if photo is None else self.photos.find(photo, read_ticket(value).visitor).decoded()
        material, task = material_of(value, pixels), task_of(value)
        if task == "inpaint" and pixels is not None:
            extra = in_pixels(extra, material.square, pixels)
        return edit_request(task, material, settings=settings, extra=extra, card=self.engine.card)

    async def _told(self, answer: Answer, seq: int, request: Edit, name: Any) -> dict:
        words = told(answer, seq, "edit", request.seeds[0])
        if answer.square is not None:
            words["square"] = list(answer.square)
        words |= request.facts
        if answer.finish is not None and answer.state == "done":
            finished = await self._aside(answer.finish)
            return words | await self._aside(self._final, finished, answer, request, name)
        if len(answer.pictures) > 1 or request.many:
            return words | {"pictures": [told_picture(picture) for picture in answer.pictures]}
        return words | (told_picture(answer.pictures[0]) if answer.pictures else {})

    def _final(self, finished: Finished, answer: Answer, request: Edit, name: Any) -> dict:
        """The finished picture: kept for the download, and shown."""
        facts = {
            key: to_data_url(value, "png") if isinstance(value, bytes) else value
            for key, value in finished.facts.items()
        }
        if request.many:
            pictures = [told_picture(picture) for picture in answer.pictures]
            moving = {"animation": to_data_url(finished.animation, "webp")} if finished.animation else {}
            return {"pictures": pictures, **moving, **facts}
        (result,) = finished.results
        rows, columns = result.pixels.shape[:2]
        kept = self.results.keep(StoredResult(file_name(name, request.task), result))
        final = {"result": kept, "url": f"{ROUTE}/{kept}", "width": columns, "height": rows}
        final["name"] = file_name(name, request.task)
        words = {"src": to_data_url(_shown(result, answer), "jpeg"), "final": final, **facts}
        if rows * columns <= PNG_PIXELS:
            words["png"] = to_data_url(result.png(), "png")
        return words


def in_pixels(extra: Any, square: Any, pixels: np.ndarray) -> dict:
    """The page's widths, told in 256ths of the square's side, as pixels of the photo. Raises RequestError."""
    placed = read_square(square)
    side = placed.side if placed else min(pixels.shape[:2])
    extra = dict(extra) if isinstance(extra, dict) else {}
    for name, low in (("grow", -PAGE_UNITS), ("feather", 0)):
        if extra.get(name) is not None:
            extra[name] = round(read_number(extra[name], name.capitalize(), low, PAGE_UNITS) * side / PAGE_UNITS)
    return extra


def material_of(value: dict, photo: np.ndarray | None) -> Material:
    """What came with a canvas' value, its sizes known to be harmless. Raises PictureError."""
    mask, layer = (None if value.get(key) is None else layer_bytes(value[key]) for key in ("mask", "image"))
    ends = value.get("ends")
    ends = ends if isinstance(ends, list) and len(ends) == 2 else (None, None)
    ends = tuple(None if end is None else picture_bytes(end) for end in ends)
    square, frame = value.get("square"), value.get("extend")
    return Material(photo=photo, mask=mask, layer=layer, square=square, frame=frame, ends=ends)


def _shown(result: Result, answer: Answer) -> bytes:
    """A JPEG of the finished picture, or of the square of it that was worked on, at most FINAL_SIDE pixels a side."""
    if answer.square is not None:
        square = Square(*answer.square)
        return preview_jpeg(to_uint8(view(result.pixels, square, min(square.side, FINAL_SIDE)))[0])
    return preview_jpeg(fitted(result.pixels, FINAL_SIDE))


def _is_gone(error: Exception) -> bool:
    return isinstance(error, PictureError) and str(error) == GONE
