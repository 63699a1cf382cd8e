"""Turns at the model: one evaluation at a time. Visitors wait in a line, in which each of them is once."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable

from core.errors import RequestError

FULL = "All places are taken. Your strokes are safe; try again in a minute."


class FairGate:
    """A line in which each visitor is at most once. A visitor's newer request takes the position of the older one.

    It belongs to one event loop: call it from that thread only.
    """

    def __init__(self, *, width: int = 1, max_waiting: int = 64):
        """width: how many callers may have a turn at the same time. max_waiting: how many visitors the line holds."""
        self.width, self.max_waiting = width, max_waiting
        self.free = width
        self.line: OrderedDict[Hashable, asyncio.Future[bool]] = OrderedDict()

    async def enter(self, visitor: Hashable) -> bool:
        """Waits for a turn. True: the caller has it and must call `leave`. False: a newer request waits instead.

        visitor: any key; equal keys are one visitor. Raises RequestError when the line is full.
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
        """End the turn: the first in line has it next."""
        while self.line:
            _, turn = self.line.popitem(last=False)
            if not turn.done():  # done here: its caller was cancelled and has not woken up yet
                turn.set_result(True)
                return
        self.free += 1

    def queue_position(self, visitor: Hashable) -> int:
        """How many are served up to and including this waiting visitor, those with a turn counted; 0: not in line."""
        for index, waiting in enumerate(self.line):
            if waiting == visitor:
                return self.width + index + 1
        return 0

    def _forget(self, visitor: Hashable, turn: asyncio.Future[bool]) -> None:
        """The caller was cancelled while it waited, or after it got the turn and before it could run."""
        if self.line.get(visitor) is turn:
            del self.line[visitor]
        elif turn.done() and not turn.cancelled() and turn.result():
            self.leave()
