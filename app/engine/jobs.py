"""Which of a visitor's requests still count: the newest seq seen, and what was cancelled. Nothing else is kept."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

EARLY_CANCEL_S = 2.0  # how long a cancel waits for a request that it overtook on the way here

Lane = Literal["picture", "variations"]
Ending = Literal["busy", "stopped"]


@dataclass(frozen=True)
class Ticket:
    """Who asks, and which of their changes it belongs to. In one lane a higher seq makes the lower ones stale."""

    visitor: str
    seq: int
    lane: Lane = "picture"

    @property
    def place(self) -> tuple[str, Lane]:
        """What holds one place in the line."""
        return self.visitor, self.lane


@dataclass(eq=False)
class Job:
    """A request on its way through the engine. `ended` is set as soon as its answer is no longer wanted."""

    ticket: Ticket
    ended: asyncio.Future = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def end(self, how: Ending) -> None:
        if not self.ended.done():
            self.ended.set_result(how)


class Visits:
    """The newest seq of each visitor's lanes (a bounded table) and the jobs that are under way."""

    def __init__(self, *, capacity: int = 1000, clock: Callable[[], float] = time.monotonic):
        self.capacity, self.clock = capacity, clock
        self.newest: OrderedDict[tuple[str, Lane], int] = OrderedDict()
        self.early_cancels: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self.jobs: set[Job] = set()

    def saw(self, ticket: Ticket) -> None:
        """A request with this seq exists: whatever is older in its lane ends as "busy"."""
        self.newest[ticket.place] = max(ticket.seq, self.newest.get(ticket.place, 0))
        self.newest.move_to_end(ticket.place)
        self._bound(self.newest)
        for job in self._jobs_of(ticket.visitor):
            if job.ticket.lane == ticket.lane and job.ticket.seq < ticket.seq:
                job.end("busy")

    def cancel(self, ticket: Ticket) -> None:
        """The visitor wants nothing more of this seq and what came before, in any lane."""
        hit = [job for job in self._jobs_of(ticket.visitor) if job.ticket.seq <= ticket.seq]
        for job in hit:
            job.end("stopped")
        if not hit:  # it may be on its way still; remembered for a moment only, so that a later "continue" works
            self.early_cancels[ticket.visitor] = (ticket.seq, self.clock() + EARLY_CANCEL_S)
            self._bound(self.early_cancels)

    @contextmanager
    def job(self, ticket: Ticket) -> Iterator[Job]:
        """The request as a job, for as long as it is worked on."""
        self.saw(ticket)
        job = Job(ticket)
        if ticket.seq < self.newest[ticket.place]:
            job.end("busy")
        elif self._was_cancelled(ticket):
            job.end("stopped")
        self.jobs.add(job)
        try:
            yield job
        finally:
            self.jobs.discard(job)

    def _jobs_of(self, visitor: str) -> list[Job]:
        return [job for job in self.jobs if job.ticket.visitor == visitor]

    def _was_cancelled(self, ticket: Ticket) -> bool:
        seq, until = self.early_cancels.pop(ticket.visitor, (-1, 0.0))
        return ticket.seq <= seq and self.clock() < until

    def _bound(self, table: OrderedDict) -> None:
        while len(table) > self.capacity:
            table.popitem(last=False)
