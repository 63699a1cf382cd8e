"""The Paint tab: strokes on the left, the room beside them, settings, variations and history."""

from typing import Any

import gradio as gr

from app.edits.registry import PAINT
from app.web import text
from app.web.components import Canvas, History, Result, Variations
from app.web.page_events import PageEvents
from app.web.tabs.controls import Controls
from app.web.tabs.wiring import build_channel, server_functions, wire_request, wire_settings
from core.card import ModelCard

TASK = PAINT.name


def build_paint(card: ModelCard, events: PageEvents, examples: list[dict], *, live: bool) -> None:
    """Inside the current gr.Tab. live: pictures follow the strokes by themselves."""
    controls = Controls(TASK, card)
    values: dict[str, Any] = {}
    functions = (events.newest, events.cancel, events.queue_position, events.photo_strokes)
    with gr.Row(elem_classes="os-stage", equal_height=True, elem_id="paint-stage"):
        with gr.Column(elem_classes="of-canvas", min_width=300):
            canvas = Canvas(
                {"seq": 0}, elem_id="paint-canvas", task=TASK, live=live, settings=values,
                most_steps=PAINT.most_steps, hint=text.PAINT_HINT, server_functions=server_functions(*functions),
            )  # fmt: skip
        with gr.Column(elem_classes="of-result", min_width=300):
            Result(elem_id="paint-result", task=TASK, alt=text.PAINT_ALT, labels=text.PAINT_LABELS, examples=examples)
            # Two answers that came into one channel in the same moment would be seen as one.
            live_answers, answers = build_channel(TASK, "live"), build_channel(TASK, "answers")
        with gr.Column(elem_classes="os-settings", elem_id="paint-settings", min_width=200):
            _build_settings(controls, card, live)
    with gr.Row(elem_classes="os-strips"):
        with gr.Column(min_width=300):
            Variations(elem_id="paint-variations", task=TASK, note=text.PAINT_NOTE, earlier=text.PAINT_EARLIER)
        with gr.Column(min_width=300):
            History(elem_id="paint-history", task=TASK, restore=text.PAINT_RESTORE)
    values.update(controls.values)  # the canvas holds this very dict, and is sent to the page later
    wire_request(canvas.live, events.live, canvas, live_answers, queue=False)
    wire_request(canvas.edit, events.answers, canvas, answers)
    wire_settings(controls, canvas)
    _wire_recall(controls, canvas)


def _wire_recall(controls: Controls, canvas: Canvas) -> None:
    """The script asks the controls what they say, and so whether Gradio passes events on again. No server is asked."""
    names = ", ".join(controls.by_name)
    heard = f"({names}) => {{ onestroke.task('{TASK}').heard({{ {names} }}); }}"
    canvas.recall(fn=None, inputs=list(controls.by_name.values()), js=heard)


def _build_settings(controls: Controls, card: ModelCard, live: bool) -> None:
    controls.setting("strength", text.STRENGTH, step=0.05)
    controls.look()
    controls.steps(min(max(card.default_steps, 1), PAINT.most_steps))
    controls.seed(text.LOCK_TIP)
    if not live:
        controls.action("generate", label=text.GENERATE, tip=text.GENERATE_TIP, primary=True)
    controls.action("reroll", icon="dice", label=text.ANOTHER, tip=text.ANOTHER_TIP, large=True)
    with gr.Accordion(text.ADVANCED, open=False, elem_id="paint-advanced", elem_classes="os-advanced"):
        if live:
            controls.tool_box("follow", False, text.FOLLOW)
        controls.tool_box("pressure", True, text.PRESSURE)
        controls.action("photo", part="photo-strokes", argument="strokes", label=text.PHOTO_STROKES)
        controls.action("photo", part="photo-paper", argument="paper", label=text.PHOTO_PAPER)
        controls.action("examples", opens="examples", label=text.EXAMPLES)
