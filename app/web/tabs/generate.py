"""The Generate tab: a grid of rooms from seeds; one is picked, varied, kept, sent."""

from typing import Any

from app.edits.registry import GENERATE
from app.web.components import Grid
from app.web.tabs import words
from app.web.tabs.controls import Controls, build_noise_tab

TASK, WORDS = GENERATE.name, words.GENERATE


def build_generate(card: Any, events: Any) -> None:
    build_noise_tab(TASK, WORDS, card, events, _settings, result=Grid)


def _settings(controls: Controls) -> None:
    controls.steps()
    controls.setting("count", words.COUNT)
    controls.seed(die=WORDS.another)
    controls.setting("amount", words.AMOUNT, step=0.05)
