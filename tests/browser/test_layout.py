"""How the Paint tab fits windows of any size."""

from itertools import pairwise

import pytest

from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

BOXES = """(selector) => [...document.querySelectorAll(selector)].filter((node) => node.offsetParent)
  .map((node) => { const b = node.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })"""


def boxes(studio, selector: str) -> list[list[float]]:
    """Left, top, right and bottom of everything that is seen of it, in pixels of the window."""
    return studio.page.evaluate(BOXES, selector)


@pytest.fixture
def desk(visit, start):
    """desk(width, height): a visitor with a window of that size."""
    return lambda width, height: visit(start().address, viewport={"width": width, "height": height})


@pytest.mark.parametrize("width, height", [(760, 1024), (820, 1180), (1179, 800), (1280, 800), (1920, 1080)])
def test_groups_of_colours_stay_apart_and_tools_can_be_hit(desk, width, height):
    studio = desk(width, height)
    groups = boxes(studio, "#paint-canvas .os-group")
    assert all(right[0] - left[2] >= 8 for left, right in pairwise(groups))
    swatches = boxes(studio, "#paint-canvas .os-group:first-child .os-swatch")
    assert 2 <= swatches[1][0] - swatches[0][2] < groups[1][0] - groups[0][2]
    tools = boxes(studio, "#paint-canvas .os-rail button.ib")
    assert all(bottom - top >= 24 and right - left >= 24 for left, top, right, bottom in tools)
    rail = boxes(studio, "#paint-canvas .os-rail")[0]
    assert all(tool[3] <= rail[3] for tool in tools)
    assert studio.page.evaluate("document.documentElement.scrollWidth") == width


# What is said under a result that does not fit its room.
CUT = """(task) => [...document.querySelectorAll(`#${task}-result .os-status > *`)]
  .filter((node) => node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1)
  .map((node) => node.textContent)"""


@pytest.mark.parametrize("width, height", [(760, 900), (1280, 800)])
def test_what_is_said_is_not_cut_and_a_grid_fills_its_room(visit, start, width, height):
    studio = visit(start("--name", "bedroom-128").address, viewport={"width": width, "height": height}, locale="nl-NL")
    guide, offer = boxes(studio, ".os-guide")[0], boxes(studio, "#paint-result .os-link")[0]
    first = boxes(studio, "#paint-result .os-empty > b")[0]
    assert offer[3] <= guide[1] and first[1] >= boxes(studio, "#paint-result .os-frame")[0][1]
    assert studio.page.evaluate(CUT, "paint") == []
    way = Tab(studio, "interpolate")
    way.until("sample")
    assert studio.page.evaluate(CUT, "interpolate") == []
    for state in (
        {"name": "thinking", "step": 1, "steps": 4, "ms": 300, "left": 48},
        {"name": "refined", "step": 4, "steps": 4, "ms": 48_000},
    ):
        studio.page.evaluate(
            f"(state) => {{ {way.js}.found = 'noise over both pictures'; {way.js}.emit('state', state); }}", state
        )
        assert studio.page.evaluate(CUT, "interpolate") == []
        frame, foot = (
            boxes(studio, "#interpolate-result .os-result")[0],
            boxes(studio, "#interpolate-result .os-actions")[0],
        )
        assert foot[3] <= frame[3] + 1 and foot[2] <= frame[2] + 9
    grid = Tab(studio, "generate")
    grid.until("sample")
    room, last = boxes(studio, "#generate-result .os-frame")[0], boxes(studio, "#generate-result .os-thumb")[-1]
    assert room[2] - 4 <= last[2] <= room[2] and room[3] - 4 <= last[3] <= room[3]
    grid.choose("count", 5)
    grid.click("generate", "settings")
    grid.page.wait_for_function(f"{grid.js}.loop.state().seq === 1")
    grid.done()
    third = boxes(studio, "#generate-result .os-thumb")[2]
    assert boxes(studio, "#generate-result .os-progress")[0][2] <= third[2] + 1


@pytest.mark.parametrize("width, height", [(1280, 800), (1920, 1080), (2560, 1440)])
def test_pictures_grow_with_the_window(desk, width, height):
    studio = desk(width, height)
    studio.stroke(40, 60, 120, 60)
    studio.settled()
    left, top, right, bottom = boxes(studio, "#paint-canvas .os-paper")[0]
    result = boxes(studio, "#paint-result .os-frame")[0]
    assert (top, bottom) == (result[1], result[3]) and right < result[0]
    assert 2 * (right - left) >= 0.6 * width or bottom - top >= 0.55 * height
    assert boxes(studio, "#paint-stage")[0][3] < height
