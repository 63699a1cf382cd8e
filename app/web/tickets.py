"""Who asks, and at which of their changes: tickets from what a page sent, which may be anything."""

from dataclasses import replace
from typing import Any

from app.edits.inputs import is_whole
from app.edits.registry import EDITS, PAINT
from app.engine.jobs import Lane, Ticket
from core.errors import RequestError

MAX_SEQ = 2**53  # the largest whole number that JavaScript counts to exactly
MAX_VISITOR = 40  # characters
BAD_TICKET = "The page sent something that is not a painting. Reload it; your strokes are kept."


def read_ticket(message: Any, lane: Lane = "picture") -> Ticket:
    """Who sent this, and at which of their changes. Raises RequestError."""
    seq, visitor = (message.get("seq"), message.get("visitor")) if isinstance(message, dict) else (None, None)
    if not isinstance(visitor, str) or not 0 < len(visitor) <= MAX_VISITOR:
        raise RequestError(BAD_TICKET)
    if not is_whole(seq) or not 0 <= seq <= MAX_SEQ:
        raise RequestError(BAD_TICKET)
    return Ticket(visitor, int(seq), lane)


def edit_ticket(message: Any) -> Ticket:
    """Who asks, in which tab: each counts its changes by itself, and so does a batch. Raises RequestError."""
    ticket = read_ticket(message)
    task = task_of(message)
    if task not in EDITS or task == PAINT.name:  # its lanes are told apart by themselves
        return ticket
    return replace(ticket, visitor=f"{ticket.visitor} {task}{' batch' if message.get('batch') is True else ''}")


def task_of(message: dict) -> Any:
    """The tab's task as the requests name it: "super-resolve" for "super_resolve"."""
    task = message.get("task")
    return task.replace("_", "-") if isinstance(task, str) else None
