"""One step of the probability flow dx/dsigma = (x - D(x, sigma)) / sigma, from a noise level down to another.

Each picture has its own two levels. The result is a constant: no gradient flows through the teacher. Trajectories of
many steps, with one level for all pictures, are in core/solvers.py.

Shapes: B pictures, C channels, H rows, W columns; x [B,C,H,W]; levels [B], the lower ones above 0; labels [B] or None.
"""

import torch
from torch import Tensor

from core.models import Denoiser
from training.objectives.base import expand


def slope(denoiser: Denoiser, x: Tensor, sigma_B: Tensor, labels: Tensor | None) -> Tensor:
    """dx/dsigma [B,C,H,W]: the denoiser's estimate of the noise in x, of unit variance."""
    return (x - denoiser(x, sigma_B, labels)) / expand(sigma_B)


@torch.no_grad()
def euler(denoiser: Denoiser, x: Tensor, high_B: Tensor, low_B: Tensor, labels: Tensor | None = None) -> Tensor:
    """x [B,C,H,W] at the lower levels, by the slope at the higher ones: DDIM. First order, one evaluation."""
    return x + expand(low_B - high_B) * slope(denoiser, x, high_B, labels)


@torch.no_grad()
def heun(denoiser: Denoiser, x: Tensor, high_B: Tensor, low_B: Tensor, labels: Tensor | None = None) -> Tensor:
    """x [B,C,H,W] at the lower levels, by the mean of the slopes at both ends. Second order, two evaluations.

    Karras et al. 2022, Algorithm 1.
    """
    first = slope(denoiser, x, high_B, labels)
    second = slope(denoiser, x + expand(low_B - high_B) * first, low_B, labels)
    return x + expand(low_B - high_B) * (first + second) / 2


ONE_STEP = {"euler": euler, "heun": heun}
