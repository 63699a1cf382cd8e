"""The Deblur tab: how much blur, or the page's own estimate, and what it took comes back."""

from typing import Any

from app.edits.registry import DEBLUR
from app.web.tabs import words
from app.web.tabs.controls import Controls, build_photo_tab, schedule

TASK, WORDS = DEBLUR.name, words.DEBLUR
BLUR = 1.5  # pixels, until there is an estimate


def build_deblur(card: Any, events: Any, examples: list[dict]) -> None:
    build_photo_tab(TASK, WORDS, card, events, _settings, advanced=schedule, examples=examples, wipe=True)


def _settings(controls: Controls) -> None:
    controls.steps()
    controls.box("estimate", True, words.ESTIMATE)
    controls.slider("blur", controls.spec["blur"].low, 5, BLUR, words.BLUR, step=0.1)
