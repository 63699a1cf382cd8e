"""The Generate tab: a grid of rooms from seeds; one is picked, varied, kept, sent."""

from typing import Any

from app.web.components import Grid
from app.web.tabs import words
from app.web.tabs.controls import Controls, build_noise_tab

TASK, WORDS = "generate", words.GENERATE
STEPS, COUNT, MAX_COUNT, AMOUNT = 4, 8, 16, 0.4  # with more steps a consistency model of this size drifts to tones


def build_generate(card: Any, events: Any) -> None:
    build_noise_tab(TASK, WORDS, card, events, _settings, result=Grid)


def _settings(controls: Controls) -> None:
    controls.steps(STEPS)
    controls.slider("count", 1, MAX_COUNT, COUNT, words.COUNT)
    controls.seed(die=WORDS.another)
    controls.slider("amount", 0, 1, AMOUNT, words.AMOUNT, step=0.05)
