"""The Interpolate tab: two seeds or pictures, the way between them, played and kept as an animation."""

import gradio as gr

from app.edits.registry import INTERPOLATE
from app.edits.spec import PAGE_SEED
from app.web.components import Ends, Frames, FrameStrip
from app.web.page_events import PageEvents
from app.web.tabs import words
from app.web.tabs.controls import Controls
from app.web.tabs.noise_tab import build_noise_tab
from core.card import ModelCard

TASK, WORDS = INTERPOLATE.name, words.INTERPOLATE


def build_interpolate(card: ModelCard, events: PageEvents, sample: dict) -> None:
    build_noise_tab(TASK, WORDS, card, events, _settings, sample=sample, result=Frames, beside=Ends, strip=FrameStrip)


def _settings(controls: Controls) -> None:
    controls.steps()
    with gr.Row(elem_classes="os-seed"):
        controls.number("seed", PAGE_SEED, words.SEED_A)
        controls.number("seed_b", PAGE_SEED + 1, words.SEED_B)
    controls.setting("frames", words.FRAMES)
    controls.setting("amount", words.ADDED_NOISE, step=0.05)
