"""The Colorize tab: a grey photo comes back in colour, its own light kept; a few dabs of colour steer it."""

from app.edits.registry import COLORIZE
from app.web.page_events import PageEvents
from app.web.tabs import words
from app.web.tabs.controls import Controls
from app.web.tabs.photo_tab import build_photo_tab
from core.card import ModelCard

TASK, WORDS = COLORIZE.name, words.COLORIZE


def build_colorize(card: ModelCard, events: PageEvents, examples: list[dict]) -> None:
    build_photo_tab(TASK, WORDS, card, events, Controls.steps, advanced=_advanced, examples=examples, colours=True)


def _advanced(controls: Controls) -> None:
    controls.schedule()
    controls.choice("axis", words.AXES, COLORIZE["axis"].default, words.AXIS)
