"""The history: it survives a reload, gives back what was removed, keeps favourites and grids, leaves as one file."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OWN = {"locale": "fr-FR"}  # a browser of its own: favourites are every visit's
KEPT = """(count) => new Promise((resolve) => {
  const opened = indexedDB.open('onestroke');
  opened.onsuccess = () => {
    const asked = opened.result.transaction('entries').objectStore('entries').count();
    asked.onsuccess = () => { opened.result.close(); resolve(asked.result >= count); };
  };
})"""


def history(studio) -> list[str]:
    """The names of its pictures."""
    thumbs = studio.find("#paint-history .os-thumb").all()
    return [thumb.get_attribute("aria-label") for thumb in thumbs]


def paint_seeds(studio, *seeds: int) -> None:
    """One picture of each seed in the history."""
    for at, seed in enumerate(seeds):
        studio.choose("seed", seed)
        if at == 0:
            studio.stroke(40, 60, 120, 60)
        studio.refined()
        studio.find(f"#paint-history .os-thumb[aria-label^='Seed {seed},']").wait_for()


@pytest.fixture
def painted(visit, start):
    studio = visit(start().address, **OWN)
    studio.choose("steps", 1)
    paint_seeds(studio, 11, 12, 13)
    return studio


def test_a_removed_picture_comes_back_by_ctrl_z_or_by_its_notice(painted):
    before = history(painted)
    painted.find("#paint-history .os-thumb").nth(1).click()
    painted.button("remove", "#paint-history").click()
    assert history(painted) == [before[0], before[2]]
    painted.key("Control+z")
    assert history(painted) == before and painted.strokes() == 1
    painted.button("remove", "#paint-history").click()
    painted.stroke(40, 160, 120, 160)  # from now on Ctrl+Z means the stroke
    painted.refined()
    painted.key("Control+z")
    painted.refined()
    assert painted.strokes() == 1 and before[1] not in history(painted)
    assert "1 removed" in painted.find("#paint-history header").inner_text()
    painted.button("putback", "#paint-history").click()
    assert before[1] in history(painted) and not painted.button("putback", "#paint-history").is_visible()


def test_an_old_picture_says_that_it_is_from_the_history(painted):
    painted.find("#paint-history .os-thumb").last.click()
    painted.until("history")
    assert painted.find("#paint-result .os-status").inner_text().split("\n") == ["From history", "Seed 11, 1 step"]
    painted.stroke(40, 160, 120, 160)
    painted.refined()


def test_the_newest_picture_is_no_old_one_until_something_changes(painted):
    newest = painted.find("#paint-history .os-thumb").first
    said = painted.find("#paint-result .os-status").inner_text()
    newest.click()
    assert painted.find("#paint-result .os-status").inner_text() == said and said.startswith("Live\n1 step")
    painted.find("#paint-history .os-thumb").last.click()
    painted.until("history")
    newest.click()
    painted.until("painting")
    painted.stroke(40, 160, 120, 160)
    painted.refined()
    painted.find("#paint-history .os-thumb").nth(1).click()  # the one that was the newest
    painted.until("history")


def test_the_history_survives_a_reload_and_favourites_every_visit(painted, visit, start):
    painted.find("#paint-history .os-thumb").nth(1).click()
    star = painted.button("favourite", "#paint-history")
    star.click()
    assert star.get_attribute("aria-pressed") == "true"
    before = history(painted)
    assert before[1] == "Seed 12, 1 step, favourite"
    painted.page.wait_for_function(KEPT, arg=3)
    painted.reload()
    painted.find("#paint-history .os-thumb").nth(2).wait_for()
    assert history(painted) == before
    other = visit(start().address, **OWN)
    other.find("#paint-history .os-thumb").wait_for()
    assert history(other) == [before[1]]
    other.button("restore", "#paint-history").click()
    other.page.wait_for_function("onestroke.task('paint').settings.seed === 12")
    other.refined()
    assert np.array_equal(other.canvas(), painted.canvas())
    other.button("favourite", "#paint-history").click()  # the browser is as it was


def test_all_of_it_leaves_as_one_file(painted, tmp_path):
    with painted.page.expect_download() as download:
        painted.button("all", "#paint-history").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == [f"onestroke-{seed}.png" for seed in (11, 12, 13)]
        assert Image.open(io.BytesIO(archive.read("onestroke-11.png"))).size == (64, 64)


def test_a_grid_is_kept_as_a_whole_and_comes_back(visit, start):
    tab = Tab(visit(start().address, **OWN), "generate")
    shown = "[...document.querySelectorAll('#generate-result .os-grid img')].map((each) => each.src)"
    grids = []
    for seed, count in ((5, 4), (90, 3)):
        tab.choose("seed", seed)
        tab.choose("count", count)
        tab.click("generate", "settings")
        tab.page.wait_for_function(f"(n) => {tab.js}.loop.state().seq === n", arg=len(grids) + 1)
        tab.done()
        grids.append(tab.page.evaluate(shown))
    assert [len(grid) for grid in grids] == [4, 3] and tab.history() == 2
    tab.page.wait_for_function(KEPT, arg=2)
    tab.page.reload()
    tab.studio.ready()
    tab.show()
    tab.find("history", ".os-thumb").last.click()
    tab.until("history")
    assert tab.page.evaluate(shown) == grids[0]
    tab.find("result", ".os-grid .os-thumb").nth(2).click()
    tab.click("restore", "history")  # the picked one alone, made again
    tab.page.wait_for_function(f"{tab.js}.settings.seed === 7 && {tab.js}.settings.count === 1")
    tab.done()
    assert tab.page.evaluate(shown) == [grids[0][2]]


def test_without_storage_a_sentence_says_that_the_history_goes_with_the_page(visit, start):
    deny = (
        "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('Denied.', 'SecurityError'); } });"
    )
    studio = visit(start().address, script=deny)
    studio.paint(steps=1)
    studio.find("#paint-history .os-thumb").wait_for()
    assert "the browser keeps nothing" in studio.find("#paint-history header p").inner_text()
