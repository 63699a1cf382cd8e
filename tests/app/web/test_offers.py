"""What is made of the description of an edit: the command line, the endpoints, the tabs."""

import asyncio
import gc
import inspect

import pytest

from app.cli.parser import build_parser
from app.edits.registry import EDITS
from app.edits.spec import SETTINGS
from app.samples import load_samples
from app.web.launch import prepare_import
from tests.app.conftest import TinyModel

prepare_import()

# Gradio makes event loops to create its locks, and never closes them.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.mark.parametrize("spec", EDITS.values(), ids=EDITS)
def test_command_line_and_endpoint_take_the_same_with_the_same_defaults(spec):
    source = [] if spec.source is None else ["in.png"]
    options = vars(build_parser().parse_args([spec.name, *source, "-o", "out.png"]))
    from app.web.api import _endpoint

    parameters = inspect.signature(_endpoint(spec, None)).parameters
    assert list(parameters) == [field.name for field in spec.takes]
    for field in (*spec.own, *(each for each in SETTINGS if spec.takes_a(each.name))):
        expected = spec.steps if field.name == "steps" else field.default
        assert parameters[field.name].default == expected
        if field.kind != "seed":
            assert options[field.name] == expected


@pytest.fixture(scope="module")
def controls():
    """Of all tabs: sliders by id with their range and value, and the ids of what is chosen by a click."""

    import gradio as gr

    from app.web.components import Look
    from app.web.tabs import all_tabs
    from app.web.tabs.paint import build_paint

    class Events:
        """A `PageEvents` that nobody asks."""

        async def answers(self, value): ...
        async def live(self, value): ...
        async def newest(self, message): ...
        async def cancel(self, message): ...
        async def queue_position(self, message): ...
        async def open_photo(self, message): ...
        async def photo_strokes(self, message): ...

    with gr.Blocks() as page, gr.Tabs():
        with gr.Tab():
            build_paint(TinyModel().card, Events(), [], live=True)
        all_tabs.build_edits(TinyModel().card, Events(), load_samples())
    found = {
        block.elem_id: (block.minimum, block.maximum, block.value)
        for block in page.blocks.values()
        if isinstance(block, gr.Slider)
    }
    looks = {block.elem_id for block in page.blocks.values() if isinstance(block, Look)}
    del page
    asyncio.set_event_loop(None)
    gc.collect()
    return found, looks


def test_sliders_stay_in_the_range_of_what_they_set(controls):
    seen = 0
    for spec in EDITS.values():
        for field in spec.own:
            if (name := f"{spec.name}-{field.name}") in controls[0]:
                seen += 1
                low, high, value = controls[0][name]
                assert field.low <= low <= value <= high <= field.high
    assert seen >= 7


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_has_a_tab_with_its_steps(controls, name):
    spec = EDITS[name]
    first = TinyModel().card.default_steps if name == "paint" else spec.steps
    if spec.takes_a("steps"):
        most = EDITS["paint"].most_steps  # one range in every tab
        assert controls[0][f"{name}-steps"] == (1, most, first) and most <= spec.most_steps
    assert f"{name}-look" in controls[1]
