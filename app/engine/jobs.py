"""Which of a visitor's requests are still wanted: the newest seq of each lane, and what was cancelled.

The page counts its changes: `seq` is the number of the change that a request belongs to. Whoever knows a visitor's name
can end the visitor's requests, so pages choose long random names, and so does the server for requests of its own.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, Self

from app.engine.busy import TOO_MANY, Busy
from core.errors import RequestError

EARLY_CANCEL_S = 2.0  # seconds that a cancel is remembered: it may arrive before the request that it is for

MAX_AHEAD = 10_000  # changes by which a seq may be ahead of the newest of its visitor: one wrong number ends no visit

FAR_AHEAD = "The page has lost count of its changes. Reload it; your strokes are kept."

Lane = Literal["picture", "variations"]
Ending = Literal["busy", "stopped"]


@dataclass(frozen=True)
class Ticket:
    """The visitor of a request and its seq. In one lane of a visitor a request replaces those of lower seq."""

    visitor: str
    seq: int
    lane: Lane = "picture"
    address: str = ""  # where it came from; "" is not bounded

    @classmethod
    def of_server(cls, address: str = "") -> Self:
        """A ticket for one request that no page sends. Nobody else can name its visitor."""
        return cls(secrets.token_hex(16), 0, address=address)

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

    def __init__(self, *, places: int | None = None, capacity: int = 1000, clock: Callable[[], float] = time.monotonic):
        """places: how many lanes of one address may have jobs at the same time; None: any number."""
        self.places, self.capacity, self.clock = places, capacity, clock
        self.newest: OrderedDict[tuple[str, Lane], int] = OrderedDict()
        self.early_cancels: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self.jobs: set[Job] = set()

    def note_newest(self, ticket: Ticket) -> None:
        """There is a request or a change with this seq: jobs with a lower seq in its lane end as "busy".

        Raises RequestError, and changes nothing, for a seq that is more than MAX_AHEAD ahead.
        """
        self._check(ticket)
        self.newest[ticket.queue_key] = max(ticket.seq, self.newest.get(ticket.queue_key, 0))
        self.newest.move_to_end(ticket.queue_key)
        self._bound(self.newest)
        for job in self._jobs_of(ticket.visitor):
            if job.ticket.lane == ticket.lane and job.ticket.seq < ticket.seq:
                job.end("busy")

    def cancel(self, ticket: Ticket) -> None:
        """End the visitor's jobs of this seq and of lower ones, in every lane, as "stopped".

        Raises as `note_newest`.
        """
        self._check(ticket)
        hit = [job for job in self._jobs_of(ticket.visitor) if job.ticket.seq <= ticket.seq]
        for job in hit:
            job.end("stopped")
        if not hit:  # its request may still be on the way; remembered for a moment only, so that a later one works
            self.early_cancels[ticket.visitor] = (ticket.seq, self.clock() + EARLY_CANCEL_S)
            self._bound(self.early_cancels)

    @contextmanager
    def job(self, ticket: Ticket) -> Iterator[Job]:
        """The job of a request, while it runs. It has ended at once if the request is outdated or cancelled already.

        Raises as `note_newest`, and Busy if all places of its address are taken.
        """
        self.note_newest(ticket)
        self._check_places(ticket)
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

    def _check(self, ticket: Ticket) -> None:
        if ticket.seq - self.newest.get(ticket.queue_key, ticket.seq) > MAX_AHEAD:
            raise RequestError(FAR_AHEAD)

    def _check_places(self, ticket: Ticket) -> None:
        if self.places is not None and ticket.address:
            taken = {job.ticket.queue_key for job in self.jobs if job.ticket.address == ticket.address}
            if len(taken - {ticket.queue_key}) >= self.places:
                raise Busy(TOO_MANY)

    def _jobs_of(self, visitor: str) -> list[Job]:
        return [job for job in self.jobs if job.ticket.visitor == visitor]

    def _was_cancelled(self, ticket: Ticket) -> bool:
        seq, until = self.early_cancels.pop(ticket.visitor, (-1, 0.0))
        return ticket.seq <= seq and self.clock() < until

    def _bound(self, table: OrderedDict) -> None:
        while len(table) > self.capacity:
            table.popitem(last=False)
