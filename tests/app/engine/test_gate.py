"""Turns at the model: one position for each visitor, the same time for all, and no turn is lost."""

import asyncio
from collections.abc import Set

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.busy import Busy
from app.engine.fairness import LINE
from app.engine.turns import MAX_ADDRESSES, FairGate, Turn
from tests.app.conftest import until


async def ask(gate: FairGate, visitor: str, log: list, name: str) -> None:
    if turn := await gate.enter(visitor):
        log.append((name, turn))


def test_visitors_take_turns_and_a_newer_request_replaces_the_waiting_one():
    async def scene():
        gate, log = FairGate(), []
        calls = [("ann", "a0"), ("ann", "a1"), ("ann", "a2"), ("bob", "b0"), ("cem", "c0"), ("bob", "b1")]
        tasks = [asyncio.create_task(ask(gate, visitor, log, name)) for visitor, name in calls]
        for done in range(1, 5):
            await until(lambda done=done: len(log) == done)
            gate.leave(log[-1][1])
        await asyncio.gather(*tasks)
        return [name for name, _ in log], len(gate.turns)

    assert asyncio.run(scene()) == (["a0", "a2", "b1", "c0"], 0)


def test_the_queue_position_counts_those_who_have_a_turn_as_one():
    async def scene():
        gate = FairGate(width=2)
        for name in ("ann", "dan"):
            await gate.enter(name)
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
        ann = await gate.enter("ann")
        first = asyncio.create_task(gate.enter("bob"))
        await until(lambda: gate.line)
        with pytest.raises(Busy, match="All places are taken"):
            await gate.enter("cem")
        second = asyncio.create_task(gate.enter("bob"))
        await until(first.done)
        gate.leave(ann)
        return await first, (await second).visitor

    assert asyncio.run(scene()) == (None, "bob")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["stay", "cancel", "cancel late"])), max_size=12))
def test_no_turn_is_lost_when_callers_are_cancelled_at_any_moment(callers):
    """Cancelled in the line, or in the moment after the turn was given: at the end the gate is free again."""

    async def scene():
        gate, log = FairGate(), []
        first = await gate.enter("first")
        tasks = [(how, asyncio.create_task(ask(gate, visitor, log, visitor))) for visitor, how in callers]
        await asyncio.sleep(0)
        for how, task in tasks:
            if how == "cancel":
                task.cancel()
        gate.leave(first)
        for how, task in tasks:
            if how == "cancel late":
                task.cancel()
        served = 0
        while not all(task.done() for _, task in tasks):
            await asyncio.sleep(0)
            while served < len(log):
                served += 1
                gate.leave(log[served - 1][1])
        for _, turn in log[served:]:
            gate.leave(turn)
        return len(gate.turns), len(gate.line)

    assert asyncio.run(scene()) == (0, 0)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.integers(1, 6))
def test_turns_begin_while_those_that_run_have_fewer_pictures_than_the_width(sizes, width):
    async def scene():
        gate = FairGate(width=width)
        waiting = [asyncio.create_task(gate.enter(k, pictures=size)) for k, size in enumerate(sizes)]
        await asyncio.sleep(0)
        while gate.turns:
            pictures = sorted(turn.pictures for turn in gate.turns)
            assert sum(pictures) - pictures[-1] < width
            assert not gate.line or sum(pictures) >= width
            gate.leave(min(gate.turns, key=lambda turn: turn.visitor))
        return [(await turn).visitor for turn in waiting]

    assert asyncio.run(scene()) == list(range(len(sizes)))


class Simulation:
    """Visitors who always wait for their next turn, with a clock of their own. `had`: seconds by visitor."""

    def __init__(self, cost: dict[str, float], live: Set[str] = frozenset(), address: dict[str, str] | None = None):
        """cost: of a turn of each visitor, in seconds. live: the visitors who paint. address: by visitor."""
        self.gate, self.cost, self.live, self.address = FairGate(), cost, live, address or {}
        self.had = dict.fromkeys(cost, 0.0)
        self.entered: list[Turn] = []

    async def visit(self, visitor: str) -> None:
        address = self.address.get(visitor, "")
        while turn := await self.gate.enter(visitor, address=address, live=visitor in self.live):
            self.entered.append(turn)

    async def serve(self, turns: int) -> None:
        tasks = [asyncio.create_task(self.visit(visitor)) for visitor in self.cost]
        for _ in range(turns):
            await until(lambda: self.entered and len(self.gate.line) == len(self.cost))
            turn = self.entered.pop()
            self.had[turn.visitor] += self.cost[turn.visitor]
            self.gate.leave(turn, self.cost[turn.visitor])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


