"""Augmentation that does not leak: the network is told how a picture was varied (Karras et al. 2022, appendix F.2).

Told "not at all", as it always is in use, it draws pictures that look like none of the variations. So even pictures
upside down may help where there are few.

Shapes: B pictures, C channels, R side; matrices [B,3,3] act on (x, y, 1) with x and y from -1 to 1.
"""

from dataclasses import replace
from math import pi

import torch
from torch import Tensor
from torch.nn import functional as F

from core.card import ModelCard
from core.networks import empty_network
from training.draws import Draws

SCALE_STD = 0.2  # of log2 of the scale and of the stretch
TURNED = 0.5  # share of the stretches that go along any direction, not left to right
SHIFT_STD = 0.125  # of the side


def vary(x: Tensor, probability: float, draws: Draws) -> tuple[Tensor, Tensor]:
    """Pictures [B,C,R,R] in [-1, 1], varied, and what the network is to be told of it, [B,9]: 0 where nothing was done.

    Half of them are mirrored; each of turning upside down (half as often), scaling, rotating, stretching along some
    direction and shifting happens with this probability. What is beyond a border is mirrored. Sampled bicubically; the
    published code filters doubled pictures; either way an unchanged picture is exact. The labels tell all of the
    change: a stretch w along direction r is told as w cos 2r, w sin 2r, since w cos r, w sin r (theirs) are the same
    for a stretch along r as for a squeeze along r + pi, which is the same direction.
    """
    mirrored, upside_down = draws.uniform() < 0.5, draws.uniform() < probability / 2
    x = torch.where(mirrored[:, None, None, None], x.flip(-1), x)
    x = torch.where(upside_down[:, None, None, None], x.flip(-2), x)
    scale = _sometimes(draws.normal(), probability, draws)
    angle = _sometimes(pi * (2 * draws.uniform() - 1), probability, draws)
    stretch = _sometimes(draws.normal(), probability, draws)
    direction = _sometimes(pi * (2 * draws.uniform() - 1), TURNED, draws)
    shift = _sometimes(draws.normal(2), probability, draws)
    smaller, thinner = torch.exp2(-SCALE_STD * scale), torch.exp2(-SCALE_STD * stretch)
    backwards = _scaled(smaller, smaller) @ _rotated(
        -angle
    )  # from a place in the varied picture to one in the original
    backwards = backwards @ _rotated(direction) @ _scaled(thinner, 1 / thinner) @ _rotated(-direction)
    backwards = backwards @ _shifted(-2 * SHIFT_STD * shift)
    moved = (scale != 0) | (angle != 0) | (stretch != 0) | (shift != 0).any(1)
    labels = [mirrored.float(), upside_down.float(), scale, angle.cos() - 1, angle.sin()]
    labels += [stretch * (2 * direction).cos(), stretch * (2 * direction).sin(), *shift.unbind(1)]
    return torch.where(moved[:, None, None, None], _sampled(x, backwards), x), torch.stack(labels, dim=1)


def for_use(card: ModelCard, weights: dict[str, Tensor]) -> tuple[ModelCard, dict[str, Tensor]]:
    """A model without the layer that was told of variations: for unvaried pictures it adds 0."""
    if not card.network.augment_labels:
        return card, weights
    card = replace(card, network=replace(card.network, augment_labels=0))
    names = empty_network(card.network).state_dict().keys()
    return card, {name: value for name, value in weights.items() if name in names}


def _sometimes(values: Tensor, probability: float, draws: Draws) -> Tensor:
    """The values [B] or [B,N] of as many pictures as the probability says, 0 for the others."""
    chosen = draws.uniform() < probability
    return torch.where(chosen.reshape(-1, *[1] * (values.dim() - 1)), values, torch.zeros_like(values))


def _sampled(x: Tensor, backwards: Tensor) -> Tensor:
    grid = F.affine_grid(backwards[:, :2], list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(-1, 1)


def _scaled(x_B: Tensor, y_B: Tensor) -> Tensor:
    return torch.diag_embed(torch.stack([x_B, y_B, torch.ones_like(x_B)], dim=1))


def _rotated(angle_B: Tensor) -> Tensor:
    cos, sin, zero, one = angle_B.cos(), angle_B.sin(), torch.zeros_like(angle_B), torch.ones_like(angle_B)
    return torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1).reshape(-1, 3, 3)


def _shifted(places_B2: Tensor) -> Tensor:
    matrix = torch.eye(3, device=places_B2.device).repeat(len(places_B2), 1, 1)
    matrix[:, :2, 2] = places_B2
    return matrix
