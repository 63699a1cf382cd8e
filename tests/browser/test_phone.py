"""The page under fingers: phones upright and on their side, and a tablet."""

import pytest

from tests.browser.studio import Studio
from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FINGER = 44  # pixels that a finger hits
TOOL_WIDE, TOOL_HIGH = 28, 41  # of the smallest screens: all tools in one row, or under each other

# What is seen of a selector: its name, and left, top, right and bottom in pixels of the window.
SEEN = """(selector) => [...document.querySelectorAll(selector)]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }) && node.getBoundingClientRect().width > 1)
  .map((node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    return [node.getAttribute('aria-label') || node.textContent, left, top, right, bottom];
  })"""
# Where the paper and the buttons beside the result have been, looked at in every frame.
WATCH_PLACES = """() => {
  window.places = {};
  const look = () => {
    for (const node of document.querySelectorAll('#paint-canvas .os-paper, #paint-result .os-actions > *')) {
      if (node.matches('.os-sm')) continue; // Stop comes and goes
      const { x, y, width, height } = node.getBoundingClientRect();
      const name = node.dataset.do ?? node.className;
      if (width) (window.places[name] ??= new Set()).add([x, y, width, height].map(Math.round).join());
    }
    requestAnimationFrame(look);
  };
  look();
}"""
PLACES = "Object.fromEntries(Object.entries(window.places).map(([name, boxes]) => [name, [...boxes]]))"
STATES = [
    {"name": "thinking", "step": 1, "steps": 3},
    {"name": "error", "error": "The seed is a whole number from 0 to 2147483647."},
    {"name": "error", "error": "The page lost its server", "hint": "Your strokes are safe; it goes on by itself."},
    {"name": "cancelled", "step": 1, "steps": 3},
    {"name": "queue", "queue_position": 3},
]
FRAMES = "for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);"
SAY = f"async (state) => {{ onestroke.task('paint').emit('state', state); {FRAMES} }}"
SCREENS = [(390, 844), (412, 780), (360, 640), (320, 568), (844, 390), (820, 1180)]


@pytest.fixture
def hand(visit, start):
    """hand(width, height): a visitor with a screen of that size, touched by fingers."""

    def hold(width: int, height: int) -> Studio:
        kind = {"viewport": {"width": width, "height": height}, "is_mobile": True, "has_touch": True, "locale": "fr-FR"}
        return visit(start("--name", "bedroom-128").address, **kind)

    return hold


def seen(studio: Studio, selector: str) -> list[tuple[str, float, float, float, float]]:
    return studio.page.evaluate(SEEN, selector)


def size(studio: Studio) -> tuple[int, int]:
    screen = studio.page.viewport_size
    assert screen
    return screen["width"], screen["height"]


def on_screen(studio: Studio, selector: str) -> None:
    width, height = size(studio)
    found = seen(studio, selector)
    assert found, selector
    for name, left, top, right, bottom in found:
        assert left >= 0 and top >= 0 and right <= width and bottom <= height, (selector, name)


def draw(studio: Studio, x0: float, y0: float, x1: float, y1: float) -> None:
    """A stroke by one finger."""
    (left, top), (right, bottom) = studio.at(x0, y0), studio.at(x1, y1)
    studio.touch("touchStart", (left, top))
    for part in (0.5, 1):
        studio.touch("touchMove", (left + part * (right - left), top + part * (bottom - top)))
    studio.touch("touchEnd")


def tap_paper(studio: Studio) -> None:
    studio.page.touchscreen.tap(*studio.at(40, 200))


