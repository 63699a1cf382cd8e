"""All edit tabs in their order, and how a picture gets from one tab to another."""

from typing import Any

import gradio as gr

from app.components import Targets
from app.edit_examples import load_photos
from app.tabs import colorize, denoise, edit_text, generate, inpaint, interpolate, super_resolve


def build_edits(card: Any, events: Any) -> None:
    """Inside the context of a gr.Tabs."""
    photos = load_photos()
    with gr.Tab(edit_text.INPAINT.tab, id=inpaint.TASK):
        inpaint.build_inpaint(card, events, photos.plain)
    with gr.Tab(edit_text.COLORIZE.tab, id=colorize.TASK):
        colorize.build_colorize(card, events, photos.grey)
    with gr.Tab(edit_text.SUPER_RESOLVE.tab, id=super_resolve.TASK):
        super_resolve.build_super_resolve(card, events, photos.small)
    with gr.Tab(edit_text.DENOISE.tab, id=denoise.TASK):
        denoise.build_denoise(card, events, photos.noisy)
    with gr.Tab(edit_text.INTERPOLATE.tab, id=interpolate.TASK):
        interpolate.build_interpolate(card, events)
    with gr.Tab(edit_text.GENERATE.tab, id=generate.TASK):
        generate.build_generate(card, events)


def build_targets(tabs: gr.Tabs) -> None:
    """The way from one tab to another; outside the tabs, because Gradio fills those only when they are shown."""
    targets = Targets({"seq": 0}, targets=_targets(), elem_id="os-targets", elem_classes="os-hidden")
    targets.show(_shown, targets, tabs, queue=False, show_progress="hidden", api_visibility="private")


def _targets() -> list[dict]:
    from_noise = [generate.TASK, interpolate.TASK]  # what has a seed and nothing else to begin with
    tabs = [
        ("paint", *edit_text.PAINT_SEND),
        *(
            (module.TASK, module.WORDS.tab, module.WORDS.send)
            for module in (inpaint, colorize, super_resolve, denoise, generate)
        ),
    ]
    targets = [{"task": task, "label": label, "hint": hint} for task, label, hint in tabs]
    words = interpolate.WORDS
    return [*targets, {"task": interpolate.TASK, "label": words.tab, "hint": words.send, "from": [from_noise[0]]}]


def _shown(value: Any) -> gr.Tabs:
    tab = value.get("tab") if isinstance(value, dict) else None
    return gr.Tabs(selected=tab if isinstance(tab, str) else "paint")
