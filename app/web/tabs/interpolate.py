"""The Interpolate tab: two seeds or pictures, the way between them, played and kept as an animation."""

from typing import Any

import gradio as gr

from app.web.components import Ends, Frames, FrameStrip
from app.web.tabs import words
from app.web.tabs.controls import SEED, Controls, build_noise_tab

TASK, WORDS = "interpolate", words.INTERPOLATE
FRAMES, MAX_FRAMES, AMOUNT = 16, 32, 0.3


def build_interpolate(card: Any, events: Any) -> None:
    build_noise_tab(TASK, WORDS, card, events, _settings, result=Frames, beside=Ends, strip=FrameStrip)


def _settings(controls: Controls) -> None:
    controls.steps()
    with gr.Row(elem_classes="os-seed"):
        controls.number("seed", SEED, words.SEED_A)
        controls.number("seed_b", SEED + 1, words.SEED_B)
    controls.slider("frames", 2, MAX_FRAMES, FRAMES, words.FRAMES)
    controls.slider("amount", 0, 1, AMOUNT, words.ADDED_NOISE, step=0.05)
