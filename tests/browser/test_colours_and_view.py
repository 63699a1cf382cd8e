"""Colours taken from the result and used before; paper and result seen larger."""

import pytest

from tests.browser.studio import PAPER, RESULT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ZOOM, OWN = "#paint-canvas .os-zoom", "#paint-canvas .os-swatch.own"
RECENT = "#paint-canvas .os-recent .os-swatch"


def rgb(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


@pytest.mark.parametrize("way", ["tool", "alt"])
def test_a_colour_is_taken_from_the_result(studio, way):
    studio.paint(steps=1)
    box = studio.find(RESULT).bounding_box()
    at = box["x"] + 80 * box["width"] / 256, box["y"] + 60 * box["height"] / 256
    if way == "tool":
        studio.key("i")
    else:
        studio.page.keyboard.down("Alt")
    studio.page.mouse.click(*at)
    studio.page.keyboard.up("Alt")
    seen = studio.result()[60, 80]
    assert abs(rgb(studio.tool("color")) - seen).max() <= 8 and studio.tool("tool") == "brush"
    assert studio.tool("own") == studio.tool("color") and studio.strokes() == 1


def test_own_colours_that_were_used_come_back_also_after_a_reload(studio):
    for number in range(10):
        studio.page.evaluate(f"onestroke.task('paint').tools.pick('#1000{number}0')")
        studio.stroke(20, 20 + 20 * number, 60, 20 + 20 * number)
    assert studio.tool("recent") == [f"#1000{number}0" for number in range(9, 1, -1)]
    studio.find("#paint-canvas .os-swatch[aria-label^=Blue]").click()
    studio.stroke(100, 100, 140, 140)  # no colour of one's own
    studio.refined()
    studio.reload()
    studio.find(OWN).click()
    assert studio.find(RECENT).count() == 8
    studio.find(RECENT).nth(1).click()
    assert studio.tool("color") == "#100080" and not studio.find(RECENT).first.is_visible()
    studio.find(OWN).click()
    studio.key("Escape")
    assert not studio.find(RECENT).first.is_visible()


def test_paper_and_result_are_zoomed_together(studio):
    studio.paint(steps=1)
    whole = studio.find(PAPER).bounding_box()
    assert studio.find(f"{ZOOM} :visible[aria-label]").count() == 1  # all that a mouse needs to begin
    studio.find(ZOOM).get_by_label("Larger").click()
    paper, result = studio.find(PAPER).bounding_box(), studio.find(RESULT).bounding_box()
    frame = studio.find("#paint-result .os-frame").bounding_box()
    assert paper["width"] == pytest.approx(1.5 * whole["width"], abs=1)
    assert result["width"] == pytest.approx(paper["width"], abs=1)
    assert result["x"] - frame["x"] == pytest.approx(paper["x"] - whole["x"], abs=1)
    studio.find(ZOOM).get_by_text("100 %").last.click()
    assert studio.find(PAPER).bounding_box()["width"] == pytest.approx(768, abs=1)
    assert studio.find(f"{ZOOM} output").text_content() == "100 %"
    studio.page.mouse.move(frame["x"] + 200, frame["y"] + 200)
    studio.page.mouse.down()
    studio.page.mouse.move(frame["x"] + 150, frame["y"] + 170, steps=3)
    studio.page.mouse.up()
    dragged = studio.find(PAPER).bounding_box()
    studio.page.keyboard.down("Control")
    studio.page.mouse.wheel(0, -200)
    studio.page.keyboard.up("Control")
    studio.page.wait_for_function(f"document.querySelector('{PAPER}').getBoundingClientRect().width > 900")
    studio.find(ZOOM).get_by_text("Fit").click()
    assert studio.find(PAPER).bounding_box() == whole and dragged["width"] == pytest.approx(768, abs=1)
    assert studio.find(RESULT).bounding_box()["width"] == pytest.approx(frame["width"], abs=1)
