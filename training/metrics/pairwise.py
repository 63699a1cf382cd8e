"""Distances between two pictures in a loss, one number a picture.

Shapes: B pictures, C channels, H rows, W columns; model range [-1, 1].
"""

from collections.abc import Callable
from functools import partial
from math import sqrt

from torch import Tensor, nn

from training.metrics.feature_distance import feature_distance
from training.metrics.lpips import perceptual


def l1(a: Tensor, b: Tensor) -> Tensor:
    """The mean over C,H,W of |a - b|, [B]. The paper sums; its code takes means, and so do we.

    The factor hardly matters: Adam divides it out. Gradient clipping and the figures in the log know it.
    """
    return (a - b).abs().mean(dim=(1, 2, 3))


def l2(a: Tensor, b: Tensor) -> Tensor:
    """The mean over C,H,W of (a - b)^2, [B]: squared, and a mean as in `l1`."""
    return (a - b).square().mean(dim=(1, 2, 3))


def pseudo_huber(a: Tensor, b: Tensor, *, c: float | None = None) -> Tensor:
    """sqrt(||a-b||^2 + c^2) - c over the whole picture, [B] (Song & Dhariwal 2023, section 3.3).

    c None: 0.00054 sqrt(D) with D numbers a picture. Not per value: c is made for the norm of the whole picture.
    """
    c = 0.00054 * sqrt(a[0].numel()) if c is None else c
    return ((a - b).square().sum(dim=(1, 2, 3)) + c**2).sqrt() - c


def l1_and_features(a: Tensor, b: Tensor) -> Tensor:
    """l1, which holds colours and tones, and how different they look to a network, which asks for detail, [B].

    Ten times l1, so that neither outweighs the other between pictures that differ in their details.
    """
    return 10 * l1(a, b) + feature_distance(a, b)


METRICS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "l1": l1,
    "l2": l2,
    "pseudo_huber": pseudo_huber,
    "norm": partial(pseudo_huber, c=1e-4),  # ||a-b||, smooth at 0 (Heek et al. 2024)
    "lpips": partial(perceptual, trained=True),
    "lpips_average": partial(perceptual, trained=True, pool=nn.AvgPool2d),  # Song et al. 2023 on ImageNet and LSUN
    "features": l1_and_features,  # needs no VGG16: weights that come as a package
    "lpips_random": partial(perceptual, trained=False),  # for tests and tiny runs: nothing to fetch, fast
}


def metric_of(name: str) -> Callable[[Tensor, Tensor], Tensor]:
    """The distance of that name: (a, b), each [B,C,H,W], to [B]. Raises TypeError for a name that is not known.

    Symmetric in value. Objectives give the student's answer first and the constant target second.
    """
    if name not in METRICS:
        raise TypeError(f'There is no metric "{name}"; {", ".join(METRICS)} are known.')
    return METRICS[name]
