"""Runs requests on the model in use: loading, turns, cancelling, and an answer after each evaluation.

Requests come from one event loop. A request takes a turn for every single evaluation (app/engine/turns.py). What an
evaluation does beside the model runs on one of several threads. The model itself has one thread, which evaluates the
pictures of several requests together (app/engine/sharing.py). Between two evaluations a request ends as soon as it was
cancelled or a newer request of the same visitor has replaced it (app/engine/jobs.py). Another model may take the place
of the one in use at any time (app/engine/used.py): a request ends with the model that it began with.
"""

import asyncio
import threading
import time
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

from app.edits.base import Edit
from app.edits.group import BatchRequest
from app.edits.requests import evaluations_of
from app.edits.results import Evaluation, Finished, Picture
from app.engine.jobs import Ending, Job, Ticket, Visits
from app.engine.meters import REQUESTS
from app.engine.sharing import MAX_PICTURES, BorrowedModel, Calls, Sharing
from app.engine.turns import FairGate, Turn
from app.engine.used import Used
from app.engine.work import Evaluate, Work
from core.card import ModelCard
from core.errors import RequestError
from core.freed_memory import release_memory
from core.models import Model

LOADING = "The model is loading: some seconds, half a minute for a large one. You can paint already."
LOADING_PATIENCE_S = 120.0  # seconds that a request waits for the model; the page hears of it all the while
CLOSED = "Onestroke is ending. What you made is still on your page."
STOPPED = "The request was stopped before it was finished."
WIDTH = 2 * MAX_PICTURES  # while some are evaluated, the next ones are got ready
SLOW_WIDTH = MAX_PICTURES // 2  # of those that are not live: the strokes of others share evaluations with them
RELEASE_S = 0.5  # seconds from the end of a model until its memory goes back to the system
QUEUE_NEWS_S = 1.0  # seconds between two "queue" answers of a waiting request
TOLD_S = 3.0  # seconds of the model from which on a request is told before it begins how long it will take

M = TypeVar("M", bound=Model)
State = Literal["queue", "step", "done", "stopped", "busy"]
ENDINGS = ("done", "stopped", "busy")


