"""Another model takes the place of the one in use: what began with the old one ends with it, and then it is gone."""

import asyncio
import gc
import threading
import weakref
from dataclasses import replace

import pytest

import core
from app.edits.results import Evaluation, Picture
from app.engine.engine import Engine
from app.engine.jobs import Ticket
from tests.app.conftest import TinyModel, until
from tests.app.engine.test_engine import a_request


class Named(TinyModel):
    """A model that is told apart by its name."""

    def __init__(self, name: str):
        super().__init__()
        self.card = replace(self.card, name=name)


class Noted:
    """Evaluations that wait for `go` and note which model they are of."""

    def __init__(self):
        self.go, self.log = threading.Semaphore(0), []

    def __call__(self, model, request):
        for _ in range(request.steps):
            assert self.go.acquire(timeout=10)
            self.log.append(model.card.name)
            yield Evaluation((Picture(request.seeds[0], b"jpeg", b"png"),), 1.0)


def play(scene, **options):
    """Run `scene(engine, noted)` over a model with the name "old"."""
    noted = Noted()
    engine = Engine(Named("old").card, lambda: Named("old"), evaluate=noted, **options)
    engine.start()

    async def bounded():
        async with asyncio.timeout(20):
            return await scene(engine, noted)

    try:
        return asyncio.run(bounded())
    finally:
        noted.go.release(1000)
        engine.close()


async def states(engine, name: str, steps: int, used=None) -> list[str]:
    return [answer.state async for answer in engine.run(a_request(name, steps), Ticket(name, 1), used)]


async def changed(engine, name: str) -> None:
    await asyncio.wrap_future(engine.change(Named(name).card, lambda: Named(name)))


def test_a_run_ends_with_the_model_that_it_began_with():
    async def scene(engine, noted):
        before = asyncio.create_task(states(engine, "ann", 3))
        noted.go.release()
        await until(lambda: noted.log)
        await changed(engine, "new")
        noted.go.release(9)
        await before
        await states(engine, "bob", 2)
        return noted.log, engine.card.name, engine.used.number

    assert play(scene) == (["old"] * 3 + ["new"] * 2, "new", 1)


def test_a_request_that_was_read_for_the_old_model_is_made_by_it():
    async def scene(engine, noted):
        used = engine.used
        await changed(engine, "new")
        noted.go.release(9)
        await states(engine, "ann", 2, used)
        return noted.log

    assert play(scene) == ["old"] * 2


def test_while_another_model_is_loaded_the_old_one_answers():
    async def scene(engine, noted):
        may_load = threading.Event()
        changing = engine.change(Named("new").card, lambda: may_load.wait(10) and Named("new"))
        noted.go.release(9)
        during = await states(engine, "ann", 1), engine.card.name
        may_load.set()
        await asyncio.wrap_future(changing)
        return during, engine.card.name

    assert play(scene) == ((["done"], "old"), "new")


def test_a_model_that_cannot_be_loaded_changes_nothing():
    async def scene(engine, noted):
        def fails():
            raise core.CheckpointError("Not a model.")

        with pytest.raises(core.CheckpointError, match="Not a model"):
            await asyncio.wrap_future(engine.change(Named("new").card, fails))
        noted.go.release(9)
        return await states(engine, "ann", 1), noted.log, engine.used.number

    assert play(scene) == (["done"], ["old"], 0)


def test_the_old_model_is_gone_when_the_last_request_lets_go_of_it():
    async def scene(engine, noted):
        await asyncio.wrap_future(engine.start())
        old = weakref.ref(engine.used.model.result())
        running = asyncio.create_task(states(engine, "ann", 2))
        noted.go.release()
        await until(lambda: noted.log)
        await changed(engine, "new")
        while_running = old() is not None
        noted.go.release(9)
        await running
        del running
        gc.collect()
        return while_running, old()

    assert play(scene) == (True, None)


def test_the_memory_of_the_old_model_goes_back_to_the_system_when_it_is_gone(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr("app.engine.engine.RELEASE_S", 0.0)
    monkeypatch.setattr("app.engine.engine.release_memory", released.set)

    async def scene(engine, noted):
        await asyncio.wrap_future(engine.start())
        running = asyncio.create_task(states(engine, "ann", 2))
        noted.go.release()
        await until(lambda: noted.log)
        await changed(engine, "new")
        early = released.is_set()
        noted.go.release(9)
        await running
        del running
        gc.collect()
        return early, await asyncio.to_thread(released.wait, 10)

    assert play(scene) == (False, True)


def test_a_new_model_is_warmed_up_before_anybody_gets_it():
    warmed = []

    async def scene(engine, noted):
        def warm_up(model):
            warmed.append((model.card.name, engine.card.name))
            return 2.5

        engine._warm_up = warm_up
        await changed(engine, "new")
        return engine.used.seconds

    assert play(scene) == 2.5
    assert warmed == [("new", "old")]
