"""Augmentation that does not leak: the network gets the augmentation as an input (Karras et al. 2022, appendix F.2).

In use this input is 0, "not augmented", so that the network makes pictures without any of the changes. So strong
changes, even pictures upside down, may help where there are few pictures.

Shapes: B pictures, C channels, R pixels along each side; matrices [B,3,3] act on (x, y, 1), with x and y from -1 to 1.
"""

from dataclasses import replace
from math import pi

import torch
from torch import Tensor
from torch.nn import functional as F

from core.card import ModelCard
from core.networks import empty_network
from training.draws import Draws

SCALE_STD = 0.2  # standard deviation of log2 of the scale and of log2 of the stretch
TURNED = 0.5  # fraction of the stretches whose direction is random; the others are horizontal
SHIFT_STD = 0.125  # standard deviation of a shift, as a fraction of the side


def augment_with_labels(x: Tensor, probability: float, draws: Draws) -> tuple[Tensor, Tensor]:
    """Augmented pictures [B,C,R,R] of pictures [B,C,R,R] in [-1, 1], and their labels [B,9], 0 for no change.

    Half of the pictures are mirrored left to right. Scaling, rotating, stretching along some direction and shifting
    each happen with this probability, turning upside down with half of it. Beyond the borders pictures are mirrored.
    Sampling is bicubic, where the published code filters enlarged pictures; both leave an unchanged picture exact.

    The labels describe the whole change. A stretch w along the direction r has the labels w cos 2r, w sin 2r. The
    published w cos r, w sin r are ambiguous: a stretch along r and a squeeze along r + pi, which is the same direction,
    have the same labels.
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
    # A matrix from positions in the augmented picture to positions in the original.
    backwards = _scaled(smaller, smaller) @ _rotated(-angle)
    backwards = backwards @ _rotated(direction) @ _scaled(thinner, 1 / thinner) @ _rotated(-direction)
    backwards = backwards @ _shifted(-2 * SHIFT_STD * shift)
    changed = (scale != 0) | (angle != 0) | (stretch != 0) | (shift != 0).any(1)
    labels = [mirrored.float(), upside_down.float(), scale, angle.cos() - 1, angle.sin()]
    labels += [stretch * (2 * direction).cos(), stretch * (2 * direction).sin(), *shift.unbind(1)]
    return torch.where(changed[:, None, None, None], _sampled(x, backwards), x), torch.stack(labels, dim=1)


def for_use(card: ModelCard, weights: dict[str, Tensor]) -> tuple[ModelCard, dict[str, Tensor]]:
    """The card and weights of a model file, without the layer for augmentation labels, which adds 0 in use.

    Each weight keeps its own shape [...].
    """
    if not card.network.augment_labels:
        return card, weights
    card = replace(card, network=replace(card.network, augment_labels=0))
    names = empty_network(card.network).state_dict().keys()
    return card, {name: value for name, value in weights.items() if name in names}


def _sometimes(values: Tensor, probability: float, draws: Draws) -> Tensor:
    """[B] or [B,N]: each picture keeps its values with that probability and gets 0 otherwise."""
    chosen = draws.uniform() < probability
    return torch.where(chosen.reshape(-1, *[1] * (values.dim() - 1)), values, torch.zeros_like(values))


def _sampled(x: Tensor, backwards: Tensor) -> Tensor:
    """[B,C,R,R] pictures sampled at the positions that the matrices [B,3,3] give."""
    grid = F.affine_grid(backwards[:, :2], list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(-1, 1)


def _scaled(x_B: Tensor, y_B: Tensor) -> Tensor:
    """[B,3,3] scaling by these factors [B]."""
    return torch.diag_embed(torch.stack([x_B, y_B, torch.ones_like(x_B)], dim=1))


def _rotated(angle_B: Tensor) -> Tensor:
    """[B,3,3] rotations by these angles in radians [B]."""
    cos, sin, zero, one = angle_B.cos(), angle_B.sin(), torch.zeros_like(angle_B), torch.ones_like(angle_B)
    return torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1).reshape(-1, 3, 3)


def _shifted(shift_B2: Tensor) -> Tensor:
    """[B,3,3] shifts by x and y [B,2], in units of half a side."""
    matrix = torch.eye(3, device=shift_B2.device).repeat(len(shift_B2), 1, 1)
    matrix[:, :2, 2] = shift_B2
    return matrix
