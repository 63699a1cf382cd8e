"""Noise levels of the edits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import core
from core.edit_schedules import PAPER_STEPS, RANGES, edit_sigmas
from core.schedule import validated_sigmas


@given(st.sampled_from(sorted(RANGES)), st.integers(1, 40), st.sampled_from(["renoise", "carry"]))
def test_every_edit_has_levels_that_can_be_sampled_for_any_number_of_steps(edit, steps, move):
    card = core.ModelCard(sampling=core.SamplingRules(move=move))
    sigmas = edit_sigmas(card, edit, steps)
    assert len(sigmas) == steps and sigmas == validated_sigmas(sigmas) and sigmas[0] <= card.sigma_max


def test_more_steps_go_further_down():
    lasts = [edit_sigmas(core.ModelCard(), "inpaint", steps)[-1] for steps in (2, 4, 8, 16)]
    assert lasts == sorted(lasts, reverse=True)


def test_the_paper_s_levels_are_forty_from_eighty_down():
    """reference.md C.1: N = 40, T = 80, the last at sigma_min."""
    sigmas = edit_sigmas(core.ModelCard(), "colorize", 4, "paper")
    assert (len(sigmas), sigmas[0], sigmas[-1]) == (PAPER_STEPS, 80.0, 0.002)


def test_the_card_s_levels_are_taken_and_its_ends_serve_other_numbers():
    card = core.ModelCard(schedules={"inpaint": {"4": [9.0, 3.0, 1.0, 0.4], "8": [8.0, 4, 2, 1, 0.8, 0.6, 0.4, 0.2]}})
    assert edit_sigmas(card, "inpaint", 4) == [9.0, 3.0, 1.0, 0.4]
    assert edit_sigmas(card, "inpaint", 1) == [9.0]
    assert edit_sigmas(card, "inpaint", 9)[0] == 8.0
    assert edit_sigmas(card, "colorize", 4) == edit_sigmas(core.ModelCard(), "colorize", 4)


@pytest.mark.parametrize("table", [7, {"4": 5}, {"4": [1.0]}, {"four": [4, 3, 2, 1]}, {"4": None}])
def test_a_card_s_nonsense_is_left_out(table):
    card = core.ModelCard(schedules={"inpaint": table})
    assert edit_sigmas(card, "inpaint", 4) == edit_sigmas(core.ModelCard(), "inpaint", 4)


def test_levels_of_a_card_that_do_not_descend_are_told():
    with pytest.raises(core.CheckpointError, match="descend"):
        core.ModelCard(schedules={"inpaint": {"2": [1.0, 2.0]}})


@pytest.mark.parametrize(
    "edit, steps, schedule", [("knit", 4, "default"), ("inpaint", 0, "default"), ("inpaint", 4, "x")]
)
def test_what_is_not_known_is_told(edit, steps, schedule):
    with pytest.raises(core.RequestError):
        edit_sigmas(core.ModelCard(), edit, steps, schedule)
