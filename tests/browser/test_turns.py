"""A model that takes its time: progress, cancel, stale work, and the line."""

import pytest

from tests.browser.studio import mustard

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SLOW = ("--delay", "0.8")


@pytest.fixture
def server(start):
    return start(*SLOW)


@pytest.fixture
def studio(visit, server):
    return visit(server.address)


def begin(studio, step: int = 1) -> None:
    """A stroke whose refinement in four steps has come to this one."""
    studio.choose("steps", 4)
    studio.stroke(40, 60, 120, 60)
    studio.page.wait_for_function("(step) => onestroke.task('paint').loop.state().step >= step", arg=step)


def stroke_without_refinement(studio) -> None:
    """A stroke that costs one evaluation.

    Its own refinement begins by itself, as soon as 600 ms after the stroke: counted, it would look like old work that
    went on.
    """
    studio.page.evaluate("() => { onestroke.task('paint').settings.steps = 1; }")
    studio.stroke(40, 160, 120, 160)
    studio.settled()


def test_progress_is_shown_by_step_and_the_picture_stays(studio):
    begin(studio, step=2)
    assert studio.find("#paint-result .os-result").get_attribute("data-state") == "thinking"
    assert (
        studio.find("#paint-result .os-progress i").count() == 4
        and studio.find("#paint-result .os-progress i.done").count() >= 2
    )
    assert "of 4" in studio.find("#paint-result .os-status").inner_text()
    assert mustard(studio.result()[60, 80])
    studio.refined()
    assert [each["kind"] for each in studio.pictures("refine")] == ["refine"] * 4


def test_cancel_stops_within_one_evaluation(studio, server):
    begin(studio)
    studio.button("stop").click()
    studio.until("cancelled")
    before = server.evaluations()
    studio.says("This is the picture so far")
    stroke_without_refinement(studio)  # by now anything that still ran would have had its turn
    assert server.evaluations() <= before + 2  # the one under way, and the new stroke's own
    assert mustard(studio.result()[160, 80])


def test_escape_stops_and_continue_goes_on(studio):
    begin(studio)
    studio.key("Escape")
    studio.until("cancelled")
    studio.find("#paint-result .os-banner button", has_text="Continue").click()
    studio.refined()
    assert "4 steps" in studio.find("#paint-result .os-status").inner_text()


def test_a_new_stroke_ends_the_refinement_of_the_old_one(studio, server):
    begin(studio)
    before = server.evaluations()
    stroke_without_refinement(studio)
    assert server.evaluations() <= before + 2
    assert mustard(studio.result()[160, 80])


def test_new_paper_ends_the_refinement_too(studio, server):
    begin(studio)
    studio.key("Delete")
    studio.until("idle")
    before = server.evaluations()
    other_turn = studio.page.evaluate("onestroke.task('paint').loop.state().seq")
    stroke_without_refinement(studio)
    assert server.evaluations() <= before + 2 and studio.state()["seq"] > other_turn


def test_a_stroke_ends_running_variations_and_they_come_for_the_new_picture(studio, server):
    studio.choose("steps", 2)
    studio.stroke(40, 60, 120, 60)
    studio.refined()
    studio.button("vary").click()
    studio.page.wait_for_function("() => onestroke.task('paint').loop.state().varying")
    studio.stroke(40, 160, 120, 160)
    assert "after this picture" in studio.find("#paint-variations header p").inner_text()
    studio.refined()  # the variations begin in the same moment
    studio.varied()
    assert studio.strokes() == 2 and mustard(studio.result()[160, 80])


def test_whoever_waits_is_told_their_place_and_can_leave_the_line(visit, start):
    address = start("--delay", "1.8", "--width", "1").address
    studios = [visit(address) for _ in range(3)]
    for studio, steps in zip(studios, (4, 2, 2), strict=True):  # the first holds the line up
        studio.choose("steps", steps)
    for studio in studios:
        studio.stroke(40, 60, 120, 60)
    patient, leaver = studios[1:]
    leaver.until("queue")
    leaver.says("before you")
    leaver.find("#paint-result .os-banner button", has_text="Leave").click()
    leaver.until("cancelled")
    assert not leaver.state()["refining"]
    for studio in studios[:2]:
        studio.refined()
    assert not patient.find("#paint-result .os-banner").is_visible() and mustard(patient.result()[60, 80])
