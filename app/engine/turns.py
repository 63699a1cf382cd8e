"""Turns at the model. Visitors wait in a line, in which each of them is once.

Several turns run at the same time, since their evaluations may share one batch (app/engine/sharing.py). The next turn
is for whoever has had the least of the model's time. Live pictures together get at least half of it while any waits.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

from app.engine.fairness import FairClock
from core.errors import RequestError

FULL = "All places are taken. Your strokes are safe; try again in a minute."


class Busy(RequestError):
    """The line is full."""


@dataclass(eq=False)
class Turn:
    """One evaluation, or the wait for it. `begins`: True when it may begin, False when a newer one waits instead."""

    visitor: Hashable
    pictures: int
    live: bool
    begins: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    began: tuple[float, float] = (0.0, 0.0)  # by the clock of the lanes, and by that of the visitors in its lane


class FairGate:
    """A line in which each visitor is at most once. A visitor's newer request takes the position of the older one.

    It belongs to one event loop: call it from that thread only.
    """

    def __init__(self, *, width: int = 1, max_waiting: int = 64):
        """width: a turn begins while those that run have fewer pictures. max_waiting: visitors that the line holds."""
        self.width, self.max_waiting = width, max_waiting
        self.line: OrderedDict[Hashable, Turn] = OrderedDict()
        self.turns: set[Turn] = set()
        self.lanes = FairClock()
        self.visitors = {True: FairClock(), False: FairClock()}  # by `Turn.live`

    async def enter(self, visitor: Hashable, *, pictures: int = 1, live: bool = False) -> Turn | None:
        """Waits for a turn. The caller must `leave` it. None: a newer request of this visitor waits instead.

        visitor: any key; equal keys are one visitor. pictures: how many the network gets. Raises Busy when the line is
        full.
        """
        older = self.line.get(visitor)
        if older is None and len(self.line) >= self.max_waiting:
            raise Busy(FULL)
        turn = self.line[visitor] = Turn(visitor, pictures, live)
        if older is not None and not older.begins.done():
            older.begins.set_result(False)
        self._begin_turns()
        try:
            return turn if await turn.begins else None
        except asyncio.CancelledError:
            self._forget(turn)
            raise

    def leave(self, turn: Turn, seconds: float = 0.0) -> None:
        """End a turn that has taken so many seconds of the model's time: the next ones begin."""
        self.turns.discard(turn)
        lane_began, visitor_began = turn.began
        self.lanes.charge(turn.live, lane_began, seconds)
        self.visitors[turn.live].charge(turn.visitor, visitor_began, seconds)
        self._begin_turns()

    def queue_position(self, visitor: Hashable) -> int:
        """How many are served up to and including this waiting visitor, all with a turn as one; 0: not in line."""
        if visitor not in self.line:
            return 0
        return 2 + sorted(self.line.values(), key=self._order).index(self.line[visitor])

    def _begin_turns(self) -> None:
        while self.line and sum(turn.pictures for turn in self.turns) < self.width:
            turn = min(self.line.values(), key=self._order)
            del self.line[turn.visitor]
            if turn.begins.done():  # its caller was cancelled and has not woken up yet
                continue
            turn.began = self.lanes.begin(turn.live), self.visitors[turn.live].begin(turn.visitor)
            self.turns.add(turn)
            turn.begins.set_result(True)

    def _order(self, turn: Turn) -> tuple[float, bool, float]:
        """The least is next; of equal ones, who came first."""
        return self.lanes.time_of(turn.live), not turn.live, self.visitors[turn.live].time_of(turn.visitor)

    def _forget(self, turn: Turn) -> None:
        """The caller was cancelled while it waited, or after it got the turn and before it could run."""
        if self.line.get(turn.visitor) is turn:
            del self.line[turn.visitor]
        elif turn in self.turns:
            self.leave(turn)
