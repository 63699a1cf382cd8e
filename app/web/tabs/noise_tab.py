"""A tab that begins with noise alone: perhaps something left, the results, settings, history."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from app.web import text
from app.web.components import Asker, History
from app.web.page_events import PageEvents
from app.web.tabs.controls import Controls
from app.web.tabs.wiring import build_channel, server_functions, wire_request, wire_settings
from app.web.tabs.words import EditText
from core.card import ModelCard


def build_noise_tab(
    task: str,
    tab: EditText,
    card: ModelCard,
    events: PageEvents,
    settings: Callable[[Controls], None],
    *,
    sample: dict,
    result: type,
    beside: type | None = None,
    strip: type | None = None,
) -> None:
    """Inside the current gr.Tab. sample: what is shown at first (app/samples.py).

    result, beside, strip: components of the results, left of them and below them.
    """
    controls = Controls(task, card)
    values: dict[str, Any] = {}
    with gr.Row(elem_classes=["os-stage", "os-noise"], equal_height=True, elem_id=f"{task}-stage"):
        if beside:
            with gr.Column(elem_classes="of-canvas", min_width=300):
                beside(elem_id=f"{task}-ends", task=task, settings=values)
        with gr.Column(elem_classes=["of-result"] if beside else ["of-result", "os-wide"], min_width=300):
            result(elem_id=f"{task}-result", task=task, alt=tab.alt, empty=tab.empty)
            asker = Asker(
                {"seq": 0}, elem_id=f"{task}-asker", elem_classes="os-hidden", task=task, settings=values,
                between=beside is not None, server_functions=server_functions(events.newest, events.cancel),
            )  # fmt: skip
            answers = build_channel(task, "answers")
        with gr.Column(elem_classes="os-settings", elem_id=f"{task}-settings", min_width=200):
            controls.look()
            settings(controls)
            controls.action("generate", label=tab.go[0], tip=tab.go[1], primary=True, large=True)
            with gr.Accordion(text.ADVANCED, open=False, elem_id=f"{task}-advanced", elem_classes="os-advanced"):
                controls.schedule()
    with gr.Row(elem_classes=["os-strips"] if strip else ["os-strips", "os-wide"]):
        if strip:
            with gr.Column(min_width=300):
                strip(elem_id=f"{task}-frames", task=task, note=tab.note)
        with gr.Column(min_width=300):
            History(elem_id=f"{task}-history", task=task, restore=tab.restore, sample=sample)
    values.update(controls.values)  # asker and ends hold this very dict, and are sent to the page later
    wire_request(asker.edit, events.answers, asker, answers)
    wire_settings(controls, asker)
