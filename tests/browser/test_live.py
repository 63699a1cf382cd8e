"""From stroke to picture: the live loop in a real browser."""

import numpy as np
import pytest

from tests.browser.studio import mustard

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TWELVE = [(24 + 18 * i, 60 + 12 * (i % 3), 34 + 18 * i, 66 + 12 * (i % 3)) for i in range(12)]


def test_a_drawn_stroke_changes_the_result(studio):
    studio.stroke(40, 200, 120, 200)
    studio.settled()
    before = studio.result()
    studio.stroke(40, 60, 120, 60)
    studio.settled()
    assert mustard(studio.canvas()[60, 80]) and mustard(studio.result()[60, 80])
    assert not mustard(before[60, 80])


def test_the_paper_does_not_move_while_pictures_come(studio):
    before = studio.at(0, 0), studio.at(256, 256)
    studio.paint()
    assert (studio.at(0, 0), studio.at(256, 256)) == before


def test_twelve_rapid_strokes_end_in_the_last_ones_picture(visit, start):
    rapid, slow = visit(start().address), visit(start().address)
    rapid.burst(TWELVE)
    for stroke in TWELVE:
        slow.burst([stroke])
        slow.settled()
    rapid.refined()
    slow.refined()
    assert rapid.strokes() == slow.strokes() == 12
    assert rapid.source() == slow.source()
    assert rapid.state()["seq"] <= 13  # never more than one request a stroke, and one refinement
    assert np.array_equal(rapid.canvas(), slow.canvas())


def test_the_same_seed_and_strokes_give_the_same_picture_after_a_reload(studio):
    studio.paint(seed=77)
    studio.stroke(60, 160, 200, 180)
    studio.refined()
    before, canvas = studio.source(), studio.canvas()
    studio.reload()
    studio.refined()
    assert studio.settings()["seed"] == 77
    assert np.array_equal(studio.canvas(), canvas)
    assert studio.source() == before


def test_undo_redo_and_eraser_change_pixels(studio):
    studio.paint(steps=1)
    painted = studio.source()
    studio.key("Control+z")
    studio.until("idle")
    assert not mustard(studio.canvas()[60, 80])
    studio.key("Control+Shift+z")
    studio.settled()
    assert mustard(studio.canvas()[60, 80]) and studio.source() == painted
    studio.key("e")
    studio.stroke(40, 60, 120, 60)
    studio.settled()
    assert not mustard(studio.canvas()[60, 80]) and not mustard(studio.result()[60, 80])
    studio.key("Control+z")
    studio.settled()
    assert mustard(studio.result()[60, 80])


def test_new_paper_can_be_undone(studio):
    studio.paint()
    studio.key("Delete")
    studio.until("idle")
    assert not mustard(studio.canvas()[60, 80])
    studio.key("Control+z")
    studio.settled()
    assert mustard(studio.result()[60, 80])


def test_pictures_follow_the_pen_while_it_draws_if_asked_to(studio):
    studio.find("#paint-advanced .label-wrap").click()
    studio.find("#paint-follow input").check()
    studio.press(40, 60)
    for x in range(50, 130, 4):
        studio.page.mouse.move(*studio.at(x, 60))
        studio.page.wait_for_timeout(15)
    studio.settled()
    assert studio.strokes() == 0 and mustard(studio.result()[60, 60])
    studio.page.mouse.up()
    studio.refined()
    assert studio.strokes() == 1 and mustard(studio.result()[60, 110])


def test_two_visitors_do_not_see_each_others_work(visit, start):
    ann, bob = visit(start().address), visit(start().address, locale="de-DE")  # of different browsers
    ann.burst([(40, 60, 120, 60)], pause_ms=0)
    bob.burst([(40, 160, 120, 160)], pause_ms=0)
    ann.refined()
    bob.refined()
    assert mustard(ann.result()[60, 80]) and not mustard(ann.result()[160, 80])
    assert mustard(bob.result()[160, 80]) and not mustard(bob.result()[60, 80])
    assert ann.find("#paint-history img").count() == bob.find("#paint-history img").count() == 1
    carol = visit(start().address)
    assert carol.strokes() == 0 and carol.find("#paint-history img").count() == 0


def test_a_bad_seed_gives_the_sentence_and_painting_recovers(studio):
    studio.paint()
    picture = studio.source()
    studio.choose("seed", 99999999999)
    studio.says("The seed is a whole number from 0 to 2147483647")
    assert studio.find("#paint-result .os-banner").get_attribute("role") == "alert"
    assert studio.source() == picture
    studio.choose("seed", 3)
    studio.stroke(40, 160, 120, 160)
    studio.refined()
    assert not studio.find("#paint-result .os-banner").is_visible()
    assert mustard(studio.result()[160, 80])
