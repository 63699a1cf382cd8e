"""The tabs Generate and Interpolate in a real browser, and pictures that go from tab to tab."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from tests.browser.tab import Tab, photograph, png

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def made(tab: Tab) -> None:
    tab.page.wait_for_function(f"() => {{ const s = {tab.js}.loop.state(); return s.seq > 0 && !s.busy; }}")
    tab.until("refined")


@pytest.fixture
def grid(studio):
    tab = Tab(studio, "generate")
    tab.choose("count", 5)
    tab.click("generate", "settings")
    made(tab)
    return tab


def sources(tab: Tab) -> list[str]:
    return tab.page.evaluate("[...document.querySelectorAll('#generate-result .os-grid img')].map((each) => each.src)")


def test_a_grid_of_seeds_is_made_one_is_picked_and_varied(grid, tmp_path):
    first = sources(grid)
    assert len(set(first)) == 5 and grid.find("result", "[data-do=download]").is_disabled()
    grid.find("result", ".os-grid .os-thumb").nth(2).click()
    assert "2419" in grid.download(tmp_path).name and grid.history() == 2  # the grid, and the picked one
    assert grid.find("result", "[aria-selected=true]").get_attribute("aria-label") == "Seed 2419"
    grid.choose("amount", 0.1)
    grid.click("variations")
    grid.page.wait_for_function(f"{grid.js}.loop.state().busy || {grid.js}.loop.state().seq > 1")
    made(grid)
    assert len(set(sources(grid))) == 5 and not set(sources(grid)) & set(first)
    with zipfile.ZipFile(grid.download(tmp_path, "all")) as archive:
        assert len(archive.namelist()) == 5
        assert Image.open(io.BytesIO(archive.read(archive.namelist()[0]))).size == (64, 64)


def test_a_result_is_sent_to_other_tabs_and_stays_where_it_was(grid):
    grid.find("result", ".os-grid .os-thumb").nth(0).click()
    grid.send_to("Inpaint")
    inpaint = Tab(grid.studio, "inpaint")
    inpaint.page.wait_for_function(f"{inpaint.js}.painting.photo")
    assert inpaint.page.evaluate(f"[{inpaint.js}.painting.photo.width, {inpaint.js}.painting.photo.height]") == [64, 64]
    inpaint.stroke(80, 100, 160, 120)
    inpaint.done()
    inpaint.send_to("Paint")
    inpaint.page.wait_for_function(
        "document.querySelector('#paint-canvas').offsetParent && onestroke.task('paint').painting.count === 1"
    )
    inpaint.page.wait_for_function("document.querySelector('#paint-result .os-result').dataset.state === 'refined'")


def test_the_way_between_two_seeds_is_played_and_kept(studio, tmp_path):
    tab = Tab(studio, "interpolate")
    tab.choose("seed-b", 99)
    tab.choose("frames", 6)
    tab.click("generate", "settings")
    made(tab)
    frames = tab.page.evaluate(
        "[...document.querySelectorAll('#interpolate-frames .os-thumb img')].map((each) => each.src)"
    )
    assert len(set(frames)) == 6 and tab.source() == frames[0]
    slider = tab.find("result", ".os-travel input")
    slider.fill("5")
    assert tab.source() == frames[5]
    ends = tab.page.locator("#interpolate-ends")
    assert [ends.locator("img").nth(i).get_attribute("src") for i in (0, 1)] == [frames[0], frames[5]]
    assert "Seed 99" in ends.inner_text()
    tab.click("play")
    tab.page.wait_for_function("document.querySelector('#interpolate-result .os-travel input').value === '2'")
    tab.click("play")
    with Image.open(tab.download(tmp_path, "animation")) as animation:
        assert animation.n_frames >= 6
    assert tab.picture(tmp_path).shape == (64, 64, 3) and tab.history() == 1


def test_the_way_between_two_results_of_the_history_and_to_a_photo(grid, tmp_path):
    pictures = sources(grid)
    for at in (1, 3):
        grid.find("result", ".os-grid .os-thumb").nth(at).click()
    grid.find("history", ".os-thumb").nth(1).click()
    grid.send_to("Interpolate from it", "history")
    way = Tab(grid.studio, "interpolate")
    way.page.wait_for_function(f"{way.js}.ends.values()[0]")
    grid.show()
    assert sources(grid) != [] and grid.history() == 3
    grid.find("history", ".os-thumb").nth(0).click()
    grid.send_to("Interpolate to it", "history")
    way.show()
    way.page.wait_for_function(f"{way.js}.ends.values()[1]")
    way.choose("frames", 5)
    way.click("generate", "settings")
    made(way)
    assert "from noise to noise" in way.status()
    strip = "[...document.querySelectorAll('#interpolate-frames .os-thumb img')].map((each) => each.src)"
    frames = way.page.evaluate(strip)
    assert (frames[0], frames[4]) == (pictures[1], pictures[3])
    way.drop(("wall.png", "image/png", png(photograph(90, 60))), on="#interpolate-ends [data-end='1']")
    way.page.wait_for_function(f"{way.js}.ends.save()[1].name === 'wall.png'")
    way.click("generate", "settings")
    way.page.wait_for_function(f"{way.js}.loop.state().seq === 2")
    made(way)
    assert "noise over both pictures" in way.status() and way.page.evaluate(strip)[1:] != frames[1:]
    way.page.wait_for_timeout(400)  # kept a moment later
    way.page.reload()
    way.studio.ready()
    way.show()
    assert "wall.png" in way.page.locator("#interpolate-ends").inner_text()
    way.page.locator("#interpolate-ends [data-do=seed-b]").click()
    assert way.page.evaluate(f"{way.js}.ends.values()[1]") is None


def test_steps_and_the_paper_s_forty(studio):
    tab = Tab(studio, "generate")
    tab.choose("count", 1)
    tab.choose("steps", 2)
    tab.click("generate", "settings")
    made(tab)
    assert "2 steps" in tab.status()
    tab.advanced()
    tab.page.locator("#generate-schedule label", has_text="Paper's 40").click()
    tab.page.wait_for_function(f"{tab.js}.settings.schedule === 'paper'")
    tab.click("generate", "settings")
    tab.page.wait_for_function(f"{tab.js}.loop.state().seq === 2")
    made(tab)
    assert "40 steps" in tab.status()


def test_generate_interpolate_and_colorize_fit_a_phone(visit, start, tmp_path):
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
    tab = Tab(visit(start().address, **phone), "generate")
    tab.choose("count", 2)
    tab.click("generate", "settings")
    made(tab)
    assert len(sources(tab)) == 2
    way = Tab(tab.studio, "interpolate")
    long = "a photograph with quite a long name.png"
    way.drop((long, "image/png", png(photograph(80, 60))), on="#interpolate-ends [data-end='0']")
    way.page.wait_for_function(f"{way.js}.ends.values()[0]")
    first, last = (way.page.locator("#interpolate-ends .os-end-picture").nth(at).bounding_box() for at in (0, 1))
    assert first["width"] == last["width"] and last["x"] + last["width"] <= 390
    colour = Tab(tab.studio, "colorize")
    colour.open(png(photograph(80, 120)))
    colour.done()
    assert np.ptp(colour.picture(tmp_path).astype(int), axis=2).max() > 3
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390
