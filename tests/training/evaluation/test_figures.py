"""Figures for editing: known answers, with features that need no network."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import core
from tests import tiny
from tests.training.metrics.plain_features import Means
from training import search_schedules
from training.search_schedules import TASKS, hole_of, judge, short_levels


@pytest.fixture
def photos():
    return torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1


def pixels_of(photos):
    return core.to_uint8(photos)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_original_itself_is_perfect(task, photos):
    figures = judge(task, pixels_of(photos), photos, Means())
    assert figures["distance"] == 0
    assert figures["psnr"] == pytest.approx(120)
    assert figures.get("seam", 0) == 0


def test_a_seam_is_the_step_of_the_error_across_the_border(photos):
    hole = hole_of(photos)[0, 0].numpy().astype(bool)
    grey = torch.zeros_like(photos)
    wrong = pixels_of(grey).copy()
    wrong[:, hole] += 10
    figures = judge(TASKS[0], wrong, grey, Means())
    assert figures["seam"] == pytest.approx(10)
    assert figures["psnr"] == pytest.approx(-20 * np.log10(10 / 255))


def test_levels_are_in_equal_ratios_from_first_to_last():
    levels = short_levels(8.0, 1.0, 4)
    assert levels == pytest.approx([8, 4, 2, 1])


def test_the_search_takes_the_levels_with_the_smallest_distance_and_scales_them_with_the_side(photos, monkeypatch):
    scale = photos.shape[-1] / 64
    wanted = short_levels(5.0 * scale, 0.3 * scale, 4)
    monkeypatch.setattr(search_schedules, "run_edit", lambda model, task, photos, sigmas: sigmas)
    monkeypatch.setattr(search_schedules, "judge", lambda task, sigmas, *rest: {"distance": float(sigmas != wanted)})
    assert search_schedules.search(None, TASKS[0], photos, 4, Means()) == wanted


def test_the_search_from_noise_keeps_the_levels_whose_pictures_are_nearest(monkeypatch):
    photos, wanted = torch.zeros(1, 3, 128, 128), short_levels(80.0, 5.0, 2)
    monkeypatch.setattr(search_schedules, "kernel_distance_of", lambda model, sigmas, *rest: float(sigmas != wanted))
    assert search_schedules.search_from_noise(None, photos, 2, Means()) == wanted


def test_levels_from_noise_of_a_walk_that_keeps_its_noise_stay_as_they_are(photos, capsys):
    """It follows the probability flow: there is nothing to choose."""
    model = tiny.model("edm", resolution=16)
    model.card = replace(model.card, sampling=core.SamplingRules(move="carry"))
    assert search_schedules._measure_from_noise(model, photos, photos, Means()) == {}
    assert capsys.readouterr().out.count("|") > 12
