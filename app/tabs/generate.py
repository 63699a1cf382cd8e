"""The Generate tab: a grid of rooms from seeds; one is picked, varied, kept, sent."""

from typing import Any

from app.components import Grid
from app.tabs import edit_text
from app.tabs.shared import Controls, build_noise_tab

TASK, WORDS = "generate", edit_text.GENERATE
STEPS, COUNT, MAX_COUNT, AMOUNT = 4, 8, 16, 0.4  # with more steps a consistency model of this size drifts to tones


def build_generate(card: Any, events: Any) -> None:
    build_noise_tab(TASK, WORDS, card, events, _settings, result=Grid)


def _settings(controls: Controls) -> None:
    controls.steps(STEPS)
    controls.slider("count", 1, MAX_COUNT, COUNT, edit_text.COUNT)
    controls.seed(die=WORDS.another)
    controls.slider("amount", 0, 1, AMOUNT, edit_text.AMOUNT, step=0.05)
