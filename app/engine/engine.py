"""The one place where requests meet the model: loading, turns, newest wins, cancel, previews.

One thread does all work on the model. Requests come from one event loop, take a turn for each single evaluation
(app/engine/turns.py), and end between two of them as soon as nobody wants their answer any more (app/engine/jobs.py).
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

from app.edits.base import Edit
from app.edits.group import Together
from app.edits.requests import work
from app.edits.results import Evaluation, Finished, Picture
from app.engine.jobs import Ending, Job, Ticket, Visits
from app.engine.turns import FairGate
from core.card import ModelCard
from core.errors import RequestError
from core.models import Model

LOADING = "The model is loading, about 5 seconds. You can paint already."
LOADING_PATIENCE_S = 15.0  # a request waits that long for the model; the page gives up after 20
QUEUE_NEWS_S = 1.0  # how long a request waits in line before it says so, and again

M = TypeVar("M", bound=Model)
State = Literal["queue", "step", "done", "stopped", "busy"]


@dataclass(frozen=True)
class Answer:
    """How a request stands. `step` evaluations of `steps` are done; times in milliseconds since it was made."""

    state: State
    steps: int
    step: int = 0
    ms: float = 0.0
    model_ms: float = 0.0
    pictures: tuple[Picture, ...] = ()
    place: int = 0  # in line, for state "queue"; 0 while the model is loading
    square: tuple[int, int, int] | None = None  # the part of the final picture that is shown
    finish: Callable[[], Finished] | None = None  # with "done" of an edit: the rest of its work, for another thread


class Engine(Generic[M]):
    """A model and the way to it. `card` is known at once, the model after `start` has done its work."""

    def __init__(
        self,
        card: ModelCard,
        open_model: Callable[[], M],
        *,
        evaluate: Callable[[Model, Edit | Together], Iterator[Evaluation]] = work,
        queue_news_s: float = QUEUE_NEWS_S,
        loading_patience_s: float = LOADING_PATIENCE_S,
    ):
        """`open_model` runs on the model's thread and returns the model, warmed up, or raises OnestrokeError."""
        self.card = card
        self.visits = Visits()
        self.gate = FairGate()
        self._open_model, self._evaluate = open_model, evaluate
        self._queue_news_s, self._loading_patience_s = queue_news_s, loading_patience_s
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._model: Future[M] | None = None

    def start(self) -> Future[M]:
        """Begin to load the model; the future is its end, with the model or the error."""
        self._model = self._model or self._worker.submit(self._open_model)
        return self._model

    def close(self) -> None:
        """Take nothing more; what is being computed ends with its evaluation."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def run(self, request: Edit | Together, ticket: Ticket) -> AsyncIterator[Answer]:
        """Yields an answer after each evaluation, "queue" now and then while it waits, and one of "done", "stopped"
        (cancelled) and "busy" (a newer request took over) as the last. Raises OnestrokeError."""
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
                            yield replace(latest, state="queue", place=event, pictures=())
                        else:
                            latest, news = _after(latest, event, started), bool(event.pictures)
                if job.ended.done() and latest.state != "done":  # a finished picture is shown, late or not
                    yield _ended(latest, job.ended.result())
                    return
                if news:
                    yield latest

    async def on_model_thread(self, work: Callable, *arguments) -> Any:
        """A short piece of work that is no evaluation, on the model's thread, in its own turn."""
        if not await self.gate.enter(object()):
            raise AssertionError("nobody else has this place in the line")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, work, *arguments)
        finally:
            self.gate.leave()

    async def _until_loaded(self, model: Future[M]) -> AsyncIterator[None]:
        """Ends when the model is there; yields each time that a person should hear of the wait."""
        until = time.perf_counter() + self._loading_patience_s
        loading = asyncio.wrap_future(model)
        loading.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # told by result() later
        while not model.done():
            await asyncio.wait({loading}, timeout=self._queue_news_s)
            if not model.done():
                if time.perf_counter() > until:
                    raise RequestError(LOADING)
                yield

    async def _turn(self, job: Job, evaluations: Iterator[Evaluation]) -> AsyncGenerator[int | Evaluation, None]:
        """One evaluation in its turn. Yields the place in line while it waits, then the evaluation.

        If the job ends first, or a newer request takes its place, there is no evaluation and the job has ended.
        """
        entering = asyncio.ensure_future(self.gate.enter(job.ticket.place))
        try:
            while not (await _first_of(entering, job.ended, self._queue_news_s)):
                yield self.gate.place(job.ticket.place)
            if job.ended.done():
                return
            if not entering.result():
                job.end("busy")
                return
            evaluation = await asyncio.get_running_loop().run_in_executor(self._worker, next, evaluations)
        finally:
            _give_back(self.gate, entering)
        yield evaluation


async def _first_of(entering: asyncio.Future, ended: asyncio.Future, timeout_s: float) -> set[asyncio.Future]:
    done, _ = await asyncio.wait({entering, ended}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    return done


def _give_back(gate: FairGate, entering: asyncio.Future) -> None:
    """Leave the gate if this caller is in; otherwise leave the line (the gate cleans up after a cancelled caller)."""
    if not entering.done():
        entering.cancel()
    elif not entering.cancelled() and entering.exception() is None and entering.result():
        gate.leave()


def _ended(latest: Answer, how: Ending) -> Answer:
    """The last answer to a request that ended early: what was stopped keeps its picture, what was replaced has none."""
    return replace(latest, state=how, pictures=latest.pictures if how == "stopped" else ())


def _after(latest: Answer, evaluation: Evaluation, started: float) -> Answer:
    """The answer when this evaluation is done, or pauses."""
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
        square=evaluation.place,
        finish=evaluation.finish,
    )
