"""Requests at the model: previews, turns, newest wins, cancel, loading. The model's pace is set by the tests."""

import asyncio
import itertools
import threading

import pytest

import core
from app.edits.paint import PaintRequest
from app.edits.requests import evaluations_of
from app.edits.results import Evaluation, Picture
from app.engine.engine import LOADING, Engine, Stopped
from app.engine.jobs import Ticket
from app.engine.sharing import BorrowedModel
from app.engine.work import Work
from tests.app.conftest import TinyModel, paint_request, painting_url, until

STEPS = 3


class Pace:
    """Evaluations that wait until `go` is released once for each, and note whose they were."""

    def __init__(self):
        self.go, self.log = threading.Semaphore(0), []

    def __call__(self, model, request):
        name = request.strokes.decode()
        for step in range(1, request.steps + 1):
            assert self.go.acquire(timeout=10)
            self.log.append(f"{name}{step}")
            yield Evaluation((Picture(request.seeds[0], b"jpeg", b"png"),), 1.0)


def a_request(name: str, steps: int = STEPS) -> PaintRequest:
    return PaintRequest(strokes=name.encode(), strength=0.5, seeds=(7,), steps=steps)


async def collect(engine: Engine, name: str, ticket: Ticket, *, steps: int = STEPS, into: list | None = None) -> list:
    answers = [] if into is None else into
    async for answer in engine.run(a_request(name, steps), ticket):
        answers.append(answer)
    return answers


def states(answers: list) -> list[str]:
    return [answer.state for answer in answers]


def play(scene, open_model=TinyModel, **options):
    """Run `scene(engine, pace)` on an event loop of its own."""
    pace = Pace()
    engine = Engine(TinyModel().card, open_model, **({"evaluate": pace, "width": 1} | options))
    engine.start()

    async def bounded():
        async with asyncio.timeout(20):
            return await scene(engine, pace)

    try:
        return asyncio.run(bounded())
    finally:
        pace.go.release(1000)
        engine.close()


def test_every_evaluation_is_answered_and_the_last_is_done():
    async def scene(engine, pace):
        pace.go.release(STEPS)
        return await collect(engine, "a", Ticket("ann", 1))

    answers = play(scene)
    assert states(answers) == ["step", "step", "done"]
    assert [answer.step for answer in answers] == [1, 2, 3]
    assert [answer.model_ms for answer in answers] == [1.0, 2.0, 3.0]
    assert answers[0].ms < answers[1].ms < answers[2].ms


@pytest.mark.parametrize(("pace", "told"), [(0.0, []), (0.9, []), (2.0, [6.0])])
def test_what_takes_long_is_told_before_it_begins(pace, told):
    async def scene(engine, paced):
        engine.used.pace = pace
        paced.go.release(STEPS)
        return await collect(engine, "a", Ticket("ann", 1))

    answers = play(scene)
    assert [answer.left_s for answer in answers if answer.step == 0] == told
    assert [answer.left_s for answer in answers][-3:] == pytest.approx([2 * pace, pace, 0])
    assert states(answers)[-3:] == ["step", "step", "done"]


def test_the_pace_follows_what_evaluations_take():
    used = Engine(TinyModel().card, TinyModel).used
    assert used.expected_s(10) == 0
    used.seconds = 0.5
    assert used.expected_s(10) == 5
    for _ in range(40):
        used.note_pace(0.8, 4)
    used.note_pace(0.0, 0)
    assert used.expected_s(10) == pytest.approx(2)


def test_cancel_takes_effect_within_one_evaluation_and_keeps_the_picture():
    async def scene(engine, pace):
        answers = []
        running = asyncio.create_task(collect(engine, "a", Ticket("ann", 1), steps=8, into=answers))
        pace.go.release()
        await until(lambda: answers)
        engine.visits.cancel(Ticket("ann", 1))
        pace.go.release()
        await running
        return answers, pace.log

    answers, log = play(scene)
    assert states(answers)[-1] == "stopped" and len(log) <= 2
    assert answers[-1].pictures and answers[-1].step == len(log)


