"""The settings of a tab as Gradio controls. Ranges and defaults come from the description of the tab's edit."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from app.edits.registry import EDITS
from app.edits.spec import MAX_PAINT_STEPS, MAX_SEED, PAGE_SEED
from app.web import text
from app.web.components import Action, Look
from app.web.tabs import words
from core.card import ModelCard


class Controls:
    """Builds the controls of one tab. Each tells the page's script its changes.

    `by_name` holds the settings: what is kept with a picture, and what the script writes back into the controls.
    """

    def __init__(self, task: str, card: ModelCard):
        self.task, self.spec = task, EDITS[task]
        self.first_look = next(iter(card.classes), None)
        self.by_name: dict[str, gr.components.Component] = {}

    @property
    def values(self) -> dict[str, Any]:
        """The first value of each setting."""
        return {"look": self.first_look} | {name: control.value for name, control in self.by_name.items()}

    def look(self) -> None:
        """The model's classes, which change with the model: a part of ours, since Gradio's would ask the server."""
        Look(task=self.task, label=text.LOOK, first=self.first_look, elem_id=self.id("look"), elem_classes="os-seg")

    def steps(self, value: int | None = None) -> None:
        """How many noise levels, at most as many as painting may have. value: at first; by default the edit's own.

        One range in every tab. More of them bring the bundled model no nearer to photographs (docs/painting.md), and
        the paper's 40 are under Advanced.
        """
        self.slider("steps", 1, MAX_PAINT_STEPS, value or self.spec.steps, text.STEPS)

    def setting(self, name: str, label: str, step: float = 1) -> None:
        """A slider for a number that the edit takes, with its range and default."""
        field = self.spec[name]
        self.slider(name, field.low, field.high, field.default, label, step)

    def slider(self, name: str, low: float, high: float, value: float, label: str, step: float = 1) -> None:
        classes = [f"os-{name.replace('_', '-')}", "os-slider"]
        slider = gr.Slider(
            low, high, value=value, step=step, label=label, elem_id=self.id(name), elem_classes=classes, buttons=[]
        )
        self._add(name, slider)

    def choice(self, name: str, choices: Sequence[tuple[str, Any]], value: Any, label: str) -> None:
        radio = gr.Radio(list(choices), value=value, label=label, elem_id=self.id(name), elem_classes="os-seg")
        self._add(name, radio)

    def schedule(self) -> None:
        """The noise levels that the model's figures favour, or those of the paper."""
        self.choice("schedule", words.SCHEDULES, "default", words.SCHEDULE)

    def number(self, name: str, value: int, label: str) -> None:
        number = gr.Number(
            value, precision=0, minimum=0, maximum=MAX_SEED, label=label,
            elem_id=self.id(name), elem_classes="os-whole", min_width=80, buttons=[],
        )  # fmt: skip
        self._add(name, number)

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
        self._add(name, gr.Checkbox(value, label=label, elem_id=self.id(name)))

    def tool_box(self, name: str, value: bool, label: str) -> None:
        """A box for how one draws: the script hears of it, but it belongs to no picture."""
        self._tell(name, gr.Checkbox(value, label=label, elem_id=self.id(name)))

    def action(self, does: str, *, part: str = "", large: bool = False, **props: Any) -> None:
        """A button. part: its id, if not what it does; large: one of the tab's main buttons."""
        classes = {"elem_classes": "os-reroll"} if large else {}
        Action(task=self.task, does=does, elem_id=self.id(part or does), **classes, **props)

    def id(self, name: str) -> str:
        return f"{self.task}-{name.replace('_', '-')}"

    def _add(self, name: str, control: Any) -> None:
        self._tell(name, control)
        self.by_name[name] = control

    def _tell(self, name: str, control: Any) -> None:
        tell = f"(value) => {{ onestroke.task('{self.task}').set('{name}', value); }}"
        control.change(fn=None, inputs=control, js=tell)
