"""A tab that begins with a photo: it and its marks, the result beside it, settings, variations, history."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from app.web import text
from app.web.components import History, PhotoCanvas, Result, Variations
from app.web.page_events import PageEvents
from app.web.tabs import words
from app.web.tabs.controls import Controls
from app.web.tabs.wiring import build_channel, server_functions, wire_request, wire_settings
from app.web.tabs.words import EditText
from core.card import ModelCard


def build_photo_tab(
    task: str,
    tab: EditText,
    card: ModelCard,
    events: PageEvents,
    settings: Callable[[Controls], None],
    *,
    advanced: Callable[[Controls], None] | None = None,
    examples: list[dict],
    masks: bool = False,
    colours: bool = False,
    may_extend: bool = False,
    wipe: bool = False,
    seeded: bool = True,
) -> None:
    """Inside the current gr.Tab. settings and advanced: build the controls that are the edit's own."""
    controls = Controls(task, card)
    values: dict[str, Any] = {}
    with gr.Row(elem_classes="os-stage", equal_height=True, elem_id=f"{task}-stage"):
        with gr.Column(elem_classes="of-canvas", min_width=300):
            canvas = PhotoCanvas(
                {"seq": 0}, elem_id=f"{task}-canvas", task=task, hint=tab.hint, label=tab.label,
                can={"masks": masks, "colours": colours, "mayExtend": may_extend}, examples=examples,
                settings=values, seeded=seeded,
                server_functions=server_functions(events.open_photo, events.newest, events.cancel),
            )  # fmt: skip
        with gr.Column(elem_classes="of-result", min_width=300):
            Result(
                elem_id=f"{task}-result", task=task, alt=tab.alt, labels=tab.labels, empty=tab.empty,
                another=tab.another[0], compare=tab.compare, wipe=wipe,
            )  # fmt: skip
            answers, batch = build_channel(task, "answers"), build_channel(task, "batch", "batch")
        with gr.Column(elem_classes=["os-settings", "os-asks"], elem_id=f"{task}-settings", min_width=200):
            _build_settings(controls, tab, settings, advanced, seeded)
    with gr.Row(elem_classes=["os-strips"] if seeded else ["os-strips", "os-wide"]):
        if seeded:
            with gr.Column(min_width=300):
                Variations(elem_id=f"{task}-variations", task=task, note=tab.note, earlier=tab.earlier)
        with gr.Column(min_width=300):
            History(elem_id=f"{task}-history", task=task, restore=tab.restore)
    values.update(controls.values)  # the canvas holds this very dict, and is sent to the page later
    wire_request(canvas.edit, events.answers, canvas, answers)
    wire_request(canvas.batch, events.answers, canvas, batch, loop="batch")
    wire_settings(controls, canvas)


def _build_settings(
    controls: Controls,
    tab: EditText,
    settings: Callable[[Controls], None],
    advanced: Callable[[Controls], None] | None,
    seeded: bool,
) -> None:
    controls.look()
    settings(controls)
    if seeded:
        controls.seed(tab.lock_tip)
    controls.action("generate", label=tab.go[0], tip=tab.go[1], erasing=tab.go_erasing, primary=True, large=True)
    if seeded:
        controls.action("reroll", icon="dice", label=tab.another[0], tip=tab.another[1], large=True)
    with gr.Accordion(text.ADVANCED, open=False, elem_id=controls.id("advanced"), elem_classes="os-advanced"):
        controls.box("auto", True, tab.auto)
        if advanced:
            advanced(controls)
        controls.action("open", argument=True, label=words.SEVERAL, tip=words.SEVERAL_TIP)
