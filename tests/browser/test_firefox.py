"""The main path in Firefox: paint, fill, colour, come back after a reload, and all of it on a phone."""

import base64
import io
import os

import numpy as np
import pytest
from PIL import Image

from tests.browser.firefox import Firefox, Visit, find_firefox
from tests.browser.studio import PIXELS
from tests.browser.tab import DROP, photograph, png

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAPER = "#paint-canvas .os-paper canvas"
READY = f"document.querySelector('{PAPER}') && window.onestroke && onestroke.task('paint').painting"
STROKES = "document.querySelector('#paint-canvas .os-canvas').onestroke.strokes()"


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    program = find_firefox()
    if not program:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("There is no Firefox on the PATH.")
    firefox = Firefox(program, tmp_path_factory.mktemp("profile"))
    yield firefox
    firefox.close()


@pytest.fixture
def visit(firefox, start):
    visits = []

    def open_page(**window) -> Visit:
        visits.append(Visit(firefox, start().address, **window))
        visits[-1].until(READY)
        return visits[-1]

    yield open_page
    for each in visits:
        each.leave()
    assert [problem for each in visits for problem in each.problems()] == []


def shows(task: str, state: str) -> str:
    """A condition: the result of a tab is in that state."""
    return f"document.querySelector('#{task}-result .os-result')?.dataset.state === '{state}'"


def paint(page: Visit, by: str = "mouse") -> None:
    page.stroke(PAPER, 40, 60, 200, 60, by=by)
    page.until(shows("paint", "refined"))


def open_photo(page: Visit, task: str) -> None:
    page.run("(task) => onestroke.show(task)", task)
    page.until(f"onestroke.task('{task}').loop && onestroke.task('{task}').painting")
    photo = base64.b64encode(png(photograph(256, 256))).decode()
    page.run(DROP, [f"#{task}-canvas .os-paper", [["photo.png", "image/png", photo]]])
    page.until(f"onestroke.task('{task}').painting.photo")


def picture(page: Visit, selector: str) -> np.ndarray:
    """256x256 RGB of a canvas or picture, rows first."""
    data = base64.b64decode(page.run(PIXELS, selector).split(",")[1])
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"), dtype=int)


def test_a_stroke_becomes_a_picture(visit):
    page = visit()
    paint(page)
    blue = picture(page, "#paint-result .os-frame > img")[:, 60:180, 2]
    assert blue[52:68].mean() < 130 < blue[100:116].mean()  # a stroke of mustard on paper, which is bluer


def test_a_hole_is_filled_and_all_else_stays(visit):
    page = visit()
    open_photo(page, "inpaint")
    page.stroke("#inpaint-canvas .os-paper", 100, 128, 156, 128)
    page.until(shows("inpaint", "refined"))
    change = abs(picture(page, "#inpaint-result .os-frame > img") - photograph(256, 256)).mean(2)
    assert change[123:133, 110:146].mean() > 3 * change[:64].mean()


def test_a_photo_gets_colours(visit):
    page = visit()
    open_photo(page, "colorize")
    page.until(shows("colorize", "refined"))
    assert page.run("() => document.querySelector('#colorize-result .os-status').innerText").startswith("Coloured")


def test_what_is_painted_outlives_a_reload(visit):
    page = visit()
    paint(page)
    page.until("document.querySelectorAll('#paint-history .os-thumb').length === 1")
    page.reload()
    page.until(f"{READY} && {STROKES} === 1")
    page.until(shows("paint", "refined"))
    page.until("document.querySelectorAll('#paint-history .os-thumb').length >= 1")


def test_a_phone_paints_by_touch_and_nothing_is_wider_than_it(visit):
    page = visit(width=390, height=844)
    paint(page, by="touch")
    assert page.run("() => document.documentElement.scrollWidth") == 390
    open_photo(page, "inpaint")
    page.stroke("#inpaint-canvas .os-paper", 100, 128, 156, 128, by="touch")
    page.until(shows("inpaint", "refined"))
    assert page.run("() => document.documentElement.scrollWidth") == 390
