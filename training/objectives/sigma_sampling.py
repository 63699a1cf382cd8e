"""Random noise levels for training: log-normal, mixed with some that are uniform over the whole range.

Shapes: B pictures.
"""

from math import log

import torch
from torch import Tensor

from core.schedule import SIGMA_MAX, SIGMA_MIN
from training.draws import Draws


def draw_sigmas(draws: Draws, *, mean: float, std: float, uniform_share: float = 0.0) -> Tensor:
    """[B] levels: ln sigma ~ N(mean, std^2), or with probability uniform_share uniform over the whole range.

    The uniform part makes sure that the model is trained for pure noise, which generation starts from, and for the
    lowest levels, at which edits end. All levels are clamped to [SIGMA_MIN, SIGMA_MAX].
    """
    normal = (mean + std * draws.normal()).exp()
    low, high = log(SIGMA_MIN), log(SIGMA_MAX)
    uniform = (low + (high - low) * draws.uniform()).exp()
    sigma_B = torch.where(draws.uniform() < uniform_share, uniform, normal)
    return sigma_B.clamp(SIGMA_MIN, SIGMA_MAX)
