"""Controls that do what they say: their order, their words, one range in every tab, and where they lie."""

import pytest

from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# How far the middles of the segments' words are from the middles of the segments, in pixels.
BESIDE = """(labels) => Math.max(...[...document.querySelectorAll(labels)].map((label) => {
  const [word, box] = [label.querySelector('span'), label].map((node) => node.getBoundingClientRect());
  return Math.abs((word.left + word.right) / 2 - (box.left + box.right) / 2);
}))"""


def box(studio, selector: str) -> dict:
    return studio.find(selector).first.bounding_box()


def bottom(studio, selector: str) -> float:
    place = box(studio, selector)
    return place["y"] + place["height"]


def test_strength_stands_first_and_another_room_is_quiet(studio):
    studio.paint(steps=1)
    places = [box(studio, f"#paint-{name}")["y"] for name in ("strength", "look", "steps", "seed", "reroll")]
    assert places == sorted(places)
    primary = studio.page.evaluate(
        "getComputedStyle(document.body).getPropertyValue('--button-primary-background-fill')"
    )
    assert primary and studio.find("#paint-stage .primary").count() == 0


def test_download_and_send_have_words_and_one_drawing_means_download(studio):
    studio.paint(steps=1)
    for does, word in (("download", "Download"), ("menu", "Send to")):
        assert studio.button(does, "#paint-result").inner_text() == word
    Tab(studio, "interpolate")
    Tab(studio, "generate")
    drawings = studio.page.evaluate(
        "[...document.querySelectorAll('[data-do=download] path, [data-do=all] path, [data-do=animation] path')]"
        ".map((path) => path.getAttribute('d'))"
    )
    assert drawings and len(set(drawings)) == 1


def test_steps_have_one_range_in_every_tab(studio):
    ranges = {}
    for task in ("inpaint", "colorize", "super-resolve", "deblur", "interpolate", "generate"):
        Tab(studio, task)
        slider = studio.find(f"#{task}-steps input[type=range]")
        ranges[task] = slider.get_attribute("min"), slider.get_attribute("max")
    assert set(ranges.values()) == {("1", "4")}


def test_advanced_scrolls_beside_the_pictures_and_opens_no_hole_below_them(studio):
    for task in ("paint", "generate", "inpaint"):
        if task != "paint":
            Tab(studio, task)
        before = box(studio, f"#{task}-history")["y"]
        studio.find(f"#{task}-advanced > .label-wrap").click()
        control = studio.find(f"#{task}-advanced .block").first
        control.wait_for()
        studio.page.wait_for_function("() => document.getAnimations().every((each) => each.playState !== 'running')")
        assert box(studio, f"#{task}-history")["y"] == before
        panel, shown = box(studio, f"#{task}-settings"), control.bounding_box()
        assert panel["x"] <= shown["x"] and shown["x"] + shown["width"] <= panel["x"] + panel["width"]
        assert panel["y"] < shown["y"] < panel["y"] + panel["height"]


def test_words_stand_in_the_middle_of_their_segments(studio):
    tab = Tab(studio, "generate")
    tab.advanced()
    for labels in ("#generate-look label", "#generate-schedule label"):
        assert studio.page.evaluate(BESIDE, labels) < 1


def test_pictures_stand_on_the_lines_of_the_page(studio):
    tab = Tab(studio, "generate")
    tab.choose("count", 3)
    tab.click("generate", "settings")
    tab.page.wait_for_function(f"{tab.js}.loop.state().seq === 1")
    tab.done()
    left, top = box(studio, "#os-header")["x"], box(studio, "#generate-settings")["y"]
    first = box(studio, "#generate-result .os-grid .os-thumb")
    assert abs(first["x"] - left) < 1 and abs(first["y"] - top) < 1
    Tab(studio, "interpolate")
    tops = [
        box(studio, f"#interpolate-{part}")["y"] for part in ("ends .os-end-picture", "result .os-frame", "settings")
    ]
    assert max(tops) - min(tops) < 1
    assert abs(box(studio, "#interpolate-result .os-frame")["x"] - box(studio, "#interpolate-result .os-foot")["x"]) < 1


def test_a_long_line_of_what_a_tab_is_at_is_cut_and_widens_nothing(studio):
    before = box(studio, "#paint-result .os-frame")
    said = "document.querySelector('#paint-result .os-status span')"
    studio.page.evaluate(
        f"{said}.textContent = 'This model takes about a minute a picture on this computer. '.repeat(4)"
    )
    assert box(studio, "#paint-result .os-frame") == before
    assert box(studio, "#paint-result .os-foot")["width"] == before["width"]


def test_the_focus_ring_of_a_tab_is_whole(studio):
    studio.find("#tabs [role=tab][data-tab-id=inpaint]").focus()
    studio.key("Shift+Tab")
    studio.key("Tab")
    style = "getComputedStyle(document.activeElement)"
    width, offset = studio.page.evaluate(f"[{style}.outlineWidth, {style}.outlineOffset].map(parseFloat)")
    assert studio.page.evaluate("document.activeElement.dataset.tabId") == "inpaint"
    assert width == 2 and offset + width <= 0  # inside the button, which the tabs cut at its edge


def test_a_way_never_leads_from_a_room_to_itself(studio):
    tab = Tab(studio, "generate")
    tab.choose("count", 2)
    tab.click("generate", "settings")
    tab.page.wait_for_function(f"{tab.js}.loop.state().seq === 1")
    tab.done()
    tab.find("result", ".os-grid .os-thumb").nth(1).click()  # seed 2418, the way's other end
    tab.send_to("Interpolate from it")
    way = Tab(studio, "interpolate")
    way.page.wait_for_function(f"{way.js}.ends.values()[0]")
    settings = way.settings()
    assert settings["seed"] == 2418 != settings["seed_b"]


def test_a_long_name_of_a_model_is_cut_and_not_the_header(visit, start):
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
    studio = visit(start().address, **phone)
    studio.page.evaluate(
        "onestroke.setModel({ ...onestroke.model, name: 'a-model-with-a-name-that-is-much-too-long' })"
    )
    pill, help_button = box(studio, ".os-model"), box(studio, "[data-do=help]")
    assert pill["x"] + pill["width"] <= help_button["x"] and help_button["x"] + help_button["width"] <= 390
    assert studio.find(".os-model").get_attribute("title") == "a-model-with-a-name-that-is-much-too-long"
