"""The Deblur tab: how much blur, or the page's own estimate, and what it took comes back."""

from app.edits.registry import DEBLUR
from app.web.page_events import PageEvents
from app.web.tabs import words
from app.web.tabs.controls import Controls
from app.web.tabs.photo_tab import build_photo_tab
from core.card import ModelCard

TASK, WORDS = DEBLUR.name, words.DEBLUR
BLUR = 1.5  # pixels, until there is an estimate


def build_deblur(card: ModelCard, events: PageEvents, examples: list[dict]) -> None:
    build_photo_tab(TASK, WORDS, card, events, _settings, advanced=Controls.schedule, examples=examples, wipe=True)


def _settings(controls: Controls) -> None:
    controls.steps()
    controls.box("estimate", True, words.ESTIMATE)
    controls.slider("blur", controls.spec["blur"].low, 5, BLUR, words.BLUR, step=0.1)
