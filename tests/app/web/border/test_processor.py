"""Whose requests take the event loop's processor: every step of a coroutine is charged, and nothing changes for it."""

import asyncio
import itertools
import time

import pytest

from app.web.border.processor import metered


def ran(work) -> tuple[list, list[float]]:
    """What came of a coroutine, and what was charged, by a clock on which every step takes a second."""
    charged: list[float] = []
    ticks = itertools.count()

    async def outcome() -> list:
        return await asyncio.gather(metered(work, charged.append, lambda: next(ticks)), return_exceptions=True)

    return asyncio.run(outcome()), charged


async def rounds(count: int) -> str:
    for _ in range(count):
        await asyncio.sleep(0)
    return "done"


@pytest.mark.parametrize("count", [0, 1, 5])
def test_each_step_is_charged(count):
    assert ran(rounds(count)) == (["done"], [1] * (count + 1))


async def failing() -> None:
    await asyncio.sleep(0)
    raise LookupError("mine")


async def recovering() -> str:
    ended = asyncio.get_running_loop().create_future()
    ended.set_exception(LookupError("not mine"))
    try:
        await ended
    except LookupError as error:
        await asyncio.sleep(0)
        return str(error)
    return ""


def test_errors_go_both_ways():
    (error,), charged = ran(failing())
    assert isinstance(error, LookupError) and len(charged) == 2
    assert ran(recovering())[0] == ["not mine"]


def test_a_cancelled_one_is_cancelled_and_charged():
    charged: list[float] = []

    async def cancelled() -> None:
        task = asyncio.ensure_future(asyncio.wait_for(metered(asyncio.Event().wait(), charged.append), 30))
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert len(charged) == 2


def test_waiting_costs_nothing_and_work_does():
    charged: list[float] = []

    async def work() -> None:
        await asyncio.sleep(0.2)
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            pass

    asyncio.run(asyncio.wait_for(metered(work(), charged.append), 30))
    assert 0.05 <= sum(charged) < 0.2
