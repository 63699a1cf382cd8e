"""What somebody meets who is here for the first time, and what a page says that comes back."""

import pytest

from tests.browser.studio import Studio
from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NEW = {"locale": "it-IT"}  # a browser of its own: what it has seen is noted for good
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "locale": "es-ES"}
GRID = "[...document.querySelectorAll('#generate-result .os-grid img')].map((each) => each.src)"
# The window that scrolls sideways, or a part of the page that reaches beyond it.
BEYOND = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def bundled(start):
    """The address of a page whose model has the bundled one's name: the pictures that came with the program are its."""
    return start("--name", "bedroom-128").address


def test_the_examples_show_strokes_and_the_room_that_was_made_of_them(visit, bundled, start):
    studio = visit(bundled, **NEW)
    pairs = studio.find("#paint-result .os-empty .os-pair")
    assert pairs.count() == 3 and pairs.nth(0).locator(".os-room").is_visible()
    painted = studio.page.evaluate(
        """async () => {
          const shown = getComputedStyle(document.querySelector('.os-empty .os-room')).backgroundImage;
          const [, address] = shown.match(/url\\("(.*)"\\)/);
          const image = new Image();
          image.src = address;
          await image.decode();
          return image.naturalWidth / image.naturalHeight;
        }"""
    )
    assert painted == studio.page.evaluate("document.querySelectorAll('#os-examples [data-example]').length")
    other = visit(start().address, **NEW)  # another model did not make them
    assert other.find("#paint-result .os-empty .os-thumb").count() == 3
    assert other.find("#paint-result .os-empty .os-room").first.is_hidden()


def test_three_steps_lead_a_newcomer_and_never_come_back(visit, start):
    studio = visit(start().address, **NEW)
    guide = studio.find("#paint-result .os-guide")
    for step in range(1, 4):
        assert guide.inner_text().startswith(f"{step} of 3")
        studio.stroke(40, 40 * step, 120, 40 * step)
        studio.refined()
    assert guide.is_hidden()
    assert visit(start().address, **NEW).find("#paint-result .os-guide").count() == 0


def test_every_tab_says_in_one_line_when_to_use_it(studio):
    line = studio.find("#os-header .os-header > p")
    seen = []
    for tab in studio.find("#tabs [role=tab]").all():
        tab.click()
        studio.page.wait_for_function(
            "(tab) => onestroke.task('tabs') && sessionStorage['onestroke.tab'] === JSON.stringify(tab)",
            arg=tab.get_attribute("data-tab-id"),
        )
        seen.append(line.inner_text())
        assert line.bounding_box()["height"] < 30
    assert len(set(seen)) == len(seen) == 9 and all(text.endswith(".") for text in seen)


def test_a_reload_comes_back_to_the_tab(studio):
    tab = Tab(studio, "colorize")
    studio.page.reload()
    tab.find("canvas", ".os-paper").wait_for()
    assert studio.find("#tabs [role=tab][aria-selected=true]").inner_text() == "Colorize"


def test_generate_opens_with_rooms_and_a_click_makes_one_anew(visit, bundled):
    tab = Tab(visit(bundled, **NEW), "generate")
    tab.until("sample")
    samples = tab.page.evaluate(GRID)
    assert len(set(samples)) == 8 and tab.history() == 0
    assert tab.find("result", "[data-do=download]").is_disabled() and tab.find("result", "[data-do=all]").is_disabled()
    before = tab.settings()
    tab.find("result", ".os-grid .os-thumb").nth(3).click()
    tab.done()
    tab.find("result", ".os-grid [aria-selected=true]").wait_for()
    assert tab.find("result", "[aria-selected=true]").get_attribute("aria-label") == "Seed 2420"
    assert tab.settings() == before and not set(tab.page.evaluate(GRID)) & set(samples)
    assert tab.find("result", "[data-do=download]").is_enabled() and tab.history() == 2


def test_interpolate_opens_with_a_way_that_plays(visit, bundled):
    tab = Tab(visit(bundled, **NEW), "interpolate")
    tab.until("sample")
    assert tab.find("frames", ".os-thumb").count() == 16
    assert tab.page.locator("#interpolate-ends img").nth(1).is_visible()
    tab.click("play")
    tab.page.wait_for_function("document.querySelector('#interpolate-result .os-travel input').value === '2'")
    assert tab.find("result", "[data-do=animation]").is_disabled()


def test_of_another_model_nothing_is_shown_before_it_is_made(visit, start):
    tab = Tab(visit(start().address, **NEW), "generate")
    tab.find("result", ".os-empty").wait_for()
    tab.page.wait_for_function(f"{tab.js}.loop")
    assert tab.page.evaluate(GRID) == []


def test_the_first_seconds_fit_a_phone(visit, bundled):
    studio = visit(bundled, **PHONE)
    frame = studio.find("#paint-result .os-frame").bounding_box()
    for pair in studio.find("#paint-result .os-pair").all():
        box = pair.bounding_box()
        assert frame["y"] <= box["y"] and box["y"] + box["height"] <= frame["y"] + frame["height"]
    rail = studio.find("#paint-canvas .os-rail").bounding_box()
    assert rail["y"] + rail["height"] <= 844
    foot_fits(studio, "paint", frame)
    for task in ("generate", "interpolate"):
        tab = Tab(studio, task)
        tab.until("sample")
        assert not studio.page.evaluate(BEYOND)


def foot_fits(studio: Studio, task: str, frame: dict) -> None:
    """The words and buttons beside the result are no higher than it."""
    foot = studio.find(f"#{task}-result .os-actions").bounding_box()
    assert foot["y"] + foot["height"] <= frame["y"] + frame["height"] + 1
