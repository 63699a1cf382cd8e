"""Runs requests on the model: loading, turns, cancelling, and an answer after each evaluation.

One thread does all work on the model. Requests come from one event loop. A request takes a turn for every single
evaluation (app/engine/turns.py). Between two evaluations it ends as soon as it was cancelled or a newer request of the
same visitor has replaced it (app/engine/jobs.py).
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

from app.edits.base import Edit
from app.edits.group import BatchRequest
from app.edits.requests import evaluations_of
from app.edits.results import Evaluation, Finished, Picture
from app.engine.jobs import Ending, Job, Ticket, Visits
from app.engine.turns import FairGate
from core.card import ModelCard
from core.errors import RequestError
from core.models import Model

LOADING = "The model is loading, about 5 seconds. You can paint already."
LOADING_PATIENCE_S = 15.0  # seconds that a request waits for the model; the page gives up after 20
QUEUE_NEWS_S = 1.0  # seconds between two "queue" answers of a waiting request

M = TypeVar("M", bound=Model)
State = Literal["queue", "step", "done", "stopped", "busy"]


@dataclass(frozen=True)
class Answer:
    """The state of a request: `step` evaluations of `steps` are done.

    ms: milliseconds since the request began; model_ms: those that the model took.
    """

    state: State
    steps: int
    step: int = 0
    ms: float = 0.0
    model_ms: float = 0.0
    pictures: tuple[Picture, ...] = ()
    queue_position: int = 0  # for state "queue": from 1; 0 while the model is loading
    square: tuple[int, int, int] | None = None  # the part of the final picture that the previews show: x, y, side
    finish: Callable[[], Finished] | None = None  # with "done" of an edit: makes the result, on another thread


class Engine(Generic[M]):
    """A model, the line in front of it, and the thread that it runs on. `card` is known before the model is loaded."""

    def __init__(
        self,
        card: ModelCard,
        open_model: Callable[[], M],
        *,
        evaluate: Callable[[Model, Edit | BatchRequest], Iterator[Evaluation]] = evaluations_of,
        queue_news_s: float = QUEUE_NEWS_S,
        loading_patience_s: float = LOADING_PATIENCE_S,
    ):
        """open_model: runs on the model's thread; returns the model, ready to be called, or raises OnestrokeError.

        evaluate: makes the evaluations of a request. The two durations are in seconds.
        """
        self.card = card
        self.visits = Visits()
        self.gate = FairGate()
        self._open_model, self._evaluate = open_model, evaluate
        self._queue_news_s, self._loading_patience_s = queue_news_s, loading_patience_s
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._model: Future[M] | None = None

    def start(self) -> Future[M]:
        """Begin to load the model. The future ends with the model or with the error of `open_model`."""
        self._model = self._model or self._worker.submit(self._open_model)
        return self._model

    def close(self) -> None:
        """Start nothing more. An evaluation that is being computed is completed."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def run(self, request: Edit | BatchRequest, ticket: Ticket) -> AsyncIterator[Answer]:
        """Yields "step" after each evaluation, and "queue" every `queue_news_s` seconds while the request waits.

        The last answer is "done", "stopped" (it was cancelled) or "busy" (a newer request replaced it). Raises
        RequestError if the line is full or the model takes too long to load, and any OnestrokeError of the request
        itself or of loading.
        """
        started = time.perf_counter()
        latest = Answer("step", request.evaluations)
        with self.visits.job(ticket) as job:
            assert self._model is not None, "the engine was not started"
            async for _ in self._until_loaded(self._model):
                yield replace(latest, state="queue")
            evaluations = self._evaluate(self._model.result(), request)
            while latest.state != "done":
                news = False
                async with aclosing(self._turn(job, evaluations)) as events:
                    async for event in events:
                        if isinstance(event, int):
                            yield replace(latest, state="queue", queue_position=event, pictures=())
                        else:
                            latest, news = _after(latest, event, started), bool(event.pictures)
                if job.ended.done() and latest.state != "done":  # a finished picture is shown, late or not
                    yield _ended(latest, job.ended.result())
                    return
                if news:
                    yield latest

    async def on_model_thread(self, function: Callable, *arguments: Any) -> Any:
        """function(*arguments) on the model's thread, in a turn of its own: for short work that is no evaluation.

        Raises RequestError if the line is full, and what the function raises.
        """
        if not await self.gate.enter(object()):
            raise AssertionError("no other caller can have this key in the line")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, function, *arguments)
        finally:
            self.gate.leave()

    async def _until_loaded(self, model: Future[M]) -> AsyncIterator[None]:
        """Ends when the model is loaded; yields every `queue_news_s` seconds until then. Raises RequestError."""
        until = time.perf_counter() + self._loading_patience_s
        loading = asyncio.wrap_future(model)
        loading.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # result() raises it later
        while not model.done():
            await asyncio.wait({loading}, timeout=self._queue_news_s)
            if not model.done():
                if time.perf_counter() > until:
                    raise RequestError(LOADING)
                yield

    async def _turn(self, job: Job, evaluations: Iterator[Evaluation]) -> AsyncGenerator[int | Evaluation, None]:
        """One evaluation in its turn. Yields the queue position while it waits, then the evaluation.

        If the job ends first, or a newer request replaces it in the line, there is no evaluation and the job has ended.
        """
        entering = asyncio.ensure_future(self.gate.enter(job.ticket.queue_key))
        try:
            while not (await _first_of(entering, job.ended, self._queue_news_s)):
                yield self.gate.queue_position(job.ticket.queue_key)
            if job.ended.done():
                return
            if not entering.result():
                job.end("busy")
                return
            evaluation = await asyncio.get_running_loop().run_in_executor(self._worker, next, evaluations)
        finally:
            _leave_gate(self.gate, entering)
        yield evaluation


async def _first_of(entering: asyncio.Future, ended: asyncio.Future, timeout_s: float) -> set[asyncio.Future]:
    done, _ = await asyncio.wait({entering, ended}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    return done


def _leave_gate(gate: FairGate, entering: asyncio.Future) -> None:
    """Leave the gate if this caller has the turn, otherwise the line: the gate removes a cancelled caller from it."""
    if not entering.done():
        entering.cancel()
    elif not entering.cancelled() and entering.exception() is None and entering.result():
        gate.leave()


def _ended(latest: Answer, how: Ending) -> Answer:
    """The last answer to a request that ended early: a stopped one has its latest pictures, a replaced one has none."""
    return replace(latest, state=how, pictures=latest.pictures if how == "stopped" else ())


def _after(latest: Answer, evaluation: Evaluation, started: float) -> Answer:
    """The answer after this evaluation; a pause changes only the milliseconds."""
    if not evaluation.pictures:
        return replace(latest, model_ms=latest.model_ms + evaluation.model_ms)
    step = latest.step + 1
    return replace(
        latest,
        state="done" if step == latest.steps else "step",
        step=step,
        ms=1000 * (time.perf_counter() - started),
        model_ms=latest.model_ms + evaluation.model_ms,
        pictures=evaluation.pictures,
        square=evaluation.square,
        finish=evaluation.finish,
    )
