"""How the Paint tab fits windows of any size."""

from itertools import pairwise

import pytest

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
