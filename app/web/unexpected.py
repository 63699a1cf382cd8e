"""Errors that nobody foresaw: to the terminal, with all lines of code the first time and seldom later.

So none fills a disk. The error's own message is left out: it may quote what a stranger sent.
"""

import asyncio
import secrets
import sys
import traceback
from collections import Counter
from typing import Any

MAX_KINDS = 200  # kinds that are told apart; the same type at the same line is one
MAX_LINES = 100  # of one kind, and then one of so many

_seen: Counter[tuple[str, str, int]] = Counter()

OTHER = ("of any other kind", "", 0)


def report(error: BaseException) -> str:
    """Print the error and return the reference under which it was printed."""
    reference = secrets.token_hex(3)
    frames = traceback.extract_tb(error.__traceback__)
    place = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("nowhere", 0)
    kind = (type(error).__name__, *place)
    kind = kind if kind in _seen or len(_seen) < MAX_KINDS else OTHER
    _seen[kind] += 1
    if _seen[kind] <= MAX_LINES or _seen[kind] % MAX_LINES == 0:
        print(f"Unexpected error {reference}: {type(error).__name__} at {place[0]}:{place[1]}", file=sys.stderr)
    if _seen[kind] == 1 and kind != OTHER:
        traceback.print_tb(error.__traceback__, file=sys.stderr)
    return reference


def report_of_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For `loop.set_exception_handler`: errors of tasks for which nobody waits. asyncio's own prints their messages."""
    error = context.get("exception")
    if error is None:
        loop.default_exception_handler(context)
    else:
        report(error)
