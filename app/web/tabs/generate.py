"""The Generate tab: a grid of rooms from seeds; one is picked, varied, kept, sent."""

from app.edits.registry import GENERATE
from app.web.components import Grid
from app.web.page_events import PageEvents
from app.web.tabs import words
from app.web.tabs.controls import Controls
from app.web.tabs.noise_tab import build_noise_tab
from core.card import ModelCard

TASK, WORDS = GENERATE.name, words.GENERATE


def build_generate(card: ModelCard, events: PageEvents, sample: dict) -> None:
    build_noise_tab(TASK, WORDS, card, events, _settings, sample=sample, result=Grid)


def _settings(controls: Controls) -> None:
    controls.steps()
    controls.setting("count", words.COUNT)
    controls.seed(die=WORDS.another)
    controls.setting("amount", words.AMOUNT, step=0.05)
