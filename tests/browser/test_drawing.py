"""Straight lines, shapes and strokes from beside the paper."""

import numpy as np
import pytest

from tests.browser.studio import PAPER, mustard

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MENU = "#paint-canvas .os-pop[role=menu]"


def painted(canvas: np.ndarray) -> np.ndarray:
    """Where the first colour lies: [256,256] of booleans."""
    return canvas[:, :, 2] < 100


def last(studio) -> dict:
    """The newest operation."""
    return studio.page.evaluate("document.querySelector('#paint-canvas .os-canvas').onestroke.save().ops.at(-1)")


def test_shift_click_joins_the_last_stroke_in_a_straight_line(studio):
    studio.click(40, 60)
    studio.page.keyboard.down("Shift")
    studio.click(200, 60)
    studio.click(200, 180)
    studio.page.keyboard.up("Shift")
    studio.settled()
    canvas = studio.canvas()
    assert mustard(canvas[60, 120]) and mustard(canvas[120, 200]) and not mustard(canvas[120, 120])
    assert studio.strokes() == 3
    studio.key("Control+z")
    studio.settled()
    assert not mustard(studio.canvas()[120, 200]) and mustard(studio.canvas()[60, 120])


def test_shift_drag_draws_a_straight_line_from_where_it_was_pressed(studio):
    studio.click(20, 230)
    studio.page.keyboard.down("Shift")
    studio.press(60, 40)
    studio.page.mouse.move(*studio.at(90, 150), steps=3)  # a way round
    studio.page.mouse.move(*studio.at(200, 40), steps=3)
    studio.page.mouse.up()
    studio.page.keyboard.up("Shift")
    studio.settled()
    assert len(last(studio)["points"]) == 2
    canvas = studio.canvas()
    assert mustard(canvas[40, 130]) and not mustard(canvas[120, 85]) and not mustard(canvas[140, 40])


@pytest.mark.parametrize("key, inside, corner", [("r", True, True), ("o", True, False)])
def test_shapes_are_dragged_and_shift_makes_them_even(studio, key, inside, corner):
    studio.key(key)
    studio.stroke(60, 40, 200, 100)
    studio.settled()
    canvas = studio.canvas()
    assert mustard(canvas[70, 130]) == inside and mustard(canvas[43, 64]) == corner
    assert not mustard(canvas[110, 130])
    studio.key("Control+z")
    studio.page.keyboard.down("Shift")
    studio.stroke(200, 200, 150, 190)
    studio.page.keyboard.up("Shift")
    studio.settled()
    rows, columns = np.nonzero(painted(studio.canvas()))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (150, 199, 150, 199)


def test_a_polygon_is_clicked_corner_by_corner(studio):
    studio.key("p")
    for corner in ((60, 40), (200, 40), (200, 120), (120, 200)):
        studio.click(*corner)
    studio.key("Control+z")  # the last corner alone
    assert studio.strokes() == 0
    studio.click(60, 120)
    studio.key("Enter")
    studio.refined()
    canvas = studio.canvas()
    assert mustard(canvas[80, 130]) and not mustard(canvas[150, 120]) and studio.strokes() == 1
    for corner in ((20, 200), (60, 200), (60, 240), (20, 240)):
        studio.click(*corner)
    assert studio.strokes() == 1
    studio.click(21, 201)  # the first corner again
    studio.settled()
    assert studio.strokes() == 2 and mustard(studio.canvas()[220, 40])
    studio.click(150, 200)
    studio.click(200, 200)
    studio.key("Escape")
    studio.settled()
    assert studio.strokes() == 2


def test_the_rails_one_button_for_shapes_has_a_menu(studio):
    button = studio.button("shapes", "#paint-canvas")
    button.click()
    assert studio.tool("tool") == "rect" and studio.find(MENU).is_visible()
    studio.find(f"{MENU} [data-tool=ellipse]").click()
    assert studio.tool("tool") == "ellipse" and not studio.find(MENU).is_visible()
    assert button.get_attribute("aria-pressed") == "true"
    studio.key("b")
    button.click()
    assert studio.tool("tool") == "ellipse"
    studio.key("Escape")
    assert not studio.find(MENU).is_visible()
    studio.find("#paint-canvas .os-swatch[aria-label^=Blue]").click()
    assert studio.tool("tool") == "ellipse"  # a colour goes on with the shape


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_stroke_begins_beside_the_paper(studio, side):
    box = studio.find(PAPER).bounding_box()
    x, y, right, bottom = box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]
    middle = (x + right) / 2, (y + bottom) / 2
    begin = {"left": (x - 6, middle[1]), "right": (right + 12, middle[1]), "top": (middle[0], y - 8),
             "bottom": (middle[0], bottom + 6)}[side]  # fmt: skip
    studio.page.mouse.move(*begin)
    studio.page.mouse.down()
    studio.page.mouse.move(*middle, steps=5)
    studio.page.mouse.up()
    studio.settled()
    edge = {"left": (128, 1), "right": (128, 254), "top": (1, 128), "bottom": (254, 128)}[side]
    assert studio.strokes() == 1 and mustard(studio.canvas()[edge]) and mustard(studio.canvas()[128, 128])


