"""Moves: a new one is a class and a line in the table, and everything that walks a model follows it."""

import pytest
import torch

import core
from core import ModelCard, SamplingRules, SeededNoise, paint, paint_sigmas
from core.edit_schedules import edit_sigmas
from core.sampling_rules import MOVES
from tests import tiny

RULES = {"move": "halve", "clamp": False}


class Halve:
    """The old noise at half of the level that was asked for, on levels that halve."""

    keeps_noise = True
    ends_itself = True

    def next_noise(self, old, sigma, sigma_next, fresh, rules):
        return old * sigma_next / (2 * sigma)

    def levels(self, first, last, steps, rules):
        return [first / 2**k for k in range(steps)]


@pytest.fixture(autouse=True)
def halve(monkeypatch):
    monkeypatch.setitem(MOVES, "halve", Halve())


def test_every_walk_has_the_levels_of_its_cards_move():
    card = ModelCard(sampling=SamplingRules(**RULES))
    assert edit_sigmas(card, "inpaint", 3) == [10.0, 5.0, 2.5]
    first = card.stroke_sigmas[0]
    assert paint_sigmas(card, 0.5, 3) == [first, first / 2, first / 4]
    assert paint_sigmas(card, 0.5, 1) == [first]


def test_sampling_follows_it_and_leads_nothing_back():
    def towards_zero(x, sigma, labels):
        return 0.5 * x

    strokes, noise = tiny.photos(1), SeededNoise([3])
    x = strokes + 2.0 * noise.draw(0, (3, 8, 8))
    expected = 0.5 * (0.5 * x + 0.5 * x / 4)
    found = paint(towards_zero, strokes, [2.0, 1.0], noise, rules=SamplingRules(**RULES))
    torch.testing.assert_close(found, expected)


def test_an_unknown_move_is_refused_in_a_sentence_that_names_all():
    with pytest.raises(core.CheckpointError, match='it is "renoise" or "carry" or "halve"'):
        SamplingRules(move="jump")
