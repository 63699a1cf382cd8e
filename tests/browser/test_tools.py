"""Brush, palette, keys, pen, fingers and the view: what a hand does on the paper."""

import numpy as np
import pytest

from tests.browser.studio import PAPER, mustard

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
BLUE = (63, 111, 168)


@pytest.fixture
def phone(visit, start):
    return visit(start().address, **PHONE)


def height_of_stroke(canvas: np.ndarray, x: int) -> int:
    return int((canvas[:120, x, 2] < 130).sum())


def test_keys_choose_tools_size_and_colour(studio):
    for key, tool in (("e", "eraser"), ("f", "fill"), ("i", "pick"), ("b", "brush")):
        studio.key(key)
        assert studio.tool("tool") == tool
        assert studio.find(f"#paint-canvas [data-tool={tool}]").get_attribute("aria-pressed") == "true"
    studio.key("]")
    assert studio.tool("size") > 30
    studio.key("[")
    studio.key("[")
    assert studio.tool("size") < 30
    studio.find("#paint-canvas .os-swatch[aria-label^=Blue]").click()
    studio.key("x")
    assert studio.tool("color") == "#d0b23a"


def test_keys_do_what_buttons_do(studio):
    studio.paint(steps=1)
    studio.find(PAPER).focus()
    studio.key("n")
    studio.page.wait_for_function("onestroke.task('paint').settings.seed !== 2417")
    studio.refined()
    studio.key("l")
    assert studio.find("#paint-lock button").get_attribute("aria-pressed") == "false"
    studio.key("v")
    studio.varied()
    studio.key("c")
    assert studio.find("#paint-result .os-wipe").is_visible()
    studio.key("?")
    assert studio.find("#os-help").is_visible()
    studio.key("e")  # not while a dialog is open
    studio.key("Escape")
    assert not studio.find("#os-help").is_visible() and studio.tool("tool") == "brush"


def test_a_report_of_a_problem_is_copied_and_holds_nothing_of_the_painting(studio):
    studio.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    fault = "new ErrorEvent('error', { error: new TypeError('a fault of the page') })"
    studio.page.evaluate(f"window.dispatchEvent({fault})")
    studio.paint(steps=1)
    studio.find("#os-header [data-do=help]").click()
    studio.page.get_by_role("button", name="Copy a report").click()
    studio.page.get_by_text("Copied.").wait_for()
    report = studio.page.evaluate("navigator.clipboard.readText()")
    assert "Onestroke" in report and "stand-in on cpu: ready" in report and "Chrom" in report
    assert "TypeError: a fault of the page" in report and "base64" not in report and len(report) < 2000


PRESS = """([key, code, ctrlKey]) => document.body.dispatchEvent(
  new KeyboardEvent('keydown', { key, code, ctrlKey, bubbles: true, cancelable: true }))"""


def test_keys_of_other_scripts_do_what_latin_ones_at_their_places_do(studio):
    studio.stroke(40, 60, 120, 60)
    studio.page.evaluate(PRESS, ["ш", "KeyI", False])
    assert studio.tool("tool") == "pick"
    studio.page.evaluate(PRESS, ["я", "KeyZ", True])
    assert studio.strokes() == 0
    studio.page.evaluate(PRESS, ["н", "KeyY", True])
    assert studio.strokes() == 1


def test_keys_in_a_field_are_text(studio):
    field = studio.find("#paint-seed input")
    field.focus()
    field.press("e")
    field.press("Delete")
    assert studio.tool("tool") == "brush"


def test_fill_and_pick_take_the_colour_of_the_paper(studio):
    studio.find("#paint-canvas .os-swatch[aria-label^=Blue]").click()
    studio.key("f")
    studio.click(230, 220)
    studio.settled()
    assert tuple(studio.canvas()[240, 20]) == BLUE and tuple(studio.canvas()[100, 20]) != BLUE
    studio.key("i")
    studio.click(30, 20)
    assert studio.tool("color") == "#d9d0c3" and studio.tool("tool") == "fill"


def test_alt_picks_without_leaving_the_brush(studio):
    studio.page.keyboard.down("Alt")
    studio.click(30, 20)
    studio.page.keyboard.up("Alt")
    assert studio.tool("color") == "#d9d0c3" and studio.tool("tool") == "brush" and studio.strokes() == 0


def test_the_size_wedge_sets_the_width(studio):
    studio.find("#paint-canvas .os-size .well input").fill("60")
    studio.stroke(40, 60, 120, 60)
    assert 55 <= height_of_stroke(studio.canvas(), 80) <= 65


