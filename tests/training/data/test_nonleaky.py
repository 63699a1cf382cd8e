"""Variations that the network is told of."""

from math import pi

import pytest
import torch
from torch.nn import functional as F

from tests import tiny
from training.data import augment_nonleaky
from training.config import NONLEAKY_LABELS
from training.draws import Draws
from training.data.augment_nonleaky import augment_with_labels, for_use

SIGMA = torch.tensor([0.5, 1.0, 2.0, 4.0])


def varied(x, probability, seed=0):
    return augment_with_labels(x, probability, Draws(torch.Generator().manual_seed(seed), len(x)))


def smooth(count=4, side=32):
    """A few waves, far below the finest that the pixels hold."""
    coarse = torch.rand(count, 3, 4, 4, generator=torch.Generator().manual_seed(1)) - 0.5
    return F.interpolate(coarse, size=side, mode="bicubic", align_corners=False)


def test_with_probability_0_pictures_are_only_mirrored_and_the_label_says_which():
    x = tiny.photos(40)
    y, labels = varied(x, 0.0)
    mirrored = labels[:, 0] == 1
    assert torch.equal(y[mirrored], x[mirrored].flip(-1))
    assert torch.equal(y[~mirrored], x[~mirrored])
    assert 10 < mirrored.sum() < 30
    assert labels.shape == (40, NONLEAKY_LABELS)
    assert not labels[:, 1:].any()


def test_labels_are_zero_exactly_where_nothing_was_done():
    x = tiny.photos(400)
    y, labels = varied(x, 0.12)
    unchanged = (y == x).flatten(1).all(dim=1)
    assert torch.equal(unchanged, ~labels.any(dim=1))
    assert unchanged.float().mean() == pytest.approx(0.5 * 0.94 * 0.88**4, abs=0.08)


def test_labels_have_the_papers_spread():
    _, labels = varied(torch.zeros(20_000, 1, 2, 2), 1.0)
    expected = torch.tensor([0.5, 0.5, 1, 1.5, 0.5, 0.75, 0.25, 1, 1])  # mean square; half the stretches lie along x
    torch.testing.assert_close(labels.square().mean(0), expected, atol=0.05, rtol=0)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (augment_nonleaky._rotated(torch.tensor([pi / 2])), lambda x: x.rot90(1, (2, 3))),
        (augment_nonleaky._scaled(torch.tensor([-1.0]), torch.tensor([1.0])), lambda x: x.flip(-1)),
        (augment_nonleaky._shifted(torch.tensor([[2 * 3 / 32, 0.0]])), lambda x: x.roll(-3, 3)),
        (augment_nonleaky._shifted(torch.tensor([[0.0, 2 * 5 / 32]])), lambda x: x.roll(-5, 2)),
    ],
)
def test_coordinates_go_from_the_middle_to_the_right_and_down(matrix, expected):
    x = smooth(1)
    inner = (..., slice(6, 26), slice(6, 26))
    torch.testing.assert_close(augment_nonleaky._sampled(x, matrix)[inner], expected(x)[inner], atol=2e-5, rtol=0)


def test_the_labels_tell_the_whole_change():
    """From its labels alone the way back is known: a picture varied and taken back is the picture."""
    x = smooth(64)
    y, labels = varied(x, 0.5, seed=3)
    mirrored, upside_down, scale, cos_less_1, sin, along, across, right, down = labels.unbind(1)
    stretch, direction = torch.hypot(along, across), torch.atan2(across, along) / 2
    forward = augment_nonleaky._shifted(0.25 * torch.stack([right, down], 1))
    forward = forward @ augment_nonleaky._rotated(direction)
    forward = forward @ augment_nonleaky._scaled(2 ** (0.2 * stretch), 2 ** (-0.2 * stretch)) @ augment_nonleaky._rotated(-direction)
    forward = forward @ augment_nonleaky._rotated(torch.atan2(sin, cos_less_1 + 1))
    forward = forward @ augment_nonleaky._scaled(2 ** (0.2 * scale), 2 ** (0.2 * scale))
    x = torch.where(mirrored.bool()[:, None, None, None], x.flip(-1), x)
    x = torch.where(upside_down.bool()[:, None, None, None], x.flip(-2), x)
    back = augment_nonleaky._sampled(y, forward)
    places = F.affine_grid(forward[:, :2], list(x.shape), align_corners=False)
    seen = (places.abs().amax(-1) < 0.85)[:, None].expand_as(x)  # in the varied picture, away from its borders
    assert seen.float().mean() > 0.5
    assert (back - x)[seen].abs().max() < 0.02


def test_a_part_of_a_batch_gets_the_variations_that_it_has_in_the_whole_batch():
    x = tiny.photos(6)
    whole, labels = varied(x, 0.5)
    part, part_labels = augment_with_labels(x[2:4], 0.5, Draws(torch.Generator().manual_seed(0), 6, 2, 4))
    assert torch.equal(part, whole[2:4])
    assert torch.equal(part_labels, labels[2:4])


def test_a_network_with_zero_labels_equals_the_network_without_that_layer():
    model, x = tiny.model("edm", augment_labels=9), tiny.photos(4)
    card, weights = for_use(model.card, model.network.state_dict())
    exported = tiny.model("edm")
    exported.network.load_state_dict(weights)
    assert card.network == exported.network.config
    assert torch.equal(model(x, SIGMA), exported(x, SIGMA))
    assert torch.equal(model.augmented(torch.zeros(4, 9))(x, SIGMA), exported(x, SIGMA))


def test_labels_reach_the_network_and_their_layer_learns():
    model, x = tiny.model("trigflow", augment_labels=9, classes=2), tiny.photos(4)
    told = model.augmented(torch.eye(9)[:4])
    classes = torch.tensor([0, 1, 0, 1])
    told(x, SIGMA, classes).sum().backward()
    gradient = model.network.trunk.augment.weight.grad
    assert gradient[:, :4].any() and not gradient[:, 4:].any()
    assert not torch.equal(told(x, SIGMA, classes), model(x, SIGMA, classes))
    assert not torch.equal(told.velocity(x, SIGMA.atan(), classes), model.velocity(x, SIGMA.atan(), classes))


def test_a_fresh_layer_changes_nothing():
    network = tiny.UNet(tiny.network_config(augment_labels=9))
    assert not network.trunk.augment.weight.any()
