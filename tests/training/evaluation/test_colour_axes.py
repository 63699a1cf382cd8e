"""Which axis photographs vary along: known directions, and a row for each way of colouring."""

import numpy as np
import pytest
import torch

from core.constraint import AXES, LUMA
from tests import tiny
from tests.training.metrics.plain_features import Means
from training.colour_axes import angle, predicting_direction, rows


@pytest.mark.parametrize("direction", [(1.0, 1.0, 1.0), (0.2, 1.0, 0.5), (1.0, -0.1, 0.3)])
def test_pixels_on_a_line_are_predicted_along_it_whatever_colours_lie_across(direction):
    rng = np.random.default_rng(0)
    line, weights = np.array(direction), np.array(LUMA)
    across = np.linalg.svd(weights[None])[2][1:]  # colours without luma
    greys, colours = rng.normal(size=(1, 3, 200, 200))[:, :1], rng.normal(size=(1, 2, 200, 200))
    pixels = greys * (line / (line @ weights))[:, None, None] + np.einsum("kc,bkhw->bchw", across, colours)
    found = predicting_direction(torch.from_numpy(pixels))
    assert angle(found, torch.from_numpy(line)) < 1.5
    assert float(found @ torch.from_numpy(weights)) == pytest.approx(1)


def test_the_angle_between_the_axes_is_that_of_their_product():
    grey, paper = (torch.tensor(axis, dtype=torch.double) for axis in AXES.values())
    expected = np.degrees(np.arccos(sum(LUMA) / np.sqrt(3) / np.linalg.norm(LUMA)))
    assert angle(grey, paper) == pytest.approx(expected) and angle(grey, grey) == pytest.approx(0, abs=1e-5)


def test_there_is_a_row_for_the_grey_photographs_and_for_each_axis_and_schedule():
    found = list(rows(tiny.model(), tiny.photos(2), 2, Means()))
    names = [tuple(cell.strip() for cell in row.strip("|").split("|")[:2]) for row in found]
    ways = [(axis, levels) for levels in ("2 steps", "the paper's 40") for axis in ("grey", "the paper's")]
    assert names == [("none, the grey photograph", ""), *ways]
    assert found[0].endswith("0.00 |")  # without any colour
    grey, paper = (row.split("|")[3:] for row in found[1:3])
    assert grey != paper
