"""The Paint tab: strokes on the left, the room beside them, settings, variations and history.

The canvas' script runs the live loop and keeps one request in flight; here its events meet the engine's functions.
"""

from inspect import isawaitable
from typing import Any

import gradio as gr

from app.edits.registry import PAINT
from app.edits.spec import PAGE_SEED
from app.web import text
from app.web.components import Action, Canvas, Channel, History, Result, Variations
from core.card import ModelCard

TASK = PAINT.name
LIVE = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}


def build_paint(card: ModelCard, events: Any, examples: list[dict], *, live: bool) -> None:
    """Lay out the tab inside the current Blocks and wire it to `events`."""
    looks = list(card.classes)
    steps = min(max(card.default_steps, 1), PAINT.most_steps)
    settings = {
        "look": looks[0] if looks else None,
        "steps": steps,
        "strength": PAINT["strength"].default,
        "seed": PAGE_SEED,
    }
    with gr.Row(elem_classes="os-stage", equal_height=True, elem_id="paint-stage"):
        with gr.Column(elem_classes="of-canvas", min_width=300):
            canvas = Canvas(
                {"seq": 0}, elem_id="paint-canvas", task=TASK, live=live, settings=settings, looks=looks,
                most_steps=PAINT.most_steps, hint=text.PAINT_HINT, server_functions=_server_functions(events),
            )  # fmt: skip
        with gr.Column(elem_classes="of-result", min_width=300):
            result = Result(
                {"seq": 0}, elem_id="paint-result", task=TASK, alt=text.PAINT_ALT, labels=text.PAINT_LABELS,
                examples=examples,
            )  # fmt: skip
            refined = Channel({"seq": 0}, task=TASK, elem_id="paint-refined", elem_classes="os-hidden")
        with gr.Column(elem_classes="os-settings", elem_id="paint-settings", min_width=200):
            controls = _build_settings(looks, settings, live=live)
    with gr.Row(elem_classes="os-strips"):
        with gr.Column(min_width=300):
            variations = Variations({"seq": 0}, elem_id="paint-variations", task=TASK, note=text.PAINT_NOTE)
        with gr.Column(min_width=300):
            History(elem_id="paint-history", task=TASK, restore=text.PAINT_RESTORE)

    inputs = [canvas, *controls]
    broke = f"() => onestroke.task('{TASK}').loop.broke()"
    # The script is the guard that lets one request through at a time. Gradio's own would hold everything back behind a
    # call that was lost on the way; ours gives up on it after its deadline.
    canvas.live(events.live, inputs, result, queue=False, trigger_mode="multiple", **LIVE).failure(fn=None, js=broke)
    canvas.refine(events.refine, inputs, refined, trigger_mode="multiple", **LIVE).failure(fn=None, js=broke)
    canvas.variations(events.variations, inputs, variations, trigger_mode="multiple", **LIVE).failure(fn=None, js=broke)
    # From the page's script into Gradio's controls, and back: no server is asked.
    write = f"() => {{ const w = onestroke.task('{TASK}').wanted; return [w.look, w.steps, w.strength, w.seed]; }}"
    written = f"() => {{ onestroke.task('{TASK}').written(); }}"
    canvas.settings(fn=None, js=write, outputs=controls).then(fn=None, js=written)
    names = ", ".join(settings)
    heard = f"({names}) => {{ onestroke.task('{TASK}').heard({{ {names} }}); }}"
    canvas.recall(fn=None, inputs=controls, js=heard)
    for name, control in zip(settings, controls, strict=True):
        _tell(control, name)


def _tell(control: Any, name: str) -> None:
    control.change(fn=None, inputs=control, js=f"(value) => {{ onestroke.task('{TASK}').set('{name}', value); }}")


def _build_settings(looks: list[str], settings: dict, *, live: bool) -> list[gr.components.Component]:
    choices = [(name.capitalize(), name) for name in looks]
    look = gr.Radio(
        choices,
        value=settings["look"],
        label=text.LOOK,
        visible=bool(looks),
        elem_id="paint-look",
        elem_classes=["os-seg", "os-look"],
    )
    steps = gr.Slider(
        1,
        PAINT.most_steps,
        value=settings["steps"],
        step=1,
        label=text.STEPS,
        elem_id="paint-steps",
        elem_classes="os-steps",
        buttons=[],
    )
    strength = gr.Slider(
        0,
        1,
        value=settings["strength"],
        step=0.05,
        label=text.STRENGTH,
        elem_id="paint-strength",
        elem_classes="os-strength",
        buttons=[],
    )
    with gr.Row(elem_classes="os-seed"):
        seed = gr.Number(
            settings["seed"],
            precision=0,
            label=text.SEED,
            elem_id="paint-seed",
            elem_classes="os-whole",
            min_width=80,
            buttons=[],
        )
        with gr.Column(scale=0, min_width=40, elem_classes="os-lock"):
            Action(task=TASK, does="lock", icon="lock", name=text.LOCK, tip=text.LOCK_TIP, elem_id="paint-lock")
    if not live:
        labels = {"label": text.GENERATE, "tip": text.GENERATE_TIP}
        Action(task=TASK, does="generate", primary=True, elem_id="paint-generate", **labels)
    labels = {"label": text.ANOTHER, "tip": text.ANOTHER_TIP}
    Action(
        task=TASK, does="reroll", icon="dice", primary=live, elem_id="paint-reroll", elem_classes="os-reroll", **labels
    )
    with gr.Accordion(text.ADVANCED, open=False, elem_id="paint-advanced", elem_classes="os-advanced"):
        if live:
            _tell(gr.Checkbox(False, label=text.FOLLOW, elem_id="paint-follow"), "follow")
        _tell(gr.Checkbox(True, label=text.PRESSURE, elem_id="paint-pressure"), "pressure")
        Action(task=TASK, does="photo", argument="strokes", label=text.PHOTO_STROKES, elem_id="paint-photo-strokes")
        Action(task=TASK, does="photo", argument="paper", label=text.PHOTO_PAPER, elem_id="paint-photo-paper")
        Action(task=TASK, does="examples", opens="examples", label=text.EXAMPLES, elem_id="paint-examples")
    return [look, steps, strength, seed]


def _server_functions(events: Any) -> list:
    """Plain functions, because Gradio marks what it may call, and a bound method takes no mark."""

    async def newest(message: Any) -> Any:
        return await _settled(events.newest(message))

    async def cancel(message: Any) -> Any:
        return await _settled(events.cancel(message))

    async def place(message: Any) -> Any:
        return await _settled(events.place(message))

    async def photo_strokes(message: Any) -> Any:
        return await _settled(events.photo_strokes(message))

    return [newest, cancel, place, photo_strokes]


async def _settled(answer: Any) -> Any:
    return await answer if isawaitable(answer) else answer