def test_what_leaves_nothing_on_the_paper_is_no_operation(studio):
    studio.find("#paint-canvas .os-size .well input").fill("10")
    box = studio.find(PAPER).bounding_box()
    x, y = box["x"] + box["width"] + 22, box["y"] + 80
    studio.page.mouse.move(x, y)
    studio.page.mouse.down()
    studio.page.mouse.move(x, y + 50, steps=3)
    studio.page.mouse.up()
    studio.key("r")
    studio.click(100, 100)  # a rectangle that was not dragged
    assert studio.strokes() == 0 and studio.state()["seq"] <= 1


SELECTED, DELETE = "#paint-canvas .os-selected", "#paint-canvas .os-unstroke"


def test_a_stroke_that_was_made_is_moved_recoloured_and_deleted_and_each_is_one_undo(studio):
    studio.stroke(40, 60, 120, 60)
    studio.key("x")  # the other colour
    studio.stroke(40, 160, 120, 160)
    studio.settled()
    before = studio.canvas()
    studio.key("s")
    studio.stroke(80, 60, 140, 100)  # dragged
    studio.settled()
    moved = studio.canvas()
    assert mustard(moved[100, 140]) and not mustard(moved[60, 60]) and studio.strokes() == 3
    assert studio.find(SELECTED).is_visible()
    studio.find("#paint-canvas .os-swatch[aria-label^=Blue]").click()
    studio.settled()
    assert tuple(studio.canvas()[100, 140]) == (63, 111, 168) and studio.tool("tool") == "select"
    studio.find(PAPER).focus()
    studio.key("Delete")
    studio.settled()
    assert not studio.find(SELECTED).is_visible() and tuple(studio.canvas()[100, 140]) == tuple(before[10, 10])
    for shown in ((63, 111, 168), None, None):
        studio.key("Control+z")
        studio.settled()
        if shown:
            assert tuple(studio.canvas()[100, 140]) == shown
    assert np.array_equal(studio.canvas(), before)
    studio.key("Control+Shift+z")
    studio.settled()
    assert np.array_equal(studio.canvas(), moved)


def test_a_reload_keeps_what_was_changed(studio):
    studio.stroke(40, 60, 120, 60)
    studio.key("r")
    studio.stroke(150, 150, 220, 220)
    studio.key("s")
    studio.stroke(200, 200, 120, 190)
    studio.click(80, 60)
    studio.find(DELETE).click()
    studio.refined()
    canvas, picture = studio.canvas(), studio.source()
    assert mustard(canvas[190, 120]) and not mustard(canvas[60, 80])
    studio.reload()
    studio.refined()
    assert np.array_equal(studio.canvas(), canvas) and studio.source() == picture
    studio.key("Control+z")
    studio.settled()
    assert mustard(studio.canvas()[60, 80])


def test_all_strokes_deleted_is_an_empty_paper(studio):
    studio.paint(steps=1)
    studio.key("s")
    studio.click(80, 60)
    studio.key("Backspace")
    studio.until("idle")
    assert not mustard(studio.canvas()[60, 80])


def test_a_filled_area_is_selected_by_what_it_filled(studio):
    studio.find("#paint-canvas .os-swatch[aria-label^=Blue]").click()
    studio.key("f")
    studio.click(230, 220)
    studio.key("s")
    studio.click(20, 240)
    assert studio.find(SELECTED).is_visible()
    studio.click(20, 20)
    assert not studio.find(SELECTED).is_visible()
    studio.click(20, 240)
    studio.key("Escape")
    assert not studio.find(SELECTED).is_visible()
    studio.click(20, 240)
    studio.key("Delete")
    studio.until("idle")
    assert tuple(studio.canvas()[240, 20]) == (195, 169, 136)


def test_a_soft_or_light_stroke_is_the_same_after_undo_redo_and_reload(studio):
    studio.button("wash", "#paint-canvas").click()
    for name, value in (("Soft edge", "80"), ("Opacity", "50")):
        studio.find("#paint-canvas .os-wash label", has_text=name).locator("input").fill(value)
    studio.key("Escape")
    studio.stroke(40, 60, 200, 60)
    studio.stroke(120, 20, 120, 200)
    studio.refined()
    canvas, picture = studio.canvas(), studio.source()
    middle, edge, paper = canvas[100, 120], canvas[100, 130], canvas[100, 20]
    assert (middle != paper).any() and (abs(middle - paper) > abs(edge - paper)).all()
    assert abs(2 * middle - paper - np.array([208, 178, 58])).max() <= 4  # half of the colour
    studio.key("Control+z")
    studio.settled()
    studio.key("Control+Shift+z")
    studio.settled()
    assert np.array_equal(studio.canvas(), canvas)
    studio.reload()
    studio.refined()
    assert np.array_equal(studio.canvas(), canvas) and studio.source() == picture
    assert (studio.tool("soft"), studio.tool("opacity")) == (0.8, 0.5)