@dataclass(frozen=True)
class Answer:
    """The state of a request: `step` evaluations of `steps` are done; 0 are where it is told first how long it takes.

    ms: milliseconds since the request began; model_ms: those at the model, the wait for it included.
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
    left_s: float = 0.0  # with "step": seconds of the model that it will still take; 0 if that is not known


class Stopped(RequestError):
    """The request has ended without its last picture."""


class Engine(Generic[M]):
    """A model, the line in front of it, and the threads of both. Its card is known before the model is loaded.

    `used`: the model in use, which `change` replaces.
    """

    def __init__(
        self,
        card: ModelCard,
        open_model: Callable[[], M],
        *,
        warm_up: Callable[[M], float] | None = None,
        evaluate: Evaluate = evaluations_of,
        width: int = WIDTH,
        places: int | None = None,
        queue_news_s: float = QUEUE_NEWS_S,
        loading_patience_s: float = LOADING_PATIENCE_S,
        calls: Calls | None = None,
    ):
        """open_model: runs on the model's thread; returns the model, ready to be called, or raises OnestrokeError.

        warm_up: is called with every new model before it is used; returns the seconds of an evaluation of one picture.
        evaluate: makes the evaluations of a request. width: pictures that are under way at the same time, see FairGate.
        places: requests of one address, see Visits. The two durations are in seconds.
        calls: where the evaluations are made; None: here, on the model's thread.
        """
        self.used: Used[M] = Used(0, card)
        self.visits = Visits(places=places)
        self.gate = FairGate(width=width, slow_width=SLOW_WIDTH)
        self._open_model, self._warm_up, self._evaluate = open_model, warm_up, evaluate
        self._queue_news_s, self._loading_patience_s = queue_news_s, loading_patience_s
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._hands = ThreadPoolExecutor(width, thread_name_prefix="request")
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="loader")
        self._calls = calls or Sharing(self._worker)
        self._closed = False

    def start(self) -> Future[M]:
        """Begin to load the model. The future ends with the model or with the error of `open_model`."""
        if self.used.model is None:
            self.used.model = self._worker.submit(self._open, self.used, self._open_model)
        return self.used.model

    def change(self, card: ModelCard, open_model: Callable[[], M]) -> Future[None]:
        """Load another model beside the one in use, which goes on being used until the new one is ready.

        open_model: as at the beginning, on another thread. The future ends when new requests get the new model, or with
        the error that kept it from being loaded; then nothing has changed.
        """
        return self._loader.submit(self._replace, Used(self.used.number + 1, card), open_model)

    def _replace(self, used: Used[M], open_model: Callable[[], M]) -> None:
        model: Future[M] = Future()
        model.set_result(self._open(used, open_model))
        used.model = model
        former, self.used = self.used.model, used
        if former is not None and former.done() and not former.cancelled() and not former.exception():
            weakref.finalize(former.result(), _release_soon).atexit = False

    def _open(self, used: Used[M], open_model: Callable[[], M]) -> M:
        model = open_model()
        used.seconds = self._warm_up(model) if self._warm_up else 0.0
        return model

    @property
    def card(self) -> ModelCard:
        """Of the model in use."""
        return self.used.card

    @property
    def state(self) -> Literal["loading", "ready", "failed"]:
        """Whether the model is there."""
        return self.used.state

    @property
    def device(self) -> str | None:
        """Where the model is; None until it is there."""
        return str(self.used.model.result().device) if self.used.model is not None and self.state == "ready" else None

    def close(self) -> None:
        """Start nothing more. An evaluation that is being computed is completed; requests end by Stopped."""
        self._closed = True
        for threads in (self._worker, self._hands, self._loader):
            threads.shutdown(wait=False, cancel_futures=True)
        self._calls.close()

    async def last_answer(
        self,
        request: Edit | BatchRequest,
        address: str = "",
        *,
        used: Used[M] | None = None,
        unwanted: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """The answer "done" to a request of the server's own, which nobody else can stop or replace.

        address: for whom it is made. used: see `run`. unwanted: asked after every answer whether the request is
        dropped. Raises as `run`, and Stopped if there is no such answer.
        """
        async with aclosing(self.run(request, Ticket.of_server(address), used)) as answers:
            async for answer in answers:
                if answer.state == "done":
                    return answer
                if unwanted():
                    break
        raise Stopped(STOPPED)

    async def run(
        self, request: Edit | BatchRequest, ticket: Ticket, used: Used[M] | None = None
    ) -> AsyncGenerator[Answer, None]:
        """Yields "step" after each evaluation, and "queue" every `queue_news_s` seconds while the request waits.

        If it will take TOLD_S or longer, there is a "step" before the first evaluation.

        used: the model whose card the request was read with; without it the one in use now. The last answer is "done",
        "stopped" (it was cancelled) or "busy" (a newer request replaced it). Raises Busy if the line is full,
        RequestError if the model takes too long to load or the ticket's seq is far ahead, Stopped when the engine is
        closed, and any OnestrokeError of the request itself or of loading. When the caller goes away, the request is
        dropped.
        """
        started = time.perf_counter()
        with self.visits.job(ticket) as job:
            used = used or self.used
            model = used.model
            assert model is not None, "the engine was not started"
            async for _ in self._until_loaded(model):
                yield Answer("queue", request.evaluations)
            self._check_open()
            borrowed = BorrowedModel(model.result(), self._calls)
            with closing(Work(request, borrowed, self._evaluate)) as work:
                async with aclosing(self._answers(job, work, started, used)) as answers:
                    async for answer in answers:
                        if answer.state in ENDINGS:
                            REQUESTS.labels(answer.state).inc()
                        yield answer

    async def _answers(self, job: Job, work: Work, started: float, used: Used[M]) -> AsyncGenerator[Answer, None]:
        """The answers to a request whose model is there, as `run` yields them."""
        latest = _with_time_left(Answer("step", work.request.evaluations), work, used)
        if latest.left_s >= TOLD_S:
            yield latest
        while latest.state != "done":
            news = False
            seconds, pictures = work.model.seconds, work.model.pictures
            async with aclosing(self._turn(job, work)) as events:
                async for event in events:
                    if isinstance(event, int):
                        yield replace(latest, state="queue", queue_position=event, pictures=())
                    else:
                        used.note_pace(work.model.seconds - seconds, work.model.pictures - pictures)
                        latest, news = _with_time_left(_after(latest, event, started), work, used), bool(event.pictures)
            if job.ended.done() and latest.state != "done":  # a finished picture is shown, late or not
                yield _ended(latest, job.ended.result())
                return
            if news:
                yield latest

    async def on_model_thread(self, function: Callable, *arguments: Any, address: str = "") -> Any:
        """function(*arguments) on the model's thread, in a turn of its own: for short work that is no evaluation.

        Raises Busy if the line is full, Stopped when the engine is closed, and what the function raises.
        """
        async with self.gate.own_turn(address):
            return await self._on(self._worker, function, *arguments)

    async def _on(self, threads: Executor, function: Callable, *arguments: Any) -> Any:
        """function(*arguments) on one of these threads. Threads that were shut down raise errors of three kinds."""
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, function, *arguments)
        except (RuntimeError, CancelledError, asyncio.CancelledError):
            self._check_open()
            raise

    def _check_open(self) -> None:
        if self._closed:
            raise Stopped(CLOSED)

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

    async def _turn(self, job: Job, work: Work) -> AsyncGenerator[int | Evaluation, None]:
        """One evaluation in its turn. Yields the queue position while it waits, then the evaluation.

        If the job ends first, or a newer request replaces it in the line, there is no evaluation and the job has ended.
        """
        key, request, before = job.ticket.queue_key, work.request, work.cost
        turn = self.gate.enter(key, address=job.ticket.address, pictures=request.batch_size, live=request.live)
        entering = asyncio.ensure_future(turn)
        try:
            while not (await _first_of(entering, job.ended, self._queue_news_s)):
                if position := self.gate.queue_position(key):  # 0: on its way into the line, or out of it
                    yield position
            if job.ended.done():
                return
            if not entering.result():
                job.end("busy")
                return
            evaluation = await self._on(self._hands, work.next)
        finally:
            _leave_gate(self.gate, entering, work.cost - before)
        yield evaluation


def _release_soon() -> None:
    """A model goes at this moment: what it took is free a little later."""
    timer = threading.Timer(RELEASE_S, release_memory)
    timer.daemon = True
    timer.start()


async def _first_of(entering: asyncio.Future, ended: asyncio.Future, timeout_s: float) -> set[asyncio.Future]:
    done, _ = await asyncio.wait({entering, ended}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    return done


def _leave_gate(gate: FairGate, entering: asyncio.Future[Turn | None], cost: float) -> None:
    """Leave the gate if this caller has the turn, otherwise the line: the gate removes a cancelled caller from it."""
    if not entering.done():
        entering.cancel()
    elif not entering.cancelled() and entering.exception() is None and (turn := entering.result()):
        gate.leave(turn, cost)


def _with_time_left(answer: Answer, work: Work, used: Used) -> Answer:
    pictures = (answer.steps - answer.step) * work.request.batch_size
    return replace(answer, left_s=used.expected_s(pictures))


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
