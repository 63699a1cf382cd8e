"""What axe-core (https://github.com/dequelabs/axe-core) says of every tab: nothing serious or critical may be left."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.tab import Tab, photograph, png

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

GRAVE = ("serious", "critical")
PHOTO_TABS = ("inpaint", "colorize", "super-resolve", "denoise", "deblur")
NOISE_TABS = ("interpolate", "generate")
WINDOWS = {"desktop": {}, "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}}
DARK = "(on) => document.body.classList.toggle('dark', on)"


@pytest.fixture(params=WINDOWS)
def visitor(request, visit, start):
    """A visitor for whom nothing moves: what fades in has its last colour at once."""
    return visit(start("--local").address, reduced_motion="reduce", **WINDOWS[request.param])


def grave(studio, where: str) -> list[str]:
    """Each grave finding in light, and of colours in the dark: where, the rule, the place, and what is wrong there."""
    found = _violations(studio)
    studio.page.evaluate(DARK, True)
    found += _violations(studio, runOnly=["color-contrast"])
    studio.page.evaluate(DARK, False)
    return [
        f"{where}: {rule['id']} at {node['target']}: {node['failureSummary']}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def _violations(studio, **options) -> list[dict]:
    return Axe().run(studio.page, options={"resultTypes": ["violations"], **options}).response["violations"]


def test_painting_and_what_opens_over_it(visitor):
    found = grave(visitor, "at first")
    visitor.find("#paint-advanced > button").click()
    visitor.find("#paint-pressure").wait_for()
    visitor.burst([(40, 60, 120, 60)])
    visitor.refined()
    found += grave(visitor, "painted")
    for opens, name in (("#paint-result [data-do=menu]", "send to"), ("#paint-canvas [data-do=shapes]", "shapes")):
        visitor.find(opens).click()
        found += grave(visitor, name)
    for opens, name in (("[data-do=help]", "help"), (".os-model", "models"), ("#paint-examples button", "examples")):
        visitor.find(opens).click()
        found += grave(visitor, f"the dialog of {name}")
        visitor.find(f"#os-{name} [aria-label=Close]").click()
    visitor.find("#paint-result [data-do=compare]").click()
    visitor.key("v")
    visitor.varied()
    visitor.bring(b"no picture")
    visitor.says("not a picture")
    assert found + grave(visitor, "comparing, with variations and a message") == []


def test_edits_of_photos(visitor):
    found = []
    for task in PHOTO_TABS:
        tab = Tab(visitor, task)
        found += grave(visitor, f"{task} at first")
        tab.open(png(photograph(96, 80)))
        if task == "inpaint":
            tab.stroke(80, 80, 160, 120)
        tab.find("advanced", "> button").click()
        tab.done()
        found += grave(visitor, task)
    assert found == []


def test_pictures_from_noise_and_the_models(visitor):
    found = []
    for task in NOISE_TABS:
        tab = Tab(visitor, task)
        tab.find("advanced", "> button").click()
        found += grave(visitor, f"{task} at first")
        tab.click("generate", "settings")
        tab.done()
        found += grave(visitor, task)
    visitor.page.evaluate("onestroke.show('models')")
    visitor.find("#models button").first.wait_for()
    assert found + grave(visitor, "models") == []


def test_settings_that_do_nothing_now_can_still_be_read(visitor):
    tab = Tab(visitor, "inpaint")
    tab.advanced()
    tab.find("how", "label").filter(has_text="Erase").click()
    found = grave(visitor, "erase")
    tab.find("how", "label").filter(has_text="Fill").click()
    tab.find("schedule", "label").filter(has_text="Paper").click()
    assert found + grave(visitor, "the paper's noise levels") == []
