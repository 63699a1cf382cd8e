"""The Colorize tab: a grey photo comes back in colour, its own light kept; a few dabs of colour steer it."""

from typing import Any

from app.edits.registry import COLORIZE
from app.web.tabs import words
from app.web.tabs.controls import Controls, build_photo_tab, schedule

TASK, WORDS = COLORIZE.name, words.COLORIZE


def build_colorize(card: Any, events: Any, examples: list[dict]) -> None:
    build_photo_tab(
        TASK, WORDS, card, events, Controls.steps, advanced=schedule, examples=examples, colours=True, wipe=False
    )
