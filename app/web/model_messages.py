"""What the page is told of a model, as plain dicts."""

from collections.abc import Callable, Iterator
from typing import Any

from app.engine.loading import SLOW_S
from app.engine.used import Used
from app.installed import InstalledModel
from app.web import text
from app.web.plain_markdown import plain_text
from app.web.subject import subject_words
from core.card import ModelCard

LEAST_PACE_S = 0.005  # seconds: below, no number of pictures takes long
MAX_LOOKS = 6  # of a card's facts; more are told by their number


def about_message(used: Used) -> dict[str, Any]:
    """The model in use: what its dialog says, and what the tabs follow. Times are of an evaluation.

    seconds: if that is slow. pace: of one picture among several, as far as it was measured.
    """
    card = used.card
    about = {"number": used.number, "name": card.name, "description": card.description, "facts": facts_of(card)}
    follows = {"looks": list(card.classes), "resolution": card.resolution, "steps": card.default_steps}
    times = {"seconds": used.seconds if used.seconds > SLOW_S else 0, "pace": used.expected_s(1)}
    return about | follows | {"words": subject_words(card)} | times


def pace_message(used: Used) -> dict[str, Any]:
    """{"pace": seconds of an evaluation of one picture}, of late; {} where that is next to nothing."""
    pace = used.expected_s(1)
    return {"pace": round(pace, 4)} if pace >= LEAST_PACE_S else {}


def installed_message(model: InstalledModel, in_use: bool) -> dict[str, Any]:
    """A model that can be chosen, or why not. size: in bytes."""
    message: dict[str, Any] = {"id": model.id, "size": model.size, "inUse": in_use}
    if model.card is None:
        return message | {"name": model.source.name, "problem": model.problem}
    card = model.card
    said = {"name": card.name, "side": card.resolution, "licence": card.licence, "looks": len(card.classes)}
    return message | said | {"description": card.description, "limits": card.limits}


def facts_of(card: ModelCard) -> list[tuple[str, str]]:
    """Pairs of label and text. Fields that a card leaves empty are left out."""
    shown: dict[str, Callable[[Any], str]] = {
        "resolution": lambda side: f"{side} x {side} pixels",
        "classes": lambda names: ", ".join(names) if len(names) <= MAX_LOOKS else f"{len(names)}, to be searched",
        "training": lambda facts: "\n".join(_training_lines(facts)),
        "credits": plain_text,
    }
    values = {field: getattr(card, field) for field in text.FACT_LABELS}
    return [(text.FACT_LABELS[field], shown.get(field, str)(value)) for field, value in values.items() if value]


def _training_lines(facts: dict[str, Any]) -> Iterator[str]:
    """What a person can read of how a model was trained; of an objective its kind, without its constants."""
    for name, value in facts.items():
        value = value.get("kind") if isinstance(value, dict) else value
        if value and isinstance(value, str | int | float):
            said = f"{value:,}" if isinstance(value, int | float) else value
            yield f"{name.replace('_', ' ')}: {said}"
