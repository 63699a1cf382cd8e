"""The Super-resolve tab: a small picture in sharp pixels, what the model makes of it, a slider between them."""

from typing import Any

from app.edits.registry import SUPER_RESOLVE
from app.web.tabs import words
from app.web.tabs.controls import Controls, build_photo_tab, schedule

TASK, WORDS = SUPER_RESOLVE.name, words.SUPER_RESOLVE


def build_super_resolve(card: Any, events: Any, examples: list[dict]) -> None:
    build_photo_tab(TASK, WORDS, card, events, _settings, advanced=schedule, examples=examples, wipe=True)


def _settings(controls: Controls) -> None:
    controls.steps()
    controls.choice("factor", [(f"{n} x", n) for n in controls.spec["factor"].choices], 4, words.FACTOR)
