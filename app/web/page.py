"""The page, assembled: `build_page` makes the Blocks, `PAGE_LAUNCH` is what launching them needs for their looks."""

from typing import Any

import gradio as gr

from app.engine.engine import Engine
from app.examples import load_examples
from app.web import api, text
from app.web.components import Header, page_script, page_style
from app.web.tabs.all_tabs import build_edits, build_targets
from app.web.tabs.paint import build_paint
from app.web.theme import onestroke_theme

PAGE_LAUNCH: dict[str, Any] = {
    "theme": onestroke_theme(),
    # As a style element and not through css_paths: Gradio puts its own prefix before every rule of those.
    "head": f"<style>\n{page_style()}\n</style>\n<script>\n{page_script()}\n</script>",
}


def build_page(engine: Engine, *, live: bool = True, events: Any = None) -> gr.Blocks:
    """The page for one engine. The engine's card is enough: its model may still be loading."""
    if events is None:
        from app.web.paint_events import Events  # what the engine brings with it; a page under test has its own

        events = Events(engine)
    examples = load_examples()
    with gr.Blocks(title=text.TITLE, fill_width=True, analytics_enabled=False, delete_cache=(3600, 86400)) as page:
        Header(elem_id="os-header", motto=text.MOTTO, card=_card_facts(engine.card), examples=examples)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab(text.PAINT_TAB, id="paint"):
                build_paint(engine.card, events, examples, live=live)
            build_edits(engine.card, events)
        build_targets(tabs)
        api.register(engine)
    page.own_routes = events.routes  # for app/web/launch.py
    return page


def _card_facts(card: Any) -> dict[str, Any]:
    """What the Models dialog says of a model. Cards of older files lack fields; they say less."""
    shown = {
        "resolution": lambda side: f"{side} x {side} pixels",
        "parameters": lambda n: f"{n / 1e6:.1f} million",
        "classes": lambda names: ", ".join(names),
    }
    facts = []
    for field, label in text.FACT_LABELS.items():
        value = getattr(card, field, None)
        if value:
            facts.append((label, shown.get(field, _plain)(value)))
    description = getattr(card, "description", "") or ""
    return {"name": getattr(card, "name", "model"), "description": description, "facts": facts}


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {item}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
