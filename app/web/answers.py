"""What the page hears: answers of the engine, pictures and errors as plain dicts for its components."""

import secrets
import sys
import traceback
from typing import Any

from app.edits.data_url import to_data_url
from app.edits.results import Picture
from app.engine.engine import LOADING, Answer
from core.errors import OnestrokeError


def told(answer: Answer, seq: int, kind: str, seed: int) -> dict:
    """An engine's answer in the page's words, without its pictures."""
    words = {
        "seq": seq,
        "kind": kind,
        "state": answer.state,
        "step": answer.step,
        "steps": answer.steps,
        "ms": round(answer.ms, 1),
        "model_ms": round(answer.model_ms, 1),
        "seed": seed,
    }
    if answer.state == "queue":
        return words | {"place": answer.queue_position} | ({} if answer.queue_position else {"hint": LOADING})
    return words


def told_picture(picture: Picture) -> dict:
    """One picture; a preview has no PNG yet."""
    words = {"src": to_data_url(picture.preview, "jpeg"), "seed": picture.seed}
    return words | ({"png": to_data_url(picture.png, "png")} if picture.png else {})


def told_error(value: Any, kind: str, error: Exception) -> dict:
    """An error as the answer to the value that was sent, whatever that was."""
    seq = value.get("seq") if isinstance(value, dict) else None
    return {
        "seq": seq if isinstance(seq, int) else 0,
        "kind": kind,
        "state": "error",
        "error": sentence(error),
    }


def sentence(error: Exception) -> str:
    """What a person is told. What nobody foresaw goes to the terminal, under a reference that they can quote."""
    if isinstance(error, OnestrokeError):
        return str(error)
    reference = secrets.token_hex(3)
    print(f"Unexpected error {reference}:", file=sys.stderr)
    traceback.print_exception(error, file=sys.stderr)
    return f"Something went wrong in the program. Your strokes are safe; the terminal tells more under {reference}."
