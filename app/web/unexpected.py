"""Errors that nobody foresaw: to the terminal, in full the first time and seldom later, so that none fills a disk."""

import secrets
import sys
import traceback
from collections import Counter

MAX_KINDS = 200  # kinds that are told apart; the same type at the same line is one
MAX_LINES = 100  # of one kind, and then one of so many
MAX_MESSAGE = 500  # characters of an error's message

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
        print(repr(str(error)[:MAX_MESSAGE]), file=sys.stderr)  # quoted: it may hold what a stranger sent
    return reference
