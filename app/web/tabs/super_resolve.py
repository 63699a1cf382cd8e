"""The Super-resolve tab: a picture, what the model makes of it when it is larger, a slider between them."""

from app.edits.registry import SUPER_RESOLVE
from app.web.page_events import PageEvents
from app.web.tabs import words
from app.web.tabs.controls import Controls
from app.web.tabs.photo_tab import build_photo_tab
from core.card import ModelCard

TASK, WORDS = SUPER_RESOLVE.name, words.SUPER_RESOLVE


def build_super_resolve(card: ModelCard, events: PageEvents, examples: list[dict]) -> None:
    build_photo_tab(TASK, WORDS, card, events, _settings, advanced=Controls.schedule, examples=examples, wipe=True)


def _settings(controls: Controls) -> None:
    controls.steps()
    controls.choice("factor", [(f"{n} x", n) for n in controls.spec["factor"].choices], 4, words.FACTOR)
