"""Turns at the model: in order, one position for each visitor, and no turn is lost when a caller is cancelled."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.turns import FairGate
from core.errors import RequestError
from tests.app.conftest import until


async def ask(gate: FairGate, visitor: str, log: list, name: str) -> None:
    if await gate.enter(visitor):
        log.append(name)


def test_visitors_take_turns_and_a_newer_request_replaces_the_waiting_one():
    async def scene():
        gate, log = FairGate(), []
        calls = [("ann", "a0"), ("ann", "a1"), ("ann", "a2"), ("bob", "b0"), ("cem", "c0"), ("bob", "b1")]
        tasks = [asyncio.create_task(ask(gate, visitor, log, name)) for visitor, name in calls]
        for done in range(1, 5):
            await until(lambda done=done: len(log) == done)
            gate.leave()
        await asyncio.gather(*tasks)
        return log, gate.free

    assert asyncio.run(scene()) == (["a0", "a2", "b1", "c0"], 1)


def test_the_queue_position_counts_the_visitor_who_has_the_turn():
    async def scene():
        gate = FairGate()
        await gate.enter("ann")
        waiting = [asyncio.create_task(gate.enter(name)) for name in ("bob", "cem")]
        await until(lambda: len(gate.line) == 2)
        places = [gate.queue_position(name) for name in ("ann", "bob", "cem")]
        for task in waiting:
            task.cancel()
        return places

    assert asyncio.run(scene()) == [0, 2, 3]


def test_a_full_line_refuses_new_visitors_and_lets_waiting_ones_replace_their_request():
    async def scene():
        gate = FairGate(max_waiting=1)
        await gate.enter("ann")
        first = asyncio.create_task(gate.enter("bob"))
        await until(lambda: gate.line)
        with pytest.raises(RequestError, match="All places are taken"):
            await gate.enter("cem")
        second = asyncio.create_task(gate.enter("bob"))
        await until(first.done)
        gate.leave()
        return await first, await second

    assert asyncio.run(scene()) == (False, True)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["stay", "cancel", "cancel late"])), max_size=12))
def test_no_turn_is_lost_when_callers_are_cancelled_at_any_moment(callers):
    """Cancelled in the line, or in the moment after the turn was given: at the end the gate is free again."""

    async def scene():
        gate, log = FairGate(), []
        await gate.enter("first")
        tasks = [(how, asyncio.create_task(ask(gate, visitor, log, visitor))) for visitor, how in callers]
        await asyncio.sleep(0)
        for how, task in tasks:
            if how == "cancel":
                task.cancel()
        gate.leave()
        for how, task in tasks:
            if how == "cancel late":
                task.cancel()
        served = 0
        while not all(task.done() for _, task in tasks):
            await asyncio.sleep(0)
            while served < len(log):
                served += 1
                gate.leave()
        for _ in log[served:]:
            gate.leave()
        return gate.free, len(gate.line)

    assert asyncio.run(scene()) == (1, 0)