def reachable(studio: Studio) -> None:
    """Nothing scrolls sideways; paper, tools and the colour in use are on the screen; fingers hit what is there."""
    width, _ = size(studio)
    assert studio.page.evaluate("document.documentElement.scrollWidth") == width
    for part in (".os-paper", ".os-rail", ".os-rail .ib", ".os-palette [aria-checked=true]"):
        on_screen(studio, f"#paint-canvas {part}")
    for name, left, top, right, bottom in seen(studio, ".os-rail .ib"):
        assert bottom - top >= TOOL_HIGH and right - left >= TOOL_WIDE, (width, name)
    for place in (".os-header", ".os-result .os-foot", ".os-settings", ".os-strip header"):
        for name, left, top, right, bottom in seen(studio, f"{place} button:not(.label-wrap)"):
            assert bottom - top >= FINGER and right - left >= FINGER and left >= 0 and right <= width, (width, name)
    for name, left, top, right, bottom in seen(studio, ".os-swatch"):
        assert bottom - top >= FINGER <= right - left, (width, name)


def over_or_beside(studio: Studio) -> bool:
    """A message lies over the picture, or beside it."""
    ((_, left, top, right, bottom),) = seen(studio, "#paint-result .os-frame")
    ((_, *box),) = seen(studio, "#paint-result .os-banner")
    return top <= box[1] and box[3] <= bottom and ((left <= box[0] and box[2] <= right) or box[0] >= right)


def fits(studio: Studio) -> None:
    """One paints without scrolling, whatever is said, and nothing moves meanwhile."""
    reachable(studio)
    ((_, left, top, right, bottom),) = seen(studio, "#paint-result .os-frame")
    for part, *box in seen(studio, "#paint-result :is(.os-empty b, .os-empty .os-pair)"):
        assert left <= box[0] and top <= box[1] and box[2] <= right and box[3] <= bottom, (size(studio), part)
    studio.page.evaluate("window.places = {}")
    draw(studio, 60, 100, 180, 110)
    studio.refined()
    reachable(studio)
    ((_, _, top, _, bottom),) = seen(studio, "#paint-result .os-frame")
    for guide in seen(studio, "#paint-result .os-guide"):
        assert guide[4] - guide[2] <= (bottom - top) / 3, size(studio)  # most of the picture is seen
    for state in STATES:
        studio.page.evaluate(SAY, state)
        on_screen(studio, "#paint-result .os-actions button")
        if state["name"] != "thinking":
            on_screen(studio, "#paint-result .os-banner")
            assert over_or_beside(studio), (size(studio), state)
    moved = {name: boxes for name, boxes in studio.page.evaluate(PLACES).items() if len(boxes) > 1}
    assert moved == {}, size(studio)
    studio.button("undo", "#paint-canvas").tap()
    studio.until("idle")


def test_one_paints_without_scrolling_and_nothing_moves(hand):
    studio = hand(*SCREENS[0])
    studio.page.evaluate(WATCH_PLACES)
    for width, height in SCREENS:
        studio.page.set_viewport_size({"width": width, "height": height})
        fits(studio)


def test_on_a_desk_a_message_lies_over_the_picture(visit, start):
    studio = visit(start("--name", "bedroom-128").address)
    studio.paint(steps=1)
    studio.page.evaluate(SAY, STATES[1])
    assert over_or_beside(studio)


def test_a_tap_that_closes_something_paints_nothing(hand):
    studio = hand(390, 844)
    draw(studio, 60, 100, 180, 110)
    studio.refined()
    outline = "getComputedStyle(document.querySelector('#paint-canvas .os-paper canvas')).outlineStyle"
    assert studio.page.evaluate(outline) == "none"  # who points sees where the focus is
    for opener, opened in (
        ("#paint-canvas .os-size > .ib", "#paint-canvas .os-size .well"),
        ("#paint-canvas [data-do=shapes]", "#paint-canvas .os-pop[role=menu]"),
        ("#paint-result [data-do=menu]", "#paint-result [role=menu]"),
        (".overflow-menu > button", ".overflow-dropdown"),
    ):
        studio.find(opener).tap()
        studio.find(opened).wait_for()
        on_screen(studio, opened)
        for name, _, top, _, bottom in seen(studio, f"{opened}:not(.overflow-dropdown) button"):
            assert bottom - top >= FINGER, name
        tap_paper(studio)
        studio.find(opened).wait_for(state="hidden")
        assert studio.strokes() == 1
    studio.find("#paint-canvas [data-tool=brush]").tap()
    tap_paper(studio)
    assert studio.strokes() == 2
    studio.key("ArrowRight")
    assert studio.page.evaluate(outline) == "solid"


