"""A photo tab between one photo and the next: what is shown, compared, downloaded and said in the meantime."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.tab import Tab, photograph, png

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
# The database answers only when the test lets it.
HELD = """(() => { const open = IDBFactory.prototype.open;
  const free = new Promise((resolve) => { window.letGo = resolve; });
  IDBFactory.prototype.open = function (...how) {
    const asked = {};
    free.then(() => {
      const real = open.apply(this, how);
      for (const name of ['onupgradeneeded', 'onsuccess', 'onerror']) {
        real[name] = () => { if (name !== 'onerror') asked.result = real.result; asked[name]?.(); };
      }
    });
    return asked;
  }; })();"""


def test_until_a_new_photo_has_its_picture_it_stands_there_itself(visit, start):
    tab = Tab(visit(start("--delay", "0.5").address), "super-resolve")
    download, compare, wipe = (tab.find("result", selector) for selector in (
        "[data-do=download]", "[data-do=compare]", ".os-wipe"))  # fmt: skip
    banner = tab.find("result", ".os-banner")
    assert download.is_disabled() and tab.find("canvas", "[data-do=clear]").is_disabled()
    tab.open(png(photograph(16, 16)))
    tab.done()
    first = tab.source()
    expect(wipe).to_be_visible()
    expect(download).to_be_enabled()

    tab.open(png(photograph(150, 100)))
    assert tab.source() != first and tab.page.evaluate(f"{tab.js}.shown.original")
    assert not wipe.is_visible() and compare.is_disabled() and download.is_disabled()
    tab.page.keyboard.press("d")
    tab.says("There is no finished picture yet")
    tab.page.keyboard.press("c")
    tab.page.wait_for_function(f"{tab.js}.loop.state().step >= 1 && !{tab.js}.shown.original")
    expect(wipe).to_be_visible()  # of this photo
    assert download.is_disabled()
    tab.click("stop")
    tab.until("cancelled")
    assert download.is_disabled() and "so far" in banner.inner_text()

    tab.open(png(photograph(1100, 1000)))
    tab.says("would become")
    assert banner.get_by_role("button").count() == 0  # it would be refused again
    assert not wipe.is_visible() and compare.is_disabled() and download.is_disabled()
    refused = tab.source()
    tab.drop(("notes.png", "image/png", b"not a picture at all"))
    tab.says("This file is not a picture")
    with tab.page.expect_file_chooser():
        banner.get_by_role("button", name="Open another photo").click()
    assert tab.source() == refused and tab.page.evaluate(f"{tab.js}.painting.photo.width") == 1100

    tab.find("history", ".os-thumb").first.click()  # of the first photo, while the last one is on the paper
    assert tab.source() == first and not wipe.is_visible() and compare.is_disabled()
    expect(download).to_be_enabled()


def test_an_unmarked_photo_is_shown_alike_whenever_it_is_seen_and_notices_go_with_a_change(studio, tmp_path):
    tab = Tab(studio, "inpaint")
    clear, download = tab.find("canvas", "[data-do=clear]"), tab.find("result", "[data-do=download]")
    banner, coach = tab.find("result", ".os-banner"), tab.find("canvas", ".os-coach")

    def standing() -> tuple:
        state = "document.querySelector('#inpaint-result .os-result').dataset.state"
        return (tab.page.evaluate(state), tab.find("result", ".os-frame > img").is_visible(), tab.status(),
                download.is_disabled(), clear.is_disabled(), coach.inner_text())  # fmt: skip

    tab.open(png(photograph(300, 220)))
    tab.until("original")
    unmarked = standing()
    assert unmarked[1:2] + unmarked[3:] == (True, True, True, "Brush over what should change")
    tab.choose("grow", 7)
    tab.until("original")
    assert standing() == unmarked
    tab.find("how", "label").filter(has_text="Erase").click()
    expect(coach).to_have_text("Brush over what should go")
    assert "Brush over what should go" in tab.status()
    tab.click("paste", "canvas")
    banner.wait_for()
    tab.stroke(80, 100, 160, 120)
    assert not banner.is_visible() and clear.is_enabled()
    tab.done()
    saved = tab.download(tmp_path).read_bytes()
    tab.open(png(photograph(300, 220, seed=1)))
    tab.until("original")
    assert clear.is_disabled()

    tab.open(saved)
    banner.get_by_role("button", name="Use settings").click()
    tab.page.wait_for_function(f"{tab.js}.settings.grow === 0 && {tab.js}.painting.clearable")
    tab.done()
    tab.open(png(photograph(300, 220)))
    tab.page.wait_for_function(f"{tab.js}.settings.grow === 7")
    expect(tab.find("grow", "input[type=number]")).to_have_value("7")
    tab.find("how", "label").filter(has_text="Fill").click()
    expect(coach).to_have_text("Brush over what should change")
    tab.page.wait_for_timeout(400)  # the tab's storage is written a moment after a change
    tab.page.add_init_script(HELD)
    for _ in range(2):  # a reload before the photo is back does not lose it
        tab.page.reload()
        tab.studio.ready()
        tab.show()
        expect(tab.find("result", ".os-status")).to_contain_text("Your photo is coming back")
        assert download.is_disabled() and tab.find("result", "[data-do=menu]").is_disabled()
        assert tab.find("result", ".os-empty").is_visible() and not tab.find("canvas", ".os-drop").is_visible()
        assert coach.inner_text() == "Your photo is coming back"
    tab.page.evaluate("letGo()")
    tab.until("original")
    assert standing() == unmarked


def test_there_is_nothing_to_clear_in_colorize_until_a_dab(studio):
    tab = Tab(studio, "colorize")
    clear = tab.find("canvas", "[data-do=clear]")
    tab.open(png(photograph(90, 60)))
    tab.done()
    asked = tab.state()["seq"]
    assert clear.is_disabled()
    tab.page.keyboard.press("Delete")
    assert tab.page.evaluate(f"{tab.js}.painting.count") == 1
    tab.stroke(90, 120, 140, 120)
    assert clear.is_enabled()
    tab.done()
    clear.click()
    tab.done()
    assert clear.is_disabled() and tab.state()["seq"] > asked
    assert np.array_equal(tab.page.evaluate(f"{tab.js}.painting.inkUrl()"), None)
