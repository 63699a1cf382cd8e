"""The Inpaint tab: brush over a part of a photo, or beyond its edge, and it is filled; all else stays as it is."""

from typing import Any

from app.tabs import edit_text
from app.tabs.shared import Controls, build_photo_tab, schedule

TASK, WORDS = "inpaint", edit_text.INPAINT
GROW, FEATHER = 2, 2  # of 256 parts of what is seen


def build_inpaint(card: Any, events: Any, examples: list[dict]) -> None:
    build_photo_tab(
        TASK, WORDS, card, events, _settings, advanced=_advanced, examples=examples,
        masks=True, colours=True, may_extend=True,
    )  # fmt: skip


def _settings(controls: Controls) -> None:
    controls.steps()
    controls.slider("grow", -8, 8, GROW, edit_text.EDGE)


def _advanced(controls: Controls) -> None:
    controls.box("near", True, edit_text.NEAR)
    controls.box("keepMask", False, edit_text.KEEP_MASK)
    controls.slider("feather", 0, 16, FEATHER, edit_text.FEATHER)
    schedule(controls)
    controls.action("widen", label=edit_text.WIDEN)
    controls.action("openMask", label=edit_text.OPEN_MASK)
    controls.action("saveMask", label=edit_text.SAVE_MASK)
