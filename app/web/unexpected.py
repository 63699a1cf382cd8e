"""Errors that nobody foresaw: to the terminal, in full the first time, so that a repeated one does not fill a disk."""

import secrets
import sys
import traceback

MAX_KINDS = 200  # kinds that are told apart; the same type at the same line is one
MAX_MESSAGE = 500  # characters of an error's message

_seen: set[tuple[str, str, int]] = set()


def report(error: BaseException) -> str:
    """Print the error and return the reference under which it was printed."""
    reference = secrets.token_hex(3)
    frames = traceback.extract_tb(error.__traceback__)
    place = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("nowhere", 0)
    kind = (type(error).__name__, *place)
    print(f"Unexpected error {reference}: {kind[0]} at {place[0]}:{place[1]}", file=sys.stderr)
    if kind not in _seen and len(_seen) < MAX_KINDS:
        _seen.add(kind)
        traceback.print_tb(error.__traceback__, file=sys.stderr)
        print(repr(str(error)[:MAX_MESSAGE]), file=sys.stderr)  # quoted: it may hold what a stranger sent
    return reference