def test_zoom_space_drag_and_fit_move_the_view_and_paint_nothing(studio):
    whole = studio.find(PAPER).bounding_box()
    studio.page.mouse.move(*studio.at(128, 128))
    studio.page.keyboard.down("Control")
    studio.page.mouse.wheel(0, -400)
    studio.page.keyboard.up("Control")
    studio.page.wait_for_function(
        f"w => document.querySelector('{PAPER}').getBoundingClientRect().width > 2 * w", arg=whole["width"]
    )
    zoomed = studio.find(PAPER).bounding_box()
    studio.page.keyboard.down(" ")
    studio.page.mouse.down()
    studio.page.mouse.move(600, 400, steps=4)
    studio.page.mouse.up()
    studio.page.keyboard.up(" ")
    moved = studio.find(PAPER).bounding_box()
    assert (moved["x"], moved["y"]) != (zoomed["x"], zoomed["y"]) and studio.strokes() == 0
    studio.stroke(95, 115, 105, 115)  # strokes land where they are seen
    assert mustard(studio.canvas()[115, 100])
    studio.key("0")
    assert studio.find(PAPER).bounding_box() == whole


def test_pen_pressure_sets_the_width_and_its_switch_ends_that(studio):
    def draw() -> tuple[int, int]:
        studio.pen("mousePressed", 20, 60, 0.1)
        for k in range(1, 11):
            studio.pen("mouseMoved", 20 + 20 * k, 60, 0.1 * k)
        studio.pen("mouseReleased", 220, 60, 0)
        studio.settled()
        canvas = studio.canvas()
        return height_of_stroke(canvas, 45), height_of_stroke(canvas, 205)

    thin, thick = draw()
    assert 0 < thin < thick <= 31
    studio.key("Control+z")
    studio.find("#paint-advanced .label-wrap").click()
    studio.find("#paint-pressure input").uncheck()
    assert draw() == (30, 30)


def test_a_palm_beside_the_pen_paints_nothing(visit, start):
    studio = visit(start().address, has_touch=True)
    studio.pen("mousePressed", 40, 60, 0.5)
    studio.pen("mouseMoved", 120, 60, 0.5)
    studio.pen("mouseReleased", 120, 60, 0)
    studio.settled()
    studio.touch("touchStart", studio.at(60, 200))
    studio.touch("touchMove", studio.at(90, 200))
    studio.touch("touchEnd")
    studio.settled()
    assert studio.strokes() == 1 and not mustard(studio.canvas()[200, 75])


def test_a_finger_paints_and_does_not_scroll(phone):
    way = [phone.at(60 + 4 * k, 200 - 12 * k) for k in range(13)]  # at once: a finger that waits picks a colour
    phone.touch("touchStart", way[0])
    for point in way[1:]:
        phone.touch("touchMove", point)
    phone.touch("touchEnd")
    phone.refined()
    assert phone.strokes() == 1 and mustard(phone.canvas()[104, 92]) and mustard(phone.result()[104, 92])
    assert phone.page.evaluate("scrollY") == 0


def test_two_fingers_zoom_and_drop_the_stroke_that_the_first_began(phone):
    whole = phone.find(PAPER).bounding_box()["width"]
    first, one, two = phone.at(100, 100), phone.at(104, 104), phone.at(180, 104)
    phone.touch("touchStart", first)
    phone.touch("touchMove", one)
    phone.touch("touchStart", one, two)
    for k in range(1, 8):
        phone.touch("touchMove", (one[0] - 6 * k, one[1]), (two[0] + 6 * k, two[1]))
    phone.touch("touchEnd")
    assert phone.find(PAPER).bounding_box()["width"] > 1.3 * whole and phone.strokes() == 0
    assert phone.state()["seq"] == 0


def test_a_long_press_picks_the_colour_under_the_finger(phone):
    phone.touch("touchStart", phone.at(60, 230))
    phone.page.wait_for_function(
        "document.querySelector('#paint-canvas .os-canvas').onestroke.tools.color === '#c3a988'"
    )
    phone.touch("touchEnd")
    assert phone.strokes() == 0 and phone.tool("tool") == "brush"


def test_a_phone_shows_everything_without_scrolling_sideways(phone):
    phone.stroke(40, 60, 120, 60)
    phone.refined()
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 390
    result, paper = phone.find("#paint-result .os-frame").bounding_box(), phone.find(PAPER).bounding_box()
    assert result["y"] + result["height"] <= paper["y"], "the picture stands above the painting hand"
    assert paper["width"] >= 350
    small = phone.page.evaluate(
        "[...document.querySelectorAll('#paint-canvas .os-rail .ib, #paint-result .os-actions .ib')]"
        ".filter((node) => node.offsetParent && (node.offsetHeight < 44 || node.offsetWidth < 36)).length"
    )
    assert small == 0
