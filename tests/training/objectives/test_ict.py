"""Improved consistency training: its schedule, the levels it draws and how it weighs them."""

import pytest
import torch

from core import ConfigError
from core.schedule import RHO
from tests.training.objectives.steps import DATA, Watched, batch_of, draws_for, terms_of
from training.metrics.pairwise import pseudo_huber
from training.objectives.base import expand
from training.objectives.grid import karras_grid
from training.objectives.ict import ImprovedConsistencyTraining

TRAINING = ImprovedConsistencyTraining()
K = 400_000


def test_the_defaults_are_those_of_the_paper():
    assert (TRAINING.s0, TRAINING.s1, TRAINING.mean, TRAINING.std, TRAINING.rho) == (10, 1280, -1.1, 2.0, RHO)


@pytest.mark.parametrize(
    ("k", "points"),
    [(0, 11), (49_999, 11), (50_000, 21), (100_000, 41), (200_000, 161), (399_999, 1281), (400_000, 1281)],
)
def test_the_grid_doubles_in_eight_equal_stages(k, points):
    assert TRAINING.points(k / K) == points


def test_the_target_is_the_student_itself():
    assert [TRAINING.target_decay(progress) for progress in (0.0, 0.5, 1.0)] == [0.0] * 3


def test_the_probabilities_of_pairs_are_those_of_the_reference():
    upwards = TRAINING.probabilities(karras_grid(11)).flip(0)
    assert upwards[[0, 2, 9]].tolist() == pytest.approx([0.06263299251, 0.245501422, 0.003979612214], rel=1e-5)
    assert upwards.sum().item() == pytest.approx(1)


@pytest.mark.parametrize("points", [11, 1281])
def test_pairs_are_drawn_with_those_probabilities(points):
    count, grid = 100_000, karras_grid(points)
    high_B, low_B = TRAINING.draw(draws_for(count), grid)
    upper = torch.searchsorted(-grid, -high_B)
    assert torch.equal(grid[upper + 1], low_B)
    expected = TRAINING.probabilities(grid)
    found = torch.bincount(upper, minlength=points - 1) / count
    spread = (expected * (1 - expected) / count).sqrt() + 1 / count
    assert ((found - expected) / spread).abs().max() < 5


@pytest.mark.parametrize(("pair", "weight"), [(0, 67.93130651), (2, 4.288236636), (9, 0.02882985451)])
def test_a_pair_weighs_the_inverse_of_the_gap_between_its_levels(pair, weight):
    batch, high = batch_of(count=1000), karras_grid(11).flip(0)[pair + 1]
    student = lambda x, sigma_B, *_: batch.x0 + expand(torch.log(sigma_B))  # noqa: E731
    watched = Watched(student)
    terms = terms_of(TRAINING, watched, batch, progress=0.0)
    (*_, online), (*_, target) = watched.calls
    chosen = terms.sigma == high
    assert chosen.any()
    weighed = (terms.per_picture / pseudo_huber(online, target))[chosen]
    torch.testing.assert_close(weighed, torch.full_like(weighed, weight), rtol=1e-4, atol=0)


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_the_loss_is_finite_where_levels_nearly_meet(progress):
    terms = terms_of(TRAINING, DATA.consistency, batch_of(count=2000), progress=progress)
    assert terms.per_picture.isfinite().all()


def test_equal_answers_have_no_loss_and_a_finite_gradient():
    batch, scale = batch_of(count=8), torch.ones(1, requires_grad=True)
    terms = terms_of(TRAINING, lambda *_: batch.x0 * scale, batch)
    terms.per_picture.mean().backward()
    assert terms.per_picture.abs().max() == 0
    assert scale.grad.isfinite().all()


@pytest.mark.parametrize("wrong", [{"s0": 0}, {"s0": 20, "s1": 10}, {"std": 0.0}, {"rho": -1.0}])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ConfigError, match=r"\.$"):
        ImprovedConsistencyTraining(**wrong)
