"""Who asks, in which tab, and after which of their changes: tickets from what a page sent, which may be anything."""

from typing import Any

from app.edits.registry import EDITS
from app.engine.jobs import Ticket
from app.web.callers import NOBODY, Caller
from core.errors import RequestError

SEQ_LIMIT = 2**53  # JavaScript counts exactly up to here
MAX_VISITOR = 40  # characters
BAD_TICKET = "The page sent something that is not a painting. Reload it; your strokes are kept."


def read_ticket(message: Any, caller: Caller = NOBODY) -> Ticket:
    """The ticket of a request, or of a message about one, that the caller sent. Raises RequestError.

    Each tab counts its changes by itself, and so does a batch. Variations of a painting do not replace its picture.
    """
    visitor, seq = read_visitor(message), message.get("seq")
    if type(seq) is not int or not 0 <= seq < SEQ_LIMIT:  # a bool is an int as well
        raise RequestError(BAD_TICKET)
    task, kind = task_of(message), message.get("kind")
    tab = f" {task}" if task in EDITS else ""
    batch = " batch" if kind == "batch" else ""
    return Ticket(visitor + tab + batch, seq, "variations" if kind == "variations" else "picture", caller.address)


def read_visitor(message: Any) -> str:
    """The random name that a page has given itself. Raises RequestError."""
    visitor = message.get("visitor") if isinstance(message, dict) else None
    if not isinstance(visitor, str) or not 0 < len(visitor) <= MAX_VISITOR:
        raise RequestError(BAD_TICKET)
    return visitor


def task_of(message: dict) -> str | None:
    """The task as requests name it: "super-resolve" for "super_resolve"."""
    task = message.get("task")
    return task.replace("_", "-") if isinstance(task, str) else None
