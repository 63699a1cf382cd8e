"""The page's own parts as Gradio components: constant templates with one empty element, filled by scripts.

Gradio renders a template that names a value again whenever the value changes, which would empty a canvas; so no
template here names one. The scripts go to the page once, all together (`page_script`); a component brings only the call
of its own function.
"""

from typing import Any

import gradio as gr

from app.web.scripts import STATIC, join_scripts, read_scripts

SCOPE = "element, props, trigger, server, upload, watch"  # what Gradio gives to a component's script
STYLES = ("style.css", "edits.css", "models.css", "narrow.css")


def page_script() -> str:
    """Every script of app/web/static. They put a function for each component into `window.onestrokeParts`."""
    return join_scripts(read_scripts())


def page_style() -> str:
    """Every stylesheet."""
    return "\n".join((STATIC / name).read_text("utf-8") for name in STYLES)


class _Part(gr.HTML):
    """One element of ours. `tag` and `box` make the template, the script's function of the name `body` fills it.

    `triggers` are the events that the script triggers. Gradio finds an event by its name in quotes in the component's
    own text.
    """

    tag, box, body = "div", "", ""
    triggers: tuple[str, ...] = ()

    def __init__(self, value: Any = None, **kwargs: Any):
        template = f'<{self.tag} class="{self.box}"></{self.tag}>'
        script = f"const triggers = {list(self.triggers)};\nonestrokeParts.{self.body}({{ {SCOPE} }});"
        kwargs = {"html_template": template, "js_on_load": script, "apply_default_css": False, **kwargs}
        super().__init__(value=value, **kwargs)

    def api_info(self) -> dict[str, Any]:
        return {"type": "object"}

    def example_payload(self) -> dict[str, Any]:
        return {"seq": 0}


class Canvas(_Part):
    """The drawing surface. Its value is what the page asks for (app/web/values.py).

    Its events: live (one evaluation, without the queue), edit (all else), settings (to be written into the controls),
    recall (to be read from them).
    """

    box = "os-canvas"
    body = "canvas"
    triggers = ("live", "edit", "settings", "recall")


class Result(_Part):
    """The picture that the answers in its task's channels bring."""

    box = "os-result"
    body = "result"


class Channel(_Part):
    """An invisible value that answers are put into. Its task hears them as events of the name `topic`.

    Gradio shows a script one of two values that come in the same moment, so what may overlap has channels of its own.
    """

    box = "os-channel"
    body = "channel"

    def __init__(self, value: Any = None, topic: str = "answer", **kwargs: Any):
        super().__init__(value, topic=topic, **kwargs)


class Variations(_Part):
    """Pictures of the four seeds that follow."""

    tag, box = "section", "os-strip"
    body = "variations"


class History(_Part):
    """The pictures of this visit. Lives in the browser alone."""

    tag, box = "section", "os-strip"
    body = "history"


class Action(_Part):
    """A button with an icon that acts on its task: props `task`, `does`, `icon`, `label` or `name`, `tip`.

    `erasing`: another label and tip, where what is marked is erased.
    """

    box = "os-action"
    body = "action"


class Header(_Part):
    """Name, model, help, and the dialogs behind them."""

    tag, box = "header", "os-header"
    body = "header"


class PhotoCanvas(_Part):
    """A photo and what is marked on it. Its value is what the page asks for (app/web/values.py).

    Its events: edit, batch, settings. Props: `can` {"masks", "colours", "mayExtend"}, `hint`, `label`,
    `examples`.
    """

    box = "os-canvas"
    body = "photocanvas"
    triggers = ("edit", "batch", "settings")


class Asker(_Part):
    """Asks for pictures that begin with noise alone; nothing of it is seen. Its events: edit, settings."""

    box = "os-asker"
    body = "asker"
    triggers = ("edit", "settings")


class Grid(_Part):
    """Several results, one of them picked."""

    box = "os-result"
    body = "grid"


class Frames(_Part):
    """The pictures on the way from one to another, with a slider and an animation."""

    box = "os-result"
    body = "frames"


class Ends(_Part):
    """The first and the last picture of a way."""

    box = "os-ends"
    body = "ends"


class FrameStrip(_Part):
    """The pictures of a way in a row."""

    tag, box = "section", "os-strip"
    body = "framestrip"


class Targets(_Part):
    """Knows the tabs that a picture can be sent to, `targets`, and shows them: its event is show."""

    box = "os-targets"
    body = "targets"
    triggers = ("show",)


class Look(_Part):
    """The model's classes: a button each, or a list with a search where there are many. Props: `label`, `first`."""

    box = "os-looks"
    body = "look"


class Models(_Part):
    """The models of this computer. Props: `local`, whether the person may change something."""

    box = "os-models"
    body = "models"
