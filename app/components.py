"""The page's own parts as Gradio components: constant templates with one empty element, filled by scripts.

A template that names a value is rendered again and compared with the page whenever a value changes, which empties a
canvas; so no template here does. What a script says in quotes to ``trigger`` is an event of its component.
"""

from pathlib import Path
from typing import Any

import gradio as gr

STATIC = Path(__file__).parent / "static"
SHARED = ("bus", "icons", "dom", "words", "draw", "flood", "store")


def _script(*names: str) -> str:
    """The modules' text, one after the other: what js_on_load runs knows no import."""
    return "\n".join((STATIC / f"{name}.js").read_text("utf-8") for name in (*SHARED, *names))


class _Part(gr.HTML):
    """One element of ours. ``tag`` and ``box`` make the template, ``script`` fills it."""

    tag, box, script = "div", "", ""

    def __init__(self, value: Any = None, **kwargs: Any):
        template = f'<{self.tag} class="{self.box}"></{self.tag}>'
        kwargs = {"html_template": template, "js_on_load": self.script, "apply_default_css": False, **kwargs}
        super().__init__(value=value, **kwargs)

    def api_info(self) -> dict[str, Any]:
        return {"type": "object"}

    def example_payload(self) -> dict[str, Any]:
        return {"seq": 0}


class Canvas(_Part):
    """The drawing surface. Its value is {"seq", "visitor", "image", "untouched"}.

    Its events: live, refine, variations, settings (to be written into the controls), recall (to be read from them).
    """

    box = "os-canvas"
    script = _script("strokes", "view", "tools", "surface", "live", "png", "photo", "drop", "keys", "canvas")


class Result(_Part):
    """The picture. Its value is an answer of the live event; steps of a refinement come through a `Channel`."""

    box = "os-result"
    script = _script("resultparts", "result")


class Channel(_Part):
    """An invisible value: answers for the result that must not share a tick with the live ones."""

    box = "os-channel"
    script = _script("channel")


class Variations(_Part):
    """Four neighbouring seeds; its value is an answer of the variations event."""

    tag, box = "section", "os-strip"
    script = _script("strip", "variations")


class History(_Part):
    """The pictures of this visit. Lives in the browser alone."""

    tag, box = "section", "os-strip"
    script = _script("resultparts", "strip", "zip", "history")


class Action(_Part):
    """A button with an icon that acts on its task: props `task`, `does`, `icon`, `label` or `name`, `tip`."""

    box = "os-action"
    script = _script("action")


class Header(_Part):
    """Name, model, help, and the dialogs behind them."""

    tag, box = "header", "os-header"
    script = _script("resultparts", "header")


class PhotoCanvas(_Part):
    """A photo and what is marked on it. Its value is what an edit is asked with, see app/tabs/shared.py.

    Its events: edit, settings. Props: `can` {"masks", "colours", "mayExtend"}, `hint`, `coach`, `label`, `examples`.
    """

    box = "os-canvas"
    script = _script(
        "editwords", "strokes", "view", "tools", "surface", "png", "photo", "zip", "drop", "keys", "peek", "photos",
        "marks", "place", "editloop", "photocanvas",
    )  # fmt: skip


class Asker(_Part):
    """Asks for pictures that begin with noise alone; nothing of it is seen. Its events: edit, settings."""

    box = "os-asker"
    script = _script("editwords", "editloop", "asker")


class Grid(_Part):
    """Several results, one of them picked."""

    box = "os-result"
    script = _script("resultparts", "zip", "photos", "resultstate", "grid")


class Frames(_Part):
    """The pictures on the way from one to another, with a slider and an animation."""

    box = "os-result"
    script = _script("resultparts", "zip", "photos", "resultstate", "frames")


class Ends(_Part):
    """The first and the last picture of a way."""

    box = "os-ends"
    script = _script("ends")


class FrameStrip(_Part):
    """The pictures of a way in a row."""

    tag, box = "section", "os-strip"
    script = _script("strip", "framestrip")


class Targets(_Part):
    """Knows the tabs that a picture can be sent to, `targets`, and shows them: its event is show."""

    box = "os-targets"
    script = _script("targets")
