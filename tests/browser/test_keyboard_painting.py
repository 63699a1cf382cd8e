"""Painting without a pointer: a cursor moved by arrows, and Space as its button."""

import pytest

from tests.browser.studio import PAPER, mustard

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RING, TOLD = "#paint-canvas .os-cursor", "#paint-canvas .os-unseen"


@pytest.fixture
def keys(studio):
    """A visitor whose paper has come into focus by keys."""
    studio.find("#paint-canvas .os-swatch").first.focus()
    studio.page.keyboard.press("Shift+Tab")
    assert studio.page.evaluate(f"document.activeElement === document.querySelector('{PAPER}')")
    return studio


def press(studio, key: str, times: int = 1) -> None:
    for _ in range(times):
        studio.key(key)


def test_arrows_and_space_draw_a_stroke_that_is_shown_and_told(keys):
    assert "on" in keys.find(RING).get_attribute("class").split()
    press(keys, "Shift+ArrowUp", 5)  # 128 - 60
    press(keys, "ArrowUp", 4)
    keys.page.get_by_text("50 across, 23 down").wait_for(state="attached")
    keys.key(" ")
    assert "down" in keys.find(RING).get_attribute("class").split()
    assert keys.find(TOLD).text_content() == "Pen down: 50 across, 23 down"
    press(keys, "Shift+ArrowRight", 6)
    assert keys.strokes() == 0 and mustard(keys.canvas()[60, 180])
    keys.key(" ")
    assert keys.find(TOLD).text_content().startswith("Pen up")
    keys.refined()
    assert keys.strokes() == 1 and mustard(keys.result()[60, 160]) and not mustard(keys.canvas()[128, 128])
    press(keys, "Shift+ArrowDown", 5)
    assert keys.strokes() == 1  # the pen was up


def test_every_tool_works_by_keys(keys):
    keys.key("r")
    keys.key(" ")
    press(keys, "Shift+ArrowRight", 4)
    press(keys, "Shift+ArrowDown", 3)
    keys.key(" ")
    keys.settled()
    assert mustard(keys.canvas()[150, 170]) and keys.strokes() == 1
    keys.key("s")
    press(keys, "ArrowLeft", 4)
    press(keys, "ArrowUp", 4)
    keys.key(" ")
    assert keys.find(TOLD).text_content().startswith("Stroke taken")
    press(keys, "Shift+ArrowUp", 6)
    keys.key(" ")
    keys.settled()
    assert mustard(keys.canvas()[78, 170]) and not mustard(keys.canvas()[150, 170])
    keys.key("p")
    for way in ("ArrowDown", "ArrowLeft", "ArrowUp"):
        press(keys, f"Shift+{way}", 5)
        keys.key(" ")
    keys.key("Enter")
    assert keys.strokes() == 3
    keys.key("f")
    press(keys, "Shift+ArrowDown", 12)
    keys.key(" ")
    keys.settled()
    assert keys.strokes() == 4 and mustard(keys.canvas()[250, 20])


def test_escape_drops_the_stroke_and_leaving_the_paper_ends_it(keys):
    keys.key(" ")
    press(keys, "Shift+ArrowRight", 3)
    keys.key("Escape")
    assert keys.strokes() == 0 and not mustard(keys.canvas()[128, 150])
    keys.key(" ")
    press(keys, "Shift+ArrowRight", 3)
    keys.key("Tab")
    assert keys.strokes() == 1 and "on" not in keys.find(RING).get_attribute("class").split()


def test_the_cursor_stays_in_sight_of_a_zoomed_paper(keys):
    press(keys, "=", 3)
    whole = keys.find("#paint-canvas .os-paper").bounding_box()
    for key in ("ArrowRight", "ArrowDown"):
        press(keys, f"Shift+{key}", 12)
        ring = keys.find(RING).bounding_box()
        x, y = ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
        assert whole["x"] - 1 <= x <= whole["x"] + whole["width"] + 1
        assert whole["y"] - 1 <= y <= whole["y"] + whole["height"] + 1


def test_space_still_moves_the_view_of_a_hand_with_a_mouse(studio):
    studio.key("=")
    studio.page.mouse.move(*studio.at(120, 120))
    before = studio.find(PAPER).bounding_box()
    studio.page.keyboard.down(" ")
    studio.page.mouse.down()
    studio.page.mouse.move(*studio.at(100, 100), steps=3)
    studio.page.mouse.up()
    studio.page.keyboard.up(" ")
    assert studio.find(PAPER).bounding_box() != before and studio.strokes() == 0
