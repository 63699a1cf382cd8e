"""What the edit tabs have in common: the stage, the settings, and the way from the page's value to `events.edit`.

The page sends everything in one value, because two values may not come at the same moment:
{"seq", "visitor", "task", "photo": id or None, "square": [x, y, side] or None, "mask", "image": PNG data URL or None,
"extend": [left, top, right, bottom] or None, "settings": {name: value}}; for several files "photos" and "names".
"""

from collections.abc import AsyncIterator, Callable
from inspect import isawaitable
from typing import Any

import gradio as gr

from app.edits.registry import EDITS
from app.edits.spec import PAGE_SEED
from app.web import text
from app.web.components import Action, Asker, Channel, History, PhotoCanvas, Result, Variations
from app.web.tabs import words
from app.web.tabs.words import EditText
from core.card import ModelCard

QUIET = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None, "trigger_mode": "multiple"}
ASKED = ("look", "steps", "seed", "schedule")  # arguments of their own; every other setting is one of the extras
OF_THE_PAGE = ("auto", "keepMask", "near", "estimate")  # settings that no server hears of


class Controls:
    """The settings of one tab: Gradio controls by name, told to the page's script and written by it."""

    def __init__(self, task: str, card: ModelCard):
        self.task, self.spec = task, EDITS[task]
        self.looks = list(card.classes)
        self.by_name: dict[str, gr.components.Component] = {}

    @property
    def values(self) -> dict[str, Any]:
        return {name: control.value for name, control in self.by_name.items()}

    def add(self, name: str, control: Any) -> gr.components.Component:
        tell = f"(value) => {{ onestroke.task('{self.task}').set('{name}', value); }}"
        control.change(fn=None, inputs=control, js=tell)
        self.by_name[name] = control
        return control

    def slider(self, name: str, low: float, high: float, value: float, label: str, step: float = 1) -> None:
        classes = [f"os-{name.replace('_', '-')}", "os-slider"]
        slider = gr.Slider(
            low, high, value=value, step=step, label=label, elem_id=self.id(name), elem_classes=classes, buttons=[]
        )
        self.add(name, slider)

    def look(self) -> None:
        choices = [(name.capitalize(), name) for name in self.looks]
        first = self.looks[0] if self.looks else None
        classes = ["os-seg", "os-look"]
        look = gr.Radio(
            choices, value=first, label=text.LOOK, visible=bool(choices), elem_id=self.id("look"), elem_classes=classes
        )
        self.add("look", look)

    def choice(self, name: str, choices: Any, value: Any, label: str) -> None:
        self.add(name, gr.Radio(choices, value=value, label=label, elem_id=self.id(name), elem_classes="os-seg"))

    def steps(self) -> None:
        """How many noise levels, as many as the edit may have."""
        self.slider("steps", 1, self.spec.most_steps, self.spec.steps, text.STEPS)

    def setting(self, name: str, label: str, step: float = 1) -> None:
        """A slider for a number that the edit takes, with its range and default."""
        field = self.spec[name]
        self.slider(name, field.low, field.high, field.default, label, step)

    def number(self, name: str, value: int, label: str) -> None:
        number = gr.Number(
            value, precision=0, label=label, elem_id=self.id(name), elem_classes="os-whole", min_width=80, buttons=[]
        )
        self.add(name, number)

    def seed(self, lock_tip: str = "", die: tuple[str, str] = ("", "")) -> None:
        """The seed, and beside it a lock, or a die where nothing asks by itself."""
        with gr.Row(elem_classes="os-seed"):
            self.number("seed", PAGE_SEED, text.SEED)
            with gr.Column(scale=0, min_width=40, elem_classes="os-lock"):
                if lock_tip:
                    self.action("lock", icon="lock", name=text.LOCK, tip=lock_tip)
                else:
                    self.action("reroll", icon="dice", name=die[0], tip=die[1])

    def box(self, name: str, value: bool, label: str) -> None:
        self.add(name, gr.Checkbox(value, label=label, elem_id=self.id(name)))

    def action(self, does: str, **props: Any) -> None:
        shown = {"elem_id": self.id(does), **({"elem_classes": "os-reroll"} if props.get("primary") else {})}
        Action(task=self.task, does=does, **shown, **props)

    def id(self, name: str) -> str:
        return f"{self.task}-{name.replace('_', '-')}"

    def wire(self, asker: Any, events: Any, answers: Any) -> None:
        """Connect what asks (a PhotoCanvas or an Asker) with the engine's functions and the settings."""
        broke = f"() => onestroke.task('{self.task}').loop.broke()"
        asker.edit(asked(events.edit, self.task), asker, answers, **QUIET).failure(fn=None, js=broke)
        names = ", ".join(f"w.{name}" for name in self.by_name)
        write = f"() => {{ const w = onestroke.task('{self.task}').wanted; return [{names}]; }}"
        written = f"() => {{ onestroke.task('{self.task}').written(); }}"
        asker.settings(fn=None, js=write, outputs=list(self.by_name.values())).then(fn=None, js=written)


def asked(event: Callable[..., AsyncIterator[dict]], task: str) -> Callable[[Any], AsyncIterator[dict]]:
    """`events.edit` or `events.batch` for values as the page sends them."""

    async def answered(value: Any) -> AsyncIterator[dict]:
        value = value if isinstance(value, dict) else {}
        settings = value.get("settings")
        settings = settings if isinstance(settings, dict) else {}
        schedule, steps = settings.get("schedule", "default"), settings.get("steps", 1)
        extra = {name: each for name, each in settings.items() if name not in (*ASKED, *OF_THE_PAGE)}
        sent = {**value, "task": task}
        sent.pop("settings", None)
        async for answer in event(sent, settings.get("look"), steps, settings.get("seed", 0), schedule, extra):
            yield answer

    return answered


