"""The Inpaint tab: brush over a part of a photo, or beyond its edge, and it is filled; all else stays as it is."""

from app.edits.registry import INPAINT
from app.web.page_events import PageEvents
from app.web.tabs import words
from app.web.tabs.controls import Controls
from app.web.tabs.photo_tab import build_photo_tab
from core.card import ModelCard

TASK, WORDS = INPAINT.name, words.INPAINT
GROW, FEATHER = 2, 2  # of 256 parts of the square that is found around the mask


def build_inpaint(card: ModelCard, events: PageEvents, examples: list[dict]) -> None:
    build_photo_tab(
        TASK, WORDS, card, events, _settings, advanced=_advanced, examples=examples,
        masks=True, colours=True, may_extend=True,
    )  # fmt: skip


def _settings(controls: Controls) -> None:
    controls.choice("how", words.HOWS, "fill", words.HOW)
    controls.steps()
    controls.slider("grow", -8, 8, GROW, words.EDGE)


def _advanced(controls: Controls) -> None:
    controls.box("keepMask", False, words.KEEP_MASK)
    controls.choice("maskColour", words.MASK_COLOURS, "green", words.MASK_COLOUR)
    controls.slider("feather", 0, 16, FEATHER, words.FEATHER)
    controls.schedule()
    controls.action("openMask", label=words.OPEN_MASK)
    controls.action("saveMask", label=words.SAVE_MASK)
