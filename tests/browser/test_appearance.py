"""Light and dark, less motion, forced colours, names for screen readers."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CONTRAST = """([front, back]) => {
  const light = (text) => {
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = text.match(/[\\d.]+/g).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const color = (selector, what) => light(getComputedStyle(document.querySelector(selector))[what]);
  const pair = [color(front, 'color'), color(back, 'backgroundColor')].sort((a, b) => b - a);
  return (pair[0] + 0.05) / (pair[1] + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(visit, start, scheme):
    studio = visit(start().address, color_scheme=scheme)
    studio.paint(steps=1)
    for front, back in (
        (".os-header h1", "body"),
        ("#paint-result .os-status span", "body"),
        ("#paint-steps span[data-testid=block-info]", "#paint-settings"),
        ("#paint-advanced .label-wrap", "#paint-settings"),
        ("#paint-reroll button", "#paint-reroll button"),
    ):
        assert studio.page.evaluate(CONTRAST, [front, back]) >= 4.5, front


def test_the_paper_is_the_same_in_the_dark(visit, start):
    light, dark = visit(start().address), visit(start().address, color_scheme="dark")
    for studio in (light, dark):
        studio.paint()
    assert light.source() == dark.source()


def test_with_reduced_motion_nothing_moves(visit, start):
    studio = visit(start("--delay", "0.4").address, reduced_motion="reduce")
    studio.stroke(40, 60, 120, 60)
    studio.until("thinking")
    assert studio.page.evaluate("document.getAnimations().filter((each) => each.playState === 'running').length") == 0
    studio.refined()


def test_forced_colours_keep_the_palette_and_show_the_tool(visit, start):
    studio = visit(start().address, forced_colors="active")
    swatch = studio.find("#paint-canvas .os-swatch[aria-label^=Mustard]")
    assert swatch.evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgb(208, 178, 58)"
    assert (
        studio.find("#paint-canvas [data-tool=brush]").evaluate("(node) => getComputedStyle(node).outlineStyle")
        == "solid"
    )
    studio.paint()


def test_every_control_has_a_name(studio):
    studio.paint()
    nameless = studio.page.evaluate(
        """[...document.querySelectorAll('button, input, canvas[tabindex], [role=img], dialog')]
          .filter((node) => node.offsetParent && node.getAttribute('aria-hidden') !== 'true')
          .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length
            || node.getAttribute('aria-labelledby')))
          .map((node) => node.outerHTML.slice(0, 120))"""
    )
    assert nameless == []


def test_status_is_spoken_once_it_is_settled_and_not_at_every_stroke(studio):
    status = studio.find("#paint-result .os-status")
    studio.paint()
    assert status.get_attribute("aria-live") == "polite"
    assert re.fullmatch(r"Refined\s+3 steps, [0-9.]+ m?s", status.inner_text().replace("\n", " "))
    studio.stroke(40, 160, 120, 160)
    assert status.get_attribute("aria-live") == "off"
    studio.refined()


def test_the_keyboard_reaches_the_whole_stage_in_order(studio):
    """Tab goes from the paper through palette and rail to the settings; arrows move inside a group."""
    studio.find("#paint-canvas canvas").focus()
    parts = ".os-palette, .os-rail, .os-result, .os-settings, .os-strip"
    seen = []
    for _ in range(16):
        studio.key("Tab")
        seen.append(studio.page.evaluate("(parts) => document.activeElement.closest(parts)?.className", parts))
    order = list(dict.fromkeys(each for each in seen if each))
    assert order[:2] == ["os-palette", "os-rail"] and any("os-settings" in each for each in order[2:])
    studio.find("#paint-canvas .os-swatch[aria-checked=true]").focus()
    studio.key("ArrowRight")
    assert studio.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Blue, bed"
