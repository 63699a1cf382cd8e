"""How much noise a picture holds, as a sigma of the model's range.

In many small windows the second difference of the second difference is measured: it sees noise, hardly edges and
gradients (Immerkaer 1996, "Fast Noise Variance Estimation"). Texture only ever adds to it, so the calmest windows say
where the noise lies, and the median of those that agree with them is the answer. What 8 bits cut off at black and white
is accounted for: a window's mean and variance are taken as those of a normal distribution censored at -1 and 1.
"""

from math import pi, sqrt

import numpy as np
import torch
from torch import Tensor

WINDOW = 8
MOST_WINDOWS = 64  # along an axis
CALM = 0.05, 0.74  # of windows of pure noise 5 % measure less than 0.74 of its deviation
CUT, CUT_SLOPE = 1.1, 0.8  # windows up to (CUT + CUT_SLOPE sigma) sigma agree: texture matters less in strong noise
ROUNDS = 3
SOLVER_ROUNDS = 30
NOTHING = 1e-4  # far below what 8 bits can hold
DIFFERENCE = torch.tensor([[1.0, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=torch.float64) / 6  # of unit noise: unit again


def estimate_sigma(picture: np.ndarray | Tensor) -> float:
    """The standard deviation of the noise in a photo [H,W,3] uint8 or a picture [B,C,H,W] in model range.

    Within 15 % for independent noise of 0.05 to 0.8 (at 0.05 a little more where a small picture is all texture).
    A picture below 3 x 3 pixels says nothing: 0.
    """
    if isinstance(picture, np.ndarray):
        picture = torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None]
    means, variances = _windows(_without_frame(picture))
    if not len(means):
        return 0.0
    cut_off = picture.dtype == torch.uint8 or bool(picture.abs().max() <= 1)
    sigmas = _uncensored(means, variances) if cut_off else variances.sqrt()
    sigma = torch.quantile(sigmas, CALM[0]) / CALM[1]
    for _ in range(ROUNDS):
        sigma = sigmas[sigmas <= (CUT + CUT_SLOPE * sigma) * sigma].median()
    return float(sigma) if sigma > NOTHING else 0.0


def _windows(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and noise variance of windows spread over a picture, [N] float64 each.

    Windows with most pixels at black or white are left out where others are left.
    """
    size = min(WINDOW + 2, *picture.shape[-2:])
    if size < 3:
        return torch.empty(0), torch.empty(0)
    for dim in (2, 3):
        picture = picture.unfold(dim, size, max(size - 2, -(-picture.shape[dim] // MOST_WINDOWS)))
    patches = picture.reshape(-1, 1, size, size).double()
    if picture.dtype == torch.uint8:
        patches = patches / 127.5 - 1
    inner = patches[..., 1:-1, 1:-1]
    means = inner.mean((1, 2, 3))
    variances = torch.nn.functional.conv2d(patches, DIFFERENCE[None, None]).square().mean((1, 2, 3))
    cut_off = (inner.abs() > 1 - 1e-4).double().mean((1, 2, 3))
    chosen = cut_off < 0.5 if (cut_off < 0.5).any() else cut_off < 1
    return means[chosen], variances[chosen]


def _without_frame(picture: Tensor) -> Tensor:
    """The picture without rows and columns of one colour at its borders, which a computer drew."""
    for dim in (2, 3):
        length = picture.shape[dim]
        first = next((i for i in range(length) if _is_lively(picture.select(dim, i))), 0)
        last = next((i for i in range(length - 1, -1, -1) if _is_lively(picture.select(dim, i))), length - 1)
        picture = picture.narrow(dim, first, last - first + 1)
    return picture


def _is_lively(line: Tensor) -> bool:
    return bool((line != line[..., :1]).any())


def _uncensored(means: Tensor, variances: Tensor) -> Tensor:
    """Standard deviations before values were cut off at -1 and 1, from means and variances afterwards.

    A fixed point: mean and deviation are corrected by what censoring would do to them.
    """
    m, s = means, variances.sqrt()
    for _ in range(SOLVER_ROUNDS):
        mean, variance = _censored_moments(m, s)
        m = (m + means - mean).clamp(-3, 3)
        s = (s * (variances / variance.clamp(min=1e-12)).sqrt()).clamp(1e-5, 3)
    return s


def _censored_moments(m: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of clamp(m + s z, -1, 1), z standard normal."""
    low, high = (-1 - m) / s, (1 - m) / s
    below, above = torch.special.ndtr(low), torch.special.ndtr(-high)
    density_low, density_high = (torch.exp(-z.square() / 2) / sqrt(2 * pi) for z in (low, high))
    within, flow = 1 - below - above, density_low - density_high
    mean = above - below + m * within + s * flow
    square = above + below + (m * m + s * s) * within + 2 * m * s * flow
    square = square + s * s * (low * density_low - high * density_high)
    return mean, square - mean * mean
