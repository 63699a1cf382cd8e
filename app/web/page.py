"""The page, assembled: `build_page` makes the Blocks, `PAGE_LAUNCH` holds their theme and style for the launch."""

from typing import Any

import gradio as gr

from app.engine.engine import Engine
from app.examples import load_examples
from app.samples import load_samples, with_rooms
from app.store.uploads import Uploads
from app.web import api, text
from app.web.border.guarded_blocks import GuardedBlocks
from app.web.components import Header, page_script, page_style
from app.web.model_messages import about_message
from app.web.page_events import PageEvents
from app.web.tabs.all_tabs import build_edits, build_targets, tab_lines
from app.web.tabs.models import build_models
from app.web.tabs.paint import build_paint
from app.web.tabs.wiring import server_functions
from app.web.theme import onestroke_theme

PAGE_LAUNCH: dict[str, Any] = {
    "theme": onestroke_theme(),
    # As a style element and not through css_paths: Gradio puts its own prefix before every rule of those.
    "head": f"<style>\n{page_style()}\n</style>\n<script>\n{page_script()}\n</script>",
}


def build_page(engine: Engine, events: PageEvents, uploads: Uploads, *, live: bool = True) -> gr.Blocks:
    """The page with its named endpoints. The engine's model may still be loading: its card is enough.

    live: pictures follow the strokes by themselves.
    """
    card, samples = engine.card, load_samples()
    examples = with_rooms(load_examples(), samples["paint"])
    with GuardedBlocks(title=text.TITLE, fill_width=True, analytics_enabled=False) as page:
        Header(
            elem_id="os-header", lines=tab_lines(), model=about_message(engine.used), examples=examples,
            server_functions=server_functions(events.models.model_news),
        )  # fmt: skip
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab(text.PAINT_TAB, id="paint"):
                build_paint(card, events, examples, live=live)
            build_edits(card, events, samples)
            with gr.Tab(text.MODELS_TAB, id="models"):
                build_models(events.models)
        build_targets(tabs)
        api.register(engine, uploads, events)
    return page
