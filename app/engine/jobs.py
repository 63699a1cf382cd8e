"""Which of a visitor's requests are still wanted: the newest seq of each lane, and what was cancelled.

The page counts its changes: `seq` is the number of the change that a request belongs to.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

EARLY_CANCEL_S = 2.0  # seconds that a cancel is remembered: it may arrive before the request that it is for

Lane = Literal["picture", "variations"]
Ending = Literal["busy", "stopped"]


@dataclass(frozen=True)
class Ticket:
    """The visitor of a request and its seq. In one lane of a visitor a request replaces those of lower seq."""

    visitor: str
    seq: int
    lane: Lane = "picture"
    address: str = ""  # where it came from; "" is not bounded

    @property
    def queue_key(self) -> tuple[str, Lane]:
        """The key in the line (app/engine/turns.py): requests with equal keys replace each other."""
        return self.visitor, self.lane


@dataclass(eq=False)
class Job:
    """A request in the engine. `ended` gets a result as soon as its answer is no longer wanted: how it ended."""

    ticket: Ticket
    ended: asyncio.Future = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def end(self, how: Ending) -> None:
        """End the job, unless it has ended already."""
        if not self.ended.done():
            self.ended.set_result(how)


class Visits:
    """The newest seq of each visitor's lanes, in a table of at most `capacity` rows, and the jobs that are running."""

    def __init__(self, *, capacity: int = 1000, clock: Callable[[], float] = time.monotonic):
        self.capacity, self.clock = capacity, clock
        self.newest: OrderedDict[tuple[str, Lane], int] = OrderedDict()
        self.early_cancels: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self.jobs: set[Job] = set()

    def note_newest(self, ticket: Ticket) -> None:
        """There is a request or a change with this seq: jobs with a lower seq in its lane end as "busy"."""
        self.newest[ticket.queue_key] = max(ticket.seq, self.newest.get(ticket.queue_key, 0))
        self.newest.move_to_end(ticket.queue_key)
        self._bound(self.newest)
        for job in self._jobs_of(ticket.visitor):
            if job.ticket.lane == ticket.lane and job.ticket.seq < ticket.seq:
                job.end("busy")

    def cancel(self, ticket: Ticket) -> None:
        """End the visitor's jobs of this seq and of lower ones, in every lane, as "stopped"."""
        hit = [job for job in self._jobs_of(ticket.visitor) if job.ticket.seq <= ticket.seq]
        for job in hit:
            job.end("stopped")
        if not hit:  # its request may still be on the way; remembered for a moment only, so that a later one works
            self.early_cancels[ticket.visitor] = (ticket.seq, self.clock() + EARLY_CANCEL_S)
            self._bound(self.early_cancels)

    @contextmanager
    def job(self, ticket: Ticket) -> Iterator[Job]:
        """The job of a request, while it runs. It has ended at once if the request is outdated or cancelled already."""
        self.note_newest(ticket)
        job = Job(ticket)
        if ticket.seq < self.newest[ticket.queue_key]:
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
