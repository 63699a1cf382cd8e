"""Turns at the model: one evaluation at a time, visitors in line, one place in it for each of them."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable

from core.errors import RequestError

FULL = "All places are taken. Your strokes are safe; try again in a minute."


class FairGate:
    """A line in which everybody has one place, and whoever asks again keeps it for the newer wish.

    Lives on one event loop; nothing in it may be called from another thread.
    """

    def __init__(self, *, width: int = 1, max_waiting: int = 64):
        """`width` holders at a time; beyond `max_waiting` visitors in line, newcomers are turned away."""
        self.width, self.max_waiting = width, max_waiting
        self.free = width
        self.line: OrderedDict[Hashable, asyncio.Future[bool]] = OrderedDict()

    async def enter(self, visitor: Hashable) -> bool:
        """True: it is this caller's turn, and `leave` must follow. False: the same visitor asked again meanwhile.

        Raises RequestError when the line is full.
        """
        if self.free:
            self.free -= 1
            return True
        older = self.line.get(visitor)
        if older is None and len(self.line) >= self.max_waiting:
            raise RequestError(FULL)
        turn = asyncio.get_running_loop().create_future()
        self.line[visitor] = turn
        if older is not None and not older.done():
            older.set_result(False)
        try:
            return await turn
        except asyncio.CancelledError:
            self._forget(visitor, turn)
            raise

    def leave(self) -> None:
        """Hand the turn to the first in line, or keep it free."""
        while self.line:
            _, turn = self.line.popitem(last=False)
            if not turn.done():  # done here: its caller was cancelled and has not woken up yet
                turn.set_result(True)
                return
        self.free += 1

    def place(self, visitor: Hashable) -> int:
        """1-based place of a waiting visitor, whoever is being served counted first; 0 when not in line."""
        for index, waiting in enumerate(self.line):
            if waiting == visitor:
                return self.width + index + 1
        return 0

    def _forget(self, visitor: Hashable, turn: asyncio.Future[bool]) -> None:
        """A caller went away while it waited, or in the moment between its turn and its waking up."""
        if self.line.get(visitor) is turn:
            del self.line[visitor]
        elif turn.done() and not turn.cancelled() and turn.result():
            self.leave()
