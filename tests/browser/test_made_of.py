"""What a picture was made of goes with it: variations, the ends of a way, settings that come with strokes, styles."""

import re

import numpy as np
import pytest

from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# Every text and attribute of the page with a word for the model's subject left in braces.
BRACES = r"""() => [...document.querySelectorAll('.gradio-container *:not(script, style)')].flatMap((node) => [
  ...[...node.attributes].map(({ value }) => value),
  ...[...node.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data),
]).filter((text) => /\{\w+\}/.test(text))"""


def test_variations_of_earlier_strokes_are_kept_apart_and_bring_their_strokes(studio):
    studio.paint(steps=1)
    canvas = studio.canvas()
    studio.button("vary").click()
    studio.varied()
    note = studio.find("#paint-variations header p")
    assert note.inner_text() == "same strokes, other seeds"
    studio.find("#paint-variations .os-thumb").nth(0).click()
    studio.until("variation")
    studio.stroke(40, 160, 220, 160)
    studio.refined()
    assert note.inner_text() == "of the earlier strokes"
    studio.find("#paint-variations .os-thumb").nth(2).click()
    studio.until("earlier")
    status = studio.find("#paint-result .os-status").inner_text()
    assert status.split("\n") == ["Of the earlier strokes", "Seed 2420, 1 step"]
    studio.button("restore", "#paint-history").click()
    studio.page.wait_for_function("onestroke.task('paint').painting.count === 3")
    studio.refined()
    assert np.array_equal(studio.canvas(), canvas) and note.inner_text() == "same strokes, other seeds"


def test_undo_takes_restored_settings_back_with_the_strokes(studio):
    studio.paint(steps=1)
    studio.find("#paint-history img").wait_for()
    studio.choose("seed", 11)
    studio.refined()
    mine = studio.source()
    studio.find("#paint-history .os-thumb[aria-label^='Seed 2417,']").click()
    studio.button("restore", "#paint-history").click()
    for key, seed in (("Control+z", 11), ("Control+Shift+z", 2417), ("Control+z", 11)):
        studio.page.wait_for_function("onestroke.task('paint').settings.seed !== " + str(seed))
        studio.refined()
        studio.key(key)
        studio.page.wait_for_function("onestroke.task('paint').settings.seed === " + str(seed))
        studio.refined()
    assert studio.source() == mine and studio.find("#paint-seed input").input_value() == "11"


def test_the_eraser_makes_nothing_of_new_paper_and_gives_way_to_a_colour_that_is_picked(studio):
    studio.key("e")
    studio.stroke(40, 60, 120, 60)
    assert studio.strokes() == 1 and studio.page.evaluate("onestroke.task('paint').painting.untouched")
    assert studio.find("#paint-canvas .os-hint").is_visible() and studio.pictures("live") == []
    studio.key("i")
    studio.click(128, 230)
    assert studio.tool("tool") == "brush"
    studio.paint(steps=1)
    studio.until("painting")
    assert len(studio.pictures("live")) == 1


def test_a_selected_stroke_takes_size_edge_and_opacity_and_the_tools_show_its_own(studio):
    studio.paint(steps=1)
    studio.page.evaluate("onestroke.task('paint').tools.set({ size: 8, opacity: 0.5, color: '#3f6fa8' })")
    before = studio.canvas()
    studio.key("s")
    studio.click(80, 60)
    assert (studio.tool("size"), studio.tool("opacity"), studio.tool("color")) == (30, 1, "#d0b23a")
    assert np.array_equal(studio.canvas(), before) and studio.strokes() == 1
    studio.find("#paint-canvas .well input").fill("60")
    wide = studio.canvas()
    assert (np.abs(wide - before)[[38, 82], 80] > 20).any(axis=1).all()
    studio.button("wash", "#paint-canvas").click()
    opacity = studio.find("#paint-canvas .os-wash input").nth(1)
    opacity.fill("60")
    opacity.fill("40")
    faint = studio.canvas()
    wall, colour = before[10, 200], wide[60, 80]
    assert np.abs(faint[60, 80] - (wall + 0.4 * (colour - wall))).max() < 3
    assert studio.strokes() == 3  # sizes and opacities that were tried one after the other are one change
    for shown in (wide, before):
        studio.key("Control+z")
        assert np.array_equal(studio.canvas(), shown)


def test_the_seed_beside_an_end_is_that_of_its_picture(studio):
    tab = Tab(studio, "interpolate")
    tab.choose("frames", 3)
    tab.click("generate", "settings")
    tab.page.wait_for_function(f"{tab.js}.loop.state().seq === 1")
    tab.done()
    captions = tab.page.locator("#interpolate-ends figcaption")
    tab.choose("seed-b", 99)
    assert captions.nth(0).inner_text() == "Seed 2417" and captions.nth(1).inner_text() == "Seed 2418, next 99"
    shown = tab.page.locator("#interpolate-ends img").nth(1).get_attribute("src")
    tab.click("generate", "settings")
    tab.page.wait_for_function(f"{tab.js}.loop.state().seq === 2")
    tab.choose("seed", 5)  # while it is made, or after
    tab.done()
    assert captions.nth(0).inner_text() == "Seed 2417, next 5" and captions.nth(1).inner_text() == "Seed 99"
    assert tab.page.locator("#interpolate-ends img").nth(1).get_attribute("src") != shown
    tab.click("restore", "history")
    tab.page.wait_for_function(f"{tab.js}.settings.seed === 2417")
    assert tab.settings()["seed_b"] == 99


def test_back_goes_to_the_tab_before_and_no_word_is_left_in_braces(studio):
    studio.paint(steps=1)
    tabs = [tab.get_attribute("data-tab-id") for tab in studio.find("#tabs [role=tab][data-tab-id]").all()]
    shown = "document.querySelector('#tabs [role=tab][aria-selected=true]').dataset.tabId"
    for tab in tabs[1:]:
        studio.find(f"#tabs [role=tab][data-tab-id='{tab}']").first.click()
        studio.page.wait_for_function(f"(tab) => {shown} === tab && location.hash === '#' + tab", arg=tab)
    studio.page.wait_for_function("document.querySelector('#os-models, .os-models').childElementCount > 0")
    assert studio.page.evaluate(BRACES) == []
    for tab in (*tabs[-2:0:-1], tabs[0]):
        studio.page.go_back()
        studio.page.wait_for_function(f"(tab) => {shown} === tab", arg=tab)
    studio.page.go_forward()
    studio.page.wait_for_function(f"(tab) => {shown} === tab", arg=tabs[1])
    assert studio.strokes() == 1
    studio.page.evaluate("location.hash = 'nonsense'")
    studio.page.wait_for_function(f"(tab) => {shown} === tab", arg=tabs[0])


def test_a_picture_of_ours_that_is_opened_as_a_photo_offers_its_settings(studio, tmp_path):
    studio.paint(seed=12, steps=1)
    file = studio.download(tmp_path)
    studio.choose("seed", 13)
    studio.find("#paint-advanced > button").first.click()
    with studio.page.expect_file_chooser() as chooser:
        studio.find("#paint-photo-paper button").click()
    chooser.value.set_files(file)
    studio.says("This picture carries its settings")
    studio.find("#paint-result .os-banner button", has_text="Use settings").click()
    studio.page.wait_for_function("onestroke.task('paint').settings.seed === 12")
    studio.refined()
    assert not re.search("photo", str(studio.page.evaluate("onestroke.task('paint').painting.current()[0].tool")))
