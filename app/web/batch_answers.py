"""The answers to a batch: the same edit of several photos, as many at a time as can share evaluations of the model.

Errors with single photos are told at the end and do not stop the others.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.edits.base import PREVIEW_SIDE, Edit
from app.edits.data_url import to_data_url
from app.edits.group import BatchRequest, fits_batch
from app.edits.previews import fitted, preview_jpeg
from app.edits.results import Finished, Result
from app.engine.engine import Engine
from app.engine.jobs import Job, Ticket
from app.engine.used import Used
from app.store.results import ResultStore, StoredResult
from app.web.answers import answer_message, error_sentence, kept_message
from app.web.batch import NOTHING_DONE, Batch

PNG_PIXELS = 100_000  # a picture up to this size comes with its answer: there are several in one


@dataclass(eq=False)
class BatchAnswers:
    """One batch on its way through the engine. `read` makes the request of one photo's value on another thread."""

    engine: Engine
    used: Used  # all photos of a batch are edited with the model that it began with
    results: ResultStore
    in_pool: Callable[..., Awaitable[Any]]
    read: Callable[[dict], Awaitable[Edit]]
    ticket: Ticket
    batch: Batch
    recent: list[dict] = field(default_factory=list)  # pictures of the last answer
    kept: bool = False  # whether the zip file is in the store

    async def answers(self, value: dict) -> AsyncGenerator[dict, None]:
        """An answer after each evaluation; the last one tells where the zip file is.

        Every finished picture is told twice, with the next answer again: of two answers in one moment a page sees the
        second alone.
        """
        with self.engine.visits.job(self.ticket) as job, self._file_removed_unless_kept():
            async for numbers, together in self._groups(value, job):
                async for message in self._edited(numbers, together):
                    yield self._with_pictures(message)
            yield self._with_pictures(await self.in_pool(self._zipped, job))

    @contextmanager
    def _file_removed_unless_kept(self) -> Iterator[None]:
        """A batch whose page went away in the middle leaves no file behind."""
        try:
            yield
        finally:
            if not self.kept:
                self.results.drop_file(self.batch.file)

    def _with_pictures(self, message: dict) -> dict:
        new = message.pop("pictures", [])
        pictures, self.recent = self.recent + new, new
        return message | {"pictures": pictures}

    async def _groups(self, value: dict, job: Job) -> AsyncIterator[tuple[list[int], BatchRequest]]:
        """Neighbours that can share evaluations, with their numbers. Each photo is decoded when it is due."""
        numbers: list[int] = []
        requests: list[Edit] = []
        for number, photo in enumerate(value["photos"]):
            try:
                request = await self.read({**value, "photo": photo, "square": None})
            except Exception as error:
                self.batch.failed([number], error_sentence(error))
                continue
            if not fits_batch(requests, request):
                yield numbers, BatchRequest(tuple(requests))
                numbers, requests = [], []
            if job.ended.done():
                return
            numbers.append(number)
            requests.append(request)
        if requests:
            yield numbers, BatchRequest(tuple(requests))

    async def _edited(self, numbers: list[int], together: BatchRequest) -> AsyncIterator[dict]:
        """The answers to one group of photos; the last one has their pictures."""
        which = {"first": numbers[0] + 1, "file": numbers[-1] + 1, "files": len(self.batch.names)}
        try:
            async for answer in self.engine.run(together, self.ticket, self.used):
                if answer.state not in ("done", "step", "queue"):
                    return
                message = answer_message(answer, self.ticket.seq, "batch", together.seeds[0]) | which
                if answer.state == "done":
                    assert answer.finish is not None
                    message["pictures"] = await self.in_pool(self._kept, numbers, answer.finish)
                yield message | {"state": "queue" if answer.state == "queue" else "step"}
        except Exception as error:
            self.batch.failed(numbers, error_sentence(error))

    def _kept(self, numbers: list[int], finish: Callable[[], Finished]) -> list[dict]:
        """Put finished pictures into the zip file. Returns what the page is told of each."""
        return [self._picture(*pair) for pair in zip(numbers, finish().results, strict=True)]

    def _picture(self, number: int, result: Result) -> dict:
        data = result.png()
        name = self.batch.add(number, data)
        rows, columns = result.pixels.shape[:2]
        kept = self.results.keep(StoredResult(name, file=self.batch.file, member=name, owner=self.ticket.address))
        message = {
            "index": number,
            "seed": result.seed,
            "src": to_data_url(preview_jpeg(fitted(result.pixels, PREVIEW_SIDE)), "jpeg"),
            "final": kept_message(kept, name, width=columns, height=rows),
        }
        return message | ({"png": to_data_url(data, "png")} if rows * columns <= PNG_PIXELS else {})

    def _zipped(self, job: Job) -> dict:
        """The last answer. What was finished is kept, also of a batch that was stopped."""
        batch, files = self.batch, len(self.batch.names)
        ended = job.ended.result() if job.ended.done() else "done"
        message = {"seq": self.ticket.seq, "kind": "batch", "state": ended, "errors": batch.errors}
        message |= {"file": files, "files": files}
        if ended == "busy" or not batch.written:
            return message if ended != "done" else message | {"state": "error", "error": NOTHING_DONE}
        name = f"onestroke-{batch.task}.zip"
        kept = self.results.keep(StoredResult(name, file=batch.file, owner=self.ticket.address))
        self.kept = True
        return message | {"final": kept_message(kept, name, files=len(batch.written))}
