"""Turns at the model. Visitors wait in a line, in which each of them is once.

Several turns run at the same time, since their evaluations may share one batch (app/engine/sharing.py). The next turn
is for whoever has had the least of the model's time: first among addresses, then among the visitors of one. Live
pictures together get at least half of it while any waits.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.engine.busy import FULL, Busy
from app.engine.fairness import FairClock

MAX_ADDRESSES = 1000  # whose visitors are remembered


@dataclass(eq=False)
class Turn:
    """One evaluation, or the wait for it. `begins`: True when it may begin, False when a newer one waits instead."""

    visitor: Hashable
    address: Hashable
    pictures: int
    live: bool
    begins: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    began: list[float] = field(default_factory=list)  # by each of its clocks


class FairGate:
    """A line in which each visitor is at most once. A visitor's newer request takes the position of the older one.

    It belongs to one event loop: call it from that thread only.
    """

    def __init__(self, *, width: int = 1, slow_width: int | None = None, max_waiting: int = 64):
        """width: a turn begins while those that run have fewer pictures. max_waiting: visitors that the line holds.

        slow_width: the same of turns that are not live, among themselves; None: as many as fit.
        """
        self.width, self.slow_width, self.max_waiting = width, width if slow_width is None else slow_width, max_waiting
        self.line: OrderedDict[Hashable, Turn] = OrderedDict()
        self.turns: set[Turn] = set()
        self.lanes = FairClock()
        self.addresses = {True: FairClock(), False: FairClock()}  # by `Turn.live`
        self.visitors: OrderedDict[tuple[bool, Hashable], FairClock] = OrderedDict()  # one for each lane and address

    async def enter(
        self, visitor: Hashable, *, address: Hashable = "", pictures: int = 1, live: bool = False
    ) -> Turn | None:
        """Waits for a turn. The caller must `leave` it. None: a newer request of this visitor waits instead.

        visitor: any key; equal keys are one visitor. address: where the visitor is; the visitors of one address share
        its time, however many names they have. pictures: how many the network gets. Raises Busy when the line is full.
        """
        older = self.line.get(visitor)
        if older is None and len(self.line) >= self.max_waiting:
            raise Busy(FULL)
        turn = self.line[visitor] = Turn(visitor, address, pictures, live)
        if older is not None and not older.begins.done():
            older.begins.set_result(False)
        self._begin_turns()
        try:
            return turn if await turn.begins else None
        except asyncio.CancelledError:
            self._forget(turn)
            raise

    @asynccontextmanager
    async def own_turn(self, address: Hashable) -> AsyncIterator[None]:
        """A turn for work that nothing replaces. The address is charged the time that it takes. Raises Busy."""
        turn = await self.enter(object(), address=address)
        assert turn is not None, "no other caller can have this key in the line"
        began = time.perf_counter()
        try:
            yield
        finally:
            self.leave(turn, time.perf_counter() - began)

    def leave(self, turn: Turn, seconds: float = 0.0) -> None:
        """End a turn that has taken so many seconds of the model's time: the next ones begin."""
        self.turns.discard(turn)
        for (clock, key), began in zip(self._clocks(turn), turn.began, strict=True):
            clock.charge(key, began, seconds)
        self._begin_turns()

    def queue_position(self, visitor: Hashable) -> int:
        """How many are served up to and including this waiting visitor, all with a turn as one; 0: not in line."""
        if visitor not in self.line:
            return 0
        return 2 + sorted(self.line.values(), key=self._order).index(self.line[visitor])

    def _begin_turns(self) -> None:
        while waiting := self._may_begin():
            turn = min(waiting, key=self._order)
            del self.line[turn.visitor]
            if turn.begins.done():  # its caller was cancelled and has not woken up yet
                continue
            turn.began = [clock.begin(key) for clock, key in self._clocks(turn)]
            self.turns.add(turn)
            turn.begins.set_result(True)

    def _may_begin(self) -> list[Turn]:
        """Those in the line for which there is room."""
        if sum(turn.pictures for turn in self.turns) >= self.width:
            return []
        room = sum(turn.pictures for turn in self.turns if not turn.live) < self.slow_width
        return [turn for turn in self.line.values() if turn.live or room]

    def _order(self, turn: Turn) -> tuple[float, bool, float, float]:
        """The least is next; of equal ones, who came first."""
        lane, address, visitor = (clock.time_of(key) for clock, key in self._clocks(turn))
        return lane, not turn.live, address, visitor

    def _clocks(self, turn: Turn) -> list[tuple[FairClock, Hashable]]:
        """What a turn is charged to, the coarsest first, each with its key on that clock."""
        addresses, visitors = self.addresses[turn.live], self._clock_of(turn.live, turn.address)
        return [(self.lanes, turn.live), (addresses, turn.address), (visitors, turn.visitor)]

    def _clock_of(self, live: bool, address: Hashable) -> FairClock:
        """The clock of an address's visitors. Those of addresses that came longest ago are forgotten."""
        clock = self.visitors.setdefault((live, address), FairClock())
        self.visitors.move_to_end((live, address))
        while len(self.visitors) > MAX_ADDRESSES:
            self.visitors.popitem(last=False)
        return clock

    def _forget(self, turn: Turn) -> None:
        """The caller was cancelled while it waited, or after it got the turn and before it could run."""
        if self.line.get(turn.visitor) is turn:
            del self.line[turn.visitor]
        elif turn in self.turns:
            self.leave(turn)