COSTS = st.lists(st.floats(0.01, 2.0), min_size=2, max_size=5)


@given(COSTS)
@settings(max_examples=20, deadline=None)
def test_visitors_get_the_same_time_whatever_their_evaluations_cost(costs):
    simulation = Simulation(dict(zip("abcde", costs)))
    asyncio.run(simulation.serve(60))
    had = simulation.had.values()
    assert max(had) - min(had) <= 2 * max(costs) + sum(had) / LINE


@given(COSTS, st.floats(0.01, 2.0))
@settings(max_examples=20, deadline=None)
def test_one_address_gets_the_time_of_one_however_many_names_it_uses(costs, other_cost):
    names = dict(zip("abcde", costs))
    simulation = Simulation(names | {"other": other_cost}, address=dict.fromkeys(names, "crowd") | {"other": "home"})
    asyncio.run(simulation.serve(60))
    other = simulation.had.pop("other")
    crowd = simulation.had.values()
    slack = 2 * max(*costs, other_cost) + (other + sum(crowd)) / LINE
    assert abs(sum(crowd) - other) <= slack and max(crowd) - min(crowd) <= slack


@given(COSTS, st.floats(0.01, 2.0))
@settings(max_examples=20, deadline=None)
def test_live_pictures_get_half_of_the_time_however_many_others_wait(costs, live_cost):
    simulation = Simulation({"live": live_cost} | dict(zip("abcde", costs)), live={"live"})
    asyncio.run(simulation.serve(60))
    live = simulation.had.pop("live")
    others = sum(simulation.had.values())
    assert abs(live - others) <= live_cost + max(costs) + (live + others) / LINE


def test_newcomers_without_end_do_not_keep_a_dear_visitor_waiting():
    async def scene():
        gate = FairGate()
        gate.leave(await gate.enter("dear"), 2.0)
        running = await gate.enter("first")
        dear = asyncio.create_task(gate.enter("dear"))
        await until(lambda: gate.line)
        for newcomer in range(1000):
            task = asyncio.create_task(gate.enter(newcomer))
            await until(lambda newcomer=newcomer: newcomer in gate.line)
            gate.leave(running, 1.0)
            if {turn.visitor for turn in gate.turns} == {"dear"}:
                task.cancel()
                await dear
                return newcomer
            running = await task

    assert 0 < asyncio.run(scene()) < 200


def test_the_clocks_forget_who_is_no_longer_ahead():
    async def scene():
        gate = FairGate()
        for visitor in range(2000):
            gate.leave(await gate.enter(visitor, address=visitor), 1.0)
            gate.leave(await gate.enter(visitor), 1.0)
        return len(gate.visitors), len(gate.addresses[False].ahead), len(gate.visitors[False, ""].ahead)

    clocks, addresses, visitors = asyncio.run(scene())
    assert clocks <= MAX_ADDRESSES and addresses <= LINE and visitors <= LINE


def test_slow_turns_leave_room_for_live_ones():
    """Otherwise a stroke waits for several large requests at once, each of which is evaluated beside it."""

    async def scene():
        gate, begun = FairGate(width=32, slow_width=8), []

        async def ask_for(name: str, pictures: int, live: bool) -> None:
            turn = await gate.enter(name, address=name, pictures=pictures, live=live)
            begun.append(name)
            turns[name] = turn

        turns: dict[str, Turn | None] = {}
        wishes = [("large", 16, False), ("larger", 16, False), ("stroke", 1, True), ("small", 1, False)]
        tasks = [asyncio.create_task(ask_for(*wish)) for wish in wishes]
        await until(lambda: "stroke" in begun)
        first = list(begun)
        gate.leave(turns["large"])
        await until(lambda: len(begun) == 3)
        gate.leave(turns["larger"])
        await asyncio.gather(*tasks)
        return first, begun

    first, begun = asyncio.run(scene())
    assert first == ["large", "stroke"] and begun[2:] == ["larger", "small"]
