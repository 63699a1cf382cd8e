"""Distances between two pictures, for losses: one number for each pair.

Shapes: B pictures, C channels, H rows, W columns; model range [-1, 1].
"""

from collections.abc import Callable
from functools import partial
from math import sqrt

from torch import Tensor, nn

from core.errors import ConfigError
from training.metrics.feature_distance import feature_distance
from training.metrics.lpips import perceptual


def l1(a: Tensor, b: Tensor) -> Tensor:
    """[B] the mean over C, H, W of |a - b|, for pictures a and b [B,C,H,W].

    Song et al. 2023 write a sum; their code takes the mean, as here. The factor hardly matters, since Adam divides it
    out. Only gradient clipping and the figures in the log depend on it.
    """
    return (a - b).abs().mean(dim=(1, 2, 3))


def l2(a: Tensor, b: Tensor) -> Tensor:
    """[B] the mean over C, H, W of (a - b)^2, for pictures a and b [B,C,H,W]."""
    return (a - b).square().mean(dim=(1, 2, 3))


def pseudo_huber(a: Tensor, b: Tensor, *, c: float | None = None) -> Tensor:
    """[B] sqrt(||a-b||^2 + c^2) - c, for pictures a and b [B,C,H,W] (Song & Dhariwal 2023, section 3.3).

    The norm is that of the whole picture, not of single values. With c = None it is 0.00054 sqrt(D), for D = C H W
    numbers in a picture.
    """
    c = 0.00054 * sqrt(a[0].numel()) if c is None else c
    return ((a - b).square().sum(dim=(1, 2, 3)) + c**2).sqrt() - c


def l1_and_features(a: Tensor, b: Tensor) -> Tensor:
    """[B] 10 l1 + the distance of features, for pictures a and b [B,3,H,W]. Raises OnestrokeError without the packages.

    l1 compares colours and tones, the features compare detail. With the factor 10 neither of them dominates for
    pictures that differ in their details.
    """
    return 10 * l1(a, b) + feature_distance(a, b)


METRICS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "l1": l1,
    "l2": l2,
    "pseudo_huber": pseudo_huber,
    "norm": partial(pseudo_huber, c=1e-4),  # ||a-b||, smooth at 0 (Heek et al. 2024)
    "lpips": partial(perceptual, trained=True),
    "lpips_average": partial(perceptual, trained=True, pool=nn.AvgPool2d),  # Song et al. 2023 on ImageNet and LSUN
    "features": l1_and_features,  # needs no VGG16; its network comes as a package
    "lpips_random": partial(perceptual, trained=False),  # for tests and tiny runs: fast, and no file is needed
}


def metric_of(name: str) -> Callable[[Tensor, Tensor], Tensor]:
    """The distance of that name: a function of two tensors [B,C,H,W] that returns [B]. Raises ConfigError if unknown.

    All distances are symmetric. Objectives pass the student's answer first and the constant target second.
    """
    if name not in METRICS:
        raise ConfigError(f'There is no metric "{name}"; {", ".join(METRICS)} are known.')
    return METRICS[name]
