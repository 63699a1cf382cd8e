"""All edit tabs in their order, and how a picture gets from one tab to another."""

from typing import Any

import gradio as gr

from app.web import text
from app.web.components import Targets
from app.web.edit_examples import load_photos
from app.web.page_events import PageEvents
from app.web.tabs import colorize, deblur, denoise, generate, inpaint, interpolate, super_resolve, words
from core.card import ModelCard


def build_edits(card: ModelCard, events: PageEvents, samples: dict[str, dict]) -> None:
    """Inside the context of a gr.Tabs. samples: what the tabs show before anybody has asked, by task."""
    photos = load_photos(card.resolution)
    with gr.Tab(words.INPAINT.tab, id=inpaint.TASK):
        inpaint.build_inpaint(card, events, photos.plain)
    with gr.Tab(words.COLORIZE.tab, id=colorize.TASK):
        colorize.build_colorize(card, events, photos.grey)
    with gr.Tab(words.SUPER_RESOLVE.tab, id=super_resolve.TASK):
        super_resolve.build_super_resolve(card, events, photos.small)
    with gr.Tab(words.DENOISE.tab, id=denoise.TASK):
        denoise.build_denoise(card, events, photos.noisy)
    with gr.Tab(words.DEBLUR.tab, id=deblur.TASK):
        deblur.build_deblur(card, events, photos.blurred)
    with gr.Tab(words.INTERPOLATE.tab, id=interpolate.TASK):
        interpolate.build_interpolate(card, events, samples[interpolate.TASK])
    with gr.Tab(words.GENERATE.tab, id=generate.TASK):
        generate.build_generate(card, events, samples[generate.TASK])


def build_targets(tabs: gr.Tabs) -> None:
    """The component that moves pictures between tabs; outside of them, because Gradio builds a tab when it is shown."""
    targets = Targets({"seq": 0}, targets=_targets(), elem_id="os-targets", elem_classes="os-hidden")
    targets.show(_shown, targets, tabs, queue=False, show_progress="hidden", api_visibility="private")


def tab_lines() -> dict[str, str]:
    """When to use each tab, in one line, by its id."""
    modules = (inpaint, colorize, super_resolve, denoise, deblur, interpolate, generate)
    lines = {module.TASK: module.WORDS.when for module in modules}
    return {"paint": text.MOTTO, **lines, "models": text.MODELS_WHEN}


def _targets() -> list[dict]:
    tabs = [
        ("paint", *words.PAINT_SEND),
        *(
            (module.TASK, module.WORDS.tab, module.WORDS.send)
            for module in (inpaint, colorize, super_resolve, denoise, deblur, generate)
        ),
    ]
    targets = [{"task": task, "tab": label, "label": label, "hint": hint} for task, label, hint in tabs]
    way = {"task": interpolate.TASK, "tab": interpolate.WORDS.tab, "everywhere": True}  # a frame can be an end too
    ends = enumerate(words.WAY_SEND)
    return [*targets, *({**way, "label": label, "hint": hint, "at": at} for at, (label, hint) in ends)]


def _shown(value: Any) -> gr.Tabs:
    """The tabs with the one selected that the page asks for."""
    tab = value.get("tab") if isinstance(value, dict) else None
    return gr.Tabs(selected=tab if isinstance(tab, str) else "paint")