def test_a_newer_change_ends_the_older_refinement():
    async def scene(engine, pace):
        answers = []
        old = asyncio.create_task(collect(engine, "old", Ticket("ann", 1), steps=8, into=answers))
        pace.go.release()
        await until(lambda: answers)
        new = asyncio.create_task(collect(engine, "new", Ticket("ann", 2), steps=1))
        pace.go.release(8)
        await old
        return states(answers), states(await new), pace.log

    old, new, log = play(scene)
    assert old[-1] == "busy" and new == ["done"]
    assert log.index("new1") <= 2  # the evaluation that was running, then the new one


def test_a_replaced_answer_carries_no_picture():
    async def scene(engine, pace):
        engine.visits.note_newest(Ticket("ann", 5))
        return await collect(engine, "a", Ticket("ann", 4))

    (answer,) = play(scene)
    assert answer.state == "busy" and not answer.pictures


def test_a_finished_picture_is_shown_even_if_a_newer_change_came_meanwhile():
    """Otherwise a person who paints faster than the model would never see one."""

    async def scene(engine, pace):
        running = asyncio.create_task(collect(engine, "a", Ticket("ann", 1), steps=1))
        await until(lambda: engine.gate.turns)
        engine.visits.note_newest(Ticket("ann", 2))
        pace.go.release()
        return await running

    async def busy_or_done(engine, pace):
        (answer,) = await scene(engine, pace)
        return answer.state, bool(answer.pictures)

    assert play(busy_or_done) in {("done", True), ("busy", False)}


