"""The messages that the page receives: the engine's answers, pictures and errors as plain dicts for its components."""

from typing import Any

from app.edits.base import FINAL_SIDE, Edit
from app.edits.data_url import to_data_url
from app.edits.previews import fitted, preview_jpeg
from app.edits.results import Picture, Result
from app.engine.engine import LOADING, Answer
from app.store.photos import GONE
from app.store.results import ROUTE, ResultStore, StoredResult, file_name
from app.store.uploads import DISK_FULL, NO_SPACE
from app.web.unexpected import report
from app.web.values import KINDS
from core.compose import Square, view
from core.errors import OnestrokeError, PictureError
from core.images import to_uint8

LEAST_TOLD_S = 1.0  # seconds: what is left below is not worth a word
PNG_PIXELS = 1_000_000  # a finished photo up to this size comes with its answer, a larger one by download alone


def answer_message(answer: Answer, seq: int, kind: str, seed: int) -> dict:
    """What an answer says, without its pictures. Times in milliseconds, but for `left`, in seconds."""
    message = {
        "seq": seq,
        "kind": kind,
        "state": answer.state,
        "step": answer.step,
        "steps": answer.steps,
        "ms": round(answer.ms, 1),
        "model_ms": round(answer.model_ms, 1),
        "seed": seed,
    }
    if answer.square is not None:
        message["square"] = list(answer.square)
    if answer.left_s >= LEAST_TOLD_S:
        message["left"] = round(answer.left_s, 1)
    if answer.state == "queue":
        return (
            message | {"queue_position": answer.queue_position} | ({} if answer.queue_position else {"hint": LOADING})
        )
    return message


def pictures_message(answer: Answer, request: Edit) -> dict:
    """The pictures of an answer: those of several seeds in a list, a single one beside what the answer says."""
    pictures = [picture_message(picture) for picture in answer.pictures]
    if not pictures:
        return {}
    return {"pictures": pictures} if request.many or len(pictures) > 1 else pictures[0]


def picture_message(picture: Picture) -> dict:
    """One picture. A preview has no PNG."""
    message = {"src": to_data_url(picture.preview, "jpeg"), "seed": picture.seed}
    return message | ({"png": to_data_url(picture.png, "png")} if picture.png else {})


def finished_message(answer: Answer, request: Edit, results: ResultStore, name: Any, address: str) -> dict:
    """The finished pictures of an edit and what it found out. name: of the photo's file, whatever the page sent.

    Does the rest of the edit's work, which may take seconds. A photo is kept in `results` for its download.
    """
    assert answer.finish is not None  # "done" brings it
    finished = answer.finish()
    facts = {key: _fact(value) for key, value in finished.facts.items()}
    if not request.many:
        kept = StoredResult(file_name(name, request.task), finished.results[0], owner=address)
        return _photo_message(kept, finished.results[0], answer, results) | facts
    moving = {"animation": to_data_url(finished.animation, "webp")} if finished.animation else {}
    return pictures_message(answer, request) | moving | facts


def kept_message(kept: str, name: str, **facts: Any) -> dict:
    """Where a result is downloaded, by its id in the store, and under which name it is saved."""
    return {"result": kept, "url": f"{ROUTE}/{kept}", "name": name, **facts}


def error_message(value: Any, error: Exception) -> dict:
    """An error as the answer to the value that was sent, whatever that was."""
    sent = value if isinstance(value, dict) else {}
    seq, kind = sent.get("seq"), sent.get("kind")
    message = {
        "seq": seq if isinstance(seq, int) else 0,
        "kind": kind if kind in KINDS else "refine",
        "state": "error",
        "error": error_sentence(error),
    }
    return message | ({"gone": True} if isinstance(error, PictureError) and str(error) == GONE else {})


def error_sentence(error: Exception) -> str:
    """What a person reads. An unexpected error goes to the terminal, under a reference that they can quote."""
    if isinstance(error, OnestrokeError):
        return str(error)
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        return DISK_FULL
    reference = report(error)
    return f"Something went wrong in the program. Nothing of yours is lost; the terminal tells more under {reference}."


def _photo_message(stored: StoredResult, result: Result, answer: Answer, results: ResultStore) -> dict:
    rows, columns = result.pixels.shape[:2]
    kept = results.keep(stored)
    message = {
        "src": to_data_url(_shown(result, answer), "jpeg"),
        "final": kept_message(kept, stored.name, width=columns, height=rows),
    }
    return message | ({"png": to_data_url(result.png(), "png")} if rows * columns <= PNG_PIXELS else {})


def _shown(result: Result, answer: Answer) -> bytes:
    """A JPEG of the finished picture, or of the square that was worked on, at most FINAL_SIDE pixels a side."""
    if answer.square is not None:
        square = Square(*answer.square)
        return preview_jpeg(to_uint8(view(result.pixels, square, min(square.side, FINAL_SIDE)))[0])
    return preview_jpeg(fitted(result.pixels, FINAL_SIDE))


def _fact(value: Any) -> Any:
    return to_data_url(value, "png") if isinstance(value, bytes) else value
