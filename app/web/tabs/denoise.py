"""The Denoise tab: one slider, or the page's own estimate, and one evaluation."""

from app.edits.registry import DENOISE
from app.web.page_events import PageEvents
from app.web.tabs import words
from app.web.tabs.controls import Controls
from app.web.tabs.photo_tab import build_photo_tab
from core.card import ModelCard

TASK, WORDS = DENOISE.name, words.DENOISE
NOISE = 0.2  # in model range, where a picture reaches from -1 to 1


def build_denoise(card: ModelCard, events: PageEvents, examples: list[dict]) -> None:
    build_photo_tab(TASK, WORDS, card, events, _settings, examples=examples, wipe=True, seeded=False)


def _settings(controls: Controls) -> None:
    controls.box("estimate", True, words.ESTIMATE)
    controls.slider("sigma", 0.02, 1, NOISE, words.NOISE, step=0.01)