def test_visitors_whose_evaluations_cost_the_same_take_turns_evaluation_by_evaluation(monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr("app.engine.work.time.thread_time", lambda: next(clock))

    async def scene(engine, pace):
        running = [asyncio.create_task(collect(engine, name, Ticket(name, 1))) for name in "abc"]
        await until(lambda: len(engine.gate.line) == 2)
        pace.go.release(9)
        await asyncio.gather(*running)
        return pace.log

    assert play(scene) == ["a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"]


def test_in_a_pause_others_take_their_turn_and_there_is_no_answer():
    def evaluate(model, request):
        name = request.strokes.decode()
        for pictures in ((), (), (Picture(7, b"jpeg", b"png"),)):
            log.append(name)
            yield Evaluation(pictures, 1.0)

    async def scene(engine, pace):
        await asyncio.wrap_future(engine.start())
        return await asyncio.gather(*(collect(engine, name, Ticket(name, 1), steps=1) for name in "ab"))

    log = []
    first, second = play(scene, evaluate=evaluate)
    assert log == ["a", "b"] * 3
    assert states(first) == states(second) == ["done"]
    assert (first[0].step, first[0].model_ms) == (1, 3.0)


def test_a_waiting_request_reports_its_queue_position_and_can_be_cancelled_at_once():
    async def scene(engine, pace):
        first = asyncio.create_task(collect(engine, "a", Ticket("ann", 1), steps=1))
        await until(lambda: engine.gate.turns)
        heard = []
        second = asyncio.create_task(collect(engine, "b", Ticket("bob", 1), into=heard))
        await until(lambda: heard)
        engine.visits.cancel(Ticket("bob", 1))
        await second
        line = len(engine.gate.line)
        pace.go.release()
        return heard, line, states(await first)

    heard, line, first = play(scene, queue_news_s=0.01)
    assert heard[0].state == "queue" and heard[0].queue_position == 2
    assert heard[-1].state == "stopped" and not line and first == ["done"]


@pytest.mark.parametrize("moment", ["in line", "at the model"])
def test_a_closed_tab_leaves_its_turn_to_the_next_visitor(moment):
    async def scene(engine, pace):
        first = asyncio.create_task(collect(engine, "a", Ticket("ann", 1), steps=1))
        await until(lambda: engine.gate.turns)
        second = asyncio.create_task(collect(engine, "b", Ticket("bob", 1), steps=1))
        await until(lambda: engine.gate.line)
        (second if moment == "in line" else first).cancel()
        pace.go.release(3)
        third = await collect(engine, "c", Ticket("cem", 1), steps=1)
        await asyncio.gather(first, second, return_exceptions=True)
        return states(third)[-1], len(engine.gate.turns), len(engine.gate.line), len(engine.visits.jobs)

    assert play(scene) == ("done", 0, 0, 0)


def test_a_request_waits_for_a_model_that_is_loading():
    loaded = threading.Event()

    async def scene(engine, pace):
        heard = []
        running = asyncio.create_task(collect(engine, "a", Ticket("ann", 1), steps=1, into=heard))
        await until(lambda: heard)
        loaded.set()
        pace.go.release()
        await running
        return heard

    heard = play(scene, lambda: loaded.wait(10) and TinyModel(), queue_news_s=0.01)
    assert states(heard)[0] == "queue" and heard[0].queue_position == 0 and states(heard)[-1] == "done"


def test_a_model_that_loads_too_long_is_an_error():
    loaded = threading.Event()

    async def scene(engine, pace):
        with pytest.raises(core.RequestError) as error:
            await collect(engine, "a", Ticket("ann", 1))
        loaded.set()
        return str(error.value)

    options = {"queue_news_s": 0.01, "loading_patience_s": 0.02}
    assert play(scene, lambda: loaded.wait(10) and TinyModel(), **options) == LOADING


def test_a_loading_error_reaches_waiting_and_later_requests(caplog):
    failing = threading.Event()

    def broken():
        failing.wait(10)
        raise core.CheckpointError("tiny is cut short.")

    async def scene(engine, pace):
        heard = []
        waiting = asyncio.create_task(collect(engine, "a", Ticket("ann", 1), into=heard))
        await until(lambda: heard)
        failing.set()
        for late in (waiting, collect(engine, "a", Ticket("ann", 2))):
            with pytest.raises(core.CheckpointError, match="cut short"):
                await late

    play(scene, broken, queue_news_s=0.01)
    assert not caplog.records


class Counting(TinyModel):
    """A model that notes how many pictures it got each time."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def __call__(self, x, sigma, labels=None):
        self.sizes.append(len(x))
        return super().__call__(x, sigma, labels)


def at_the_model(seeds, held):
    """Runs a paint request of each seed while the model is held, until all wait there; `held` says what follows.

    Returns what each of them came to, and the sizes of the evaluations.
    """
    model = Counting()

    async def last(engine, seed):
        request = paint_request(painting_url(seed), look="photo", steps=1, strength=0.5, seed=seed)
        return [answer async for answer in engine.run(request, Ticket(f"visitor {seed}", 1))][-1]

    async def scene(engine, pace):
        await asyncio.wrap_future(engine.start())
        free = threading.Event()
        holding = asyncio.create_task(engine.on_model_thread(free.wait, 10))
        tasks = [asyncio.create_task(last(engine, seed)) for seed in seeds]
        try:
            await until(lambda: len(engine._calls.waiting) == len(seeds))
            await held(engine, tasks)
        finally:
            free.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        await holding
        return answers, len(engine.gate.turns)

    answers, turns = play(scene, lambda: model, evaluate=evaluations_of, width=8)
    assert turns == 0
    return answers, model.sizes


def test_visitors_who_wait_for_the_model_share_an_evaluation_and_get_what_they_would_get_alone():
    async def nothing(engine, tasks): ...

    together, sizes = at_the_model(range(4), nothing)
    assert sizes == [4]
    for seed, answer in enumerate(together):
        (alone,), _ = at_the_model([seed], nothing)
        assert answer.state == "done" and answer.pictures == alone.pictures


def test_a_request_that_nobody_listens_to_any_more_is_not_evaluated():
    async def leave(engine, tasks):
        tasks[1].cancel()
        await until(tasks[1].done)

    (first, second, third), sizes = at_the_model(range(3), leave)
    assert sizes == [2] and isinstance(second, asyncio.CancelledError)
    assert first.state == third.state == "done"


def test_a_request_of_the_server_s_own_is_answered_and_nobody_can_name_it():
    async def scene(engine, pace):
        running = asyncio.create_task(engine.last_answer(a_request("a")))
        await until(lambda: engine.visits.jobs)
        (job,) = engine.visits.jobs
        for name in ("api", "", "a"):
            engine.visits.cancel(Ticket(name, 2**53 - 1))
            engine.visits.note_newest(Ticket(name, 2**53 - 1))
        pace.go.release(STEPS)
        return await running, job.ticket.visitor

    (first, name), (second, other) = play(scene), play(scene)
    assert first.state == second.state == "done"
    assert len(name) == len(other) == 32 and name != other


def test_a_request_of_the_server_s_own_that_ends_early_is_an_error_with_a_name():
    async def scene(engine, pace):
        running = asyncio.create_task(engine.last_answer(a_request("a")))
        await until(lambda: engine.visits.jobs)
        for job in engine.visits.jobs:
            job.end("busy")
        pace.go.release(STEPS)
        with pytest.raises(Stopped, match="before it was finished"):
            await running

    play(scene)


def test_a_turn_costs_what_the_model_and_the_processor_took_and_waiting_is_free(monkeypatch):
    clock = iter([5.0, 7.5])
    monkeypatch.setattr("app.engine.work.time.thread_time", lambda: next(clock))

    def evaluate(model, request):
        model.seconds += 4.0
        yield Evaluation((), 1000.0)

    work = Work(a_request("a"), BorrowedModel(TinyModel(), None), evaluate)
    assert work.cost == 0.0
    work.next()
    assert work.cost == 6.5


def test_an_error_in_an_evaluation_frees_the_model():
    def failing(model, request):
        raise core.PictureError("The painting is damaged.")
        yield

    async def scene(engine, pace):
        engine._evaluate = failing
        with pytest.raises(core.PictureError):
            await collect(engine, "a", Ticket("ann", 1))
        engine._evaluate = pace
        pace.go.release()
        return states(await collect(engine, "a", Ticket("ann", 2), steps=1)), len(engine.visits.jobs)

    assert play(scene) == (["done"], 0)


@pytest.mark.parametrize("pace_of_model", ["running", "waiting"])
def test_requests_under_way_end_by_a_sentence_when_the_engine_is_closed(pace_of_model):
    """As at the end of the program: threads that were shut down raise errors that nobody foresaw."""

    async def scene(engine, pace):
        requests = [collect(engine, name, Ticket(name, 1)) for name in "ab"]
        ending = asyncio.gather(*requests, return_exceptions=True)
        if pace_of_model == "running":
            pace.go.release(1)
            await until(lambda: pace.log)
        engine.close()
        pace.go.release(100)
        return await ending

    for ended in play(scene, queue_news_s=0.01):
        assert isinstance(ended, Stopped) and "ending" in str(ended)


def test_what_waits_for_a_closed_engine_s_threads_ends_by_a_sentence():
    async def scene(engine, pace):
        blocked = threading.Event()
        engine._hands.submit(blocked.wait, 10)
        ending = asyncio.ensure_future(collect(engine, "a", Ticket("ann", 1)))
        await until(lambda: engine._hands._work_queue.qsize())
        engine.close()
        blocked.set()
        with pytest.raises(Stopped):
            await ending
        with pytest.raises(Stopped):
            await engine.on_model_thread(lambda: None)

    play(scene)


def test_a_request_in_the_line_is_never_told_that_the_model_loads():
    """Position 0 means that. News that come while a turn begins or ends find the request in no place of the line."""

    async def scene(engine: Engine, pace: Pace):
        pace.go.release(2 * STEPS)
        return await asyncio.gather(collect(engine, "a", Ticket("a", 1)), collect(engine, "b", Ticket("b", 1)))

    for answers in play(scene, queue_news_s=0):
        assert answers[-1].state == "done"
        assert all(answer.queue_position > 0 for answer in answers if answer.state == "queue")