def test_the_colour_in_use_is_seen_after_a_reload_and_help_speaks_of_fingers(hand):
    studio = hand(390, 844)
    studio.find("#paint-canvas .os-swatch[aria-label^=Plant]").tap()
    draw(studio, 60, 100, 180, 110)
    studio.page.wait_for_function(
        "() => JSON.parse(sessionStorage['onestroke.paint'] ?? '{}').tools?.color === '#4f7b46'"
    )
    studio.reload()
    studio.page.wait_for_function("() => document.querySelector('#paint-canvas .os-palette').scrollLeft > 0")
    on_screen(studio, "#paint-canvas [aria-checked=true]")
    behaviour = "(selector) => getComputedStyle(document.querySelector(selector)).overscrollBehaviorX"
    for scrolls, kept in (("html", "none"), ("#paint-canvas .os-palette", "contain"), ("#os-help", "contain")):
        assert studio.page.evaluate(behaviour, scrolls) == kept
    studio.find("[data-do=help]").tap()
    assert "Two fingers" in studio.find("#os-help").inner_text().split("On a keyboard")[0]
    studio.page.touchscreen.tap(195, 20)
    studio.find("#os-help").wait_for(state="hidden")


def test_a_seed_that_is_none_is_marked_where_it_stands(hand):
    studio = hand(390, 844)
    field = studio.find("#paint-seed input")
    marked = "getComputedStyle(document.querySelector('#paint-seed input')).backgroundColor"
    plain = studio.page.evaluate(marked)
    field.fill("99999999999")
    assert studio.page.evaluate(marked) != plain
    field.fill("7")
    assert studio.page.evaluate(marked) == plain
    values = seen(studio, "#paint-settings .head label, #paint-settings .head input")
    for (_, _, top, _, bottom), (_, _, value_top, _, value_bottom) in zip(values[::2], values[1::2], strict=True):
        assert abs(top + bottom - value_top - value_bottom) / 2 < 2  # a number stands beside its name


def test_pictures_from_noise_are_asked_for_and_seen_from_anywhere(hand):
    studio = hand(390, 664)
    for task in ("generate", "interpolate"):
        tab = Tab(studio, task)
        on_screen(studio, f"#{task}-generate button")
        before = seen(studio, f"#{task}-result .os-actions, #{task}-settings")
        studio.page.evaluate("window.scrollTo(0, 800)")
        on_screen(studio, f"#{task}-generate button")
        studio.find(f"#{task}-generate button").tap()
        on_screen(studio, f"#{task}-result .os-frame")
        tab.until("thinking")
        studio.page.evaluate("window.scrollTo(0, 0)")
        assert seen(studio, f"#{task}-result .os-actions, #{task}-settings")[1][1:] == before[1][1:]
        tab.done()
        actions = seen(studio, f"#{task}-result .os-actions button")
        assert len({top for _, _, top, _, _ in actions}) == 1 and max(right for *_, right, _ in actions) <= 390


def test_photo_tabs_fit_a_short_phone(hand):
    studio = hand(390, 664)
    for task in ("inpaint", "super-resolve", "denoise"):
        tab = Tab(studio, task)
        on_screen(studio, f"#{task}-canvas .os-paper, #{task}-canvas .os-rail")
        assert "Drop" not in tab.find("canvas", ".os-drop").inner_text()
        row = tab.find("canvas", ".os-photo")
        hidden = [right for _, _, _, right, _ in seen(studio, f"#{task}-canvas .os-photo .os-thumb") if right > 374]
        assert not hidden or "more" in (row.get_attribute("class") or "").split()
        assert studio.page.evaluate("document.documentElement.scrollWidth") == 390