def server_functions(events: Any, *names: str) -> list:
    """Plain functions, because Gradio marks what it may call, and a bound method takes no mark."""

    def plain(name: str) -> Callable:
        async def function(message: Any) -> Any:
            answer = getattr(events, name)(message)
            return await answer if isawaitable(answer) else answer

        function.__name__ = name
        return function

    return [plain(name) for name in names]


def build_photo_tab(
    task: str,
    tab: EditText,
    card: ModelCard,
    events: Any,
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
    """A tab that begins with a photo: it and its marks, the result beside it, settings, variations, history."""
    controls = Controls(task, card)
    values: dict[str, Any] = {}
    with gr.Row(elem_classes="os-stage", equal_height=True, elem_id=f"{task}-stage"):
        with gr.Column(elem_classes="of-canvas", min_width=300):
            canvas = PhotoCanvas(
                {"seq": 0}, elem_id=f"{task}-canvas", task=task, hint=tab.hint, coach=tab.coach, label=tab.label,
                can={"masks": masks, "colours": colours, "mayExtend": may_extend}, examples=examples,
                resolution=card.resolution, settings=values, looks=controls.looks, seeded=seeded,
                server_functions=server_functions(events, "open_photo", "newest", "cancel"),
            )  # fmt: skip
        with gr.Column(elem_classes="of-result", min_width=300):
            Result(
                {"seq": 0}, elem_id=f"{task}-result", task=task, alt=tab.alt, labels=tab.labels, empty=tab.empty,
                another=tab.another[0], compare=tab.compare, wipe=wipe,
            )  # fmt: skip
            answers = Channel({"seq": 0}, task=task, elem_id=f"{task}-answers", elem_classes="os-hidden")
            batch = Channel({"seq": 0}, "batch", task=task, elem_id=f"{task}-batch", elem_classes="os-hidden")
        with gr.Column(elem_classes=["os-settings", "os-asks"], elem_id=f"{task}-settings", min_width=200):
            controls.look()
            settings(controls)
            if seeded:
                controls.seed(tab.lock_tip)
            controls.action("generate", label=tab.go[0], tip=tab.go[1], primary=True)
            if seeded:
                controls.action("reroll", icon="dice", label=tab.another[0], tip=tab.another[1], primary=True)
            with gr.Accordion(text.ADVANCED, open=False, elem_id=f"{task}-advanced", elem_classes="os-advanced"):
                controls.box("auto", True, tab.auto)
                if advanced:
                    advanced(controls)
                controls.action("open", argument=True, label=words.SEVERAL, tip=words.SEVERAL_TIP)
    with gr.Row(elem_classes=["os-strips"] if seeded else ["os-strips", "os-wide"]):
        if seeded:
            with gr.Column(min_width=300):
                Variations({"seq": 0}, elem_id=f"{task}-variations", task=task, note=tab.note)
        with gr.Column(min_width=300):
            History(elem_id=f"{task}-history", task=task, restore=tab.restore)
    values.update(controls.values)  # the canvas holds this very dict, and is sent to the page later
    controls.wire(canvas, events, answers)
    broke = f"() => onestroke.task('{task}').batch.broke()"
    canvas.batch(asked(events.batch, task), canvas, batch, **QUIET).failure(fn=None, js=broke)


def build_noise_tab(
    task: str,
    tab: EditText,
    card: ModelCard,
    events: Any,
    settings: Callable[[Controls], None],
    *,
    result: type,
    beside: type | None = None,
    strip: type | None = None,
) -> None:
    """A tab that begins with noise alone: perhaps something left, the results, settings, history."""
    controls = Controls(task, card)
    values: dict[str, Any] = {}
    with gr.Row(elem_classes=["os-stage", "os-noise"], equal_height=True, elem_id=f"{task}-stage"):
        if beside:
            with gr.Column(elem_classes="of-canvas", min_width=300):
                beside(elem_id=f"{task}-ends", task=task, settings=values)
        with gr.Column(elem_classes=["of-result"] if beside else ["of-result", "os-wide"], min_width=300):
            result({"seq": 0}, elem_id=f"{task}-result", task=task, alt=tab.alt, empty=tab.empty)
            asker = Asker(
                {"seq": 0}, elem_id=f"{task}-asker", elem_classes="os-hidden", task=task, settings=values,
                between=beside is not None, server_functions=server_functions(events, "newest", "cancel"),
            )  # fmt: skip
            answers = Channel({"seq": 0}, task=task, elem_id=f"{task}-answers", elem_classes="os-hidden")
        with gr.Column(elem_classes="os-settings", elem_id=f"{task}-settings", min_width=200):
            controls.look()
            settings(controls)
            controls.action("generate", label=tab.go[0], tip=tab.go[1], primary=True)
            with gr.Accordion(text.ADVANCED, open=False, elem_id=f"{task}-advanced", elem_classes="os-advanced"):
                schedule(controls)
    values.update(controls.values)
    with gr.Row(elem_classes=["os-strips"] if strip else ["os-strips", "os-wide"]):
        if strip:
            with gr.Column(min_width=300):
                strip(elem_id=f"{task}-frames", task=task, note=tab.note)
        with gr.Column(min_width=300):
            History(elem_id=f"{task}-history", task=task, restore=tab.restore)
    controls.wire(asker, events, answers)


def schedule(controls: Controls) -> None:
    """The noise levels that the numbers favour, or those of the paper."""
    controls.choice("schedule", words.SCHEDULES, "default", words.SCHEDULE)
