"""The page over two replicas of the model in Ray: every tab gives the picture that it gives without them."""

import numpy as np
import pytest

from app.edits.registry import EDITS
from tests.browser.tab import Tab, photograph, png

pytest.importorskip("ray")
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHOTO = photograph(96, 96)
REPLICAS = ("--engine", "ray")


@pytest.fixture(params=["here", "replicas"])
def address(request, start):
    return start(*(REPLICAS if request.param == "replicas" else ())).address


@pytest.fixture(scope="module")
def pictures():
    """What each tab has made so far, by its name: the first is the model's in the page's own process."""
    return {}


def picture_of(tab: Tab, folder) -> np.ndarray:
    if EDITS[tab.task].begins_with_photo:
        tab.open(png(PHOTO))
    else:
        tab.choose("frames" if tab.task == "interpolate" else "count", 2)
        tab.click("generate", "settings")
        tab.page.wait_for_function(f"() => {{ const s = {tab.js}.loop.state(); return s.seq > 0 && !s.busy; }}")
        tab.until("refined")
    if tab.task == "inpaint":
        tab.stroke(80, 100, 160, 120)
    if tab.task == "generate":
        tab.find("result", ".os-grid .os-thumb").nth(1).click()
    if EDITS[tab.task].begins_with_photo:
        tab.done()
    return tab.picture(folder)


@pytest.mark.parametrize("task", [task for task in EDITS if task != "paint"])
def test_an_edit_over_replicas_is_the_edit_without_them(task, address, visit, pictures, tmp_path):
    made = picture_of(Tab(visit(address), task), tmp_path)
    assert np.array_equal(made, pictures.setdefault(task, made))
    assert made.std() > 1


def test_strokes_over_replicas_become_the_same_picture(address, visit, pictures):
    studio = visit(address)
    studio.stroke(40, 200, 120, 200)
    studio.settled()
    assert np.array_equal(studio.result(), pictures.setdefault("paint", studio.result()))
