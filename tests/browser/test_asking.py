"""Pictures only when asked for (--no-live), a model without looks, and one that is still loading."""

import pytest

from app.edits.record import read_record
from tests.browser.studio import mustard

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OPTIONS = ("--no-live", "--no-looks", "--delay", "0.5")


@pytest.fixture
def server(start):
    return start(*OPTIONS)


@pytest.fixture
def studio(visit, server):
    return visit(server.address)


def test_nothing_is_sent_until_the_picture_is_asked_for(studio, server):
    before = server.evaluations()
    studio.stroke(40, 60, 120, 60)
    studio.until("ready")
    studio.choose("steps", 2)
    assert studio.state()["seq"] == 0
    studio.find("#paint-generate button").click()
    studio.refined()
    assert server.evaluations() == before + 2 and mustard(studio.result()[60, 80])
    picture = studio.source()
    studio.stroke(40, 160, 120, 160)
    studio.until("ready")
    assert studio.source() == picture


def test_one_step_works_when_asked_for(studio):
    studio.choose("steps", 1)
    studio.stroke(40, 60, 120, 60)
    studio.find("#paint-generate button").click()
    studio.until("refined")
    assert mustard(studio.result()[60, 80])


def test_a_change_ends_what_was_asked_for(studio, server):
    studio.choose("steps", 4)
    studio.stroke(40, 60, 120, 60)
    studio.find("#paint-generate button").click()
    studio.page.wait_for_function("() => onestroke.task('paint').loop.state().step >= 1")
    studio.stroke(40, 160, 120, 160)
    studio.until("ready")
    before = server.evaluations()
    studio.choose("steps", 2)
    studio.find("#paint-generate button").click()
    studio.refined()
    assert server.evaluations() <= before + 3  # what was under way, and two
    assert mustard(studio.result()[160, 80])


def test_a_wrong_setting_is_told_in_the_queue_too(studio):
    studio.stroke(40, 60, 120, 60)
    studio.choose("seed", 99999999999)
    studio.find("#paint-generate button").click()
    studio.says("The seed is a whole number from 0 to 2147483647")
    studio.choose("seed", 4)
    studio.find("#paint-generate button").click()
    studio.refined()
    assert not studio.find("#paint-result .os-banner").is_visible()


def test_a_model_without_looks_has_no_look_to_choose(studio, tmp_path):
    assert not studio.find("#paint-look").is_visible()
    studio.choose("steps", 1)
    studio.stroke(40, 60, 120, 60)
    studio.find("#paint-generate button").click()
    studio.until("refined")
    assert read_record(studio.download(tmp_path).read_bytes())["look"] is None


def test_one_can_paint_while_the_model_loads(visit, start, tmp_path):
    server = start("--no-live", "--loads-with", str(tmp_path / "loaded"))
    studio = visit(server.address)
    studio.stroke(40, 60, 120, 60)
    studio.find("#paint-generate button").click()
    studio.says("The model is loading")
    assert studio.find("#paint-result .os-banner").get_attribute("role") == "status"
    (tmp_path / "loaded").touch()
    studio.refined()
    assert mustard(studio.result()[60, 80])
