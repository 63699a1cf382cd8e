"""Random noise levels for training: log-normal around what matters, with a little of everything."""

from math import log

import torch
from torch import Tensor

from core.schedule import SIGMA_MAX, SIGMA_MIN
from training.draws import Draws


def draw_sigmas(draws: Draws, *, mean: float, std: float, uniform_share: float = 0.0) -> Tensor:
    """[B] levels: ln sigma ~ N(mean, std^2), and with probability uniform_share uniform over the whole range.

    The second part keeps generation from pure noise and the last steps of editing defined. All are cut to
    [SIGMA_MIN, SIGMA_MAX].
    """
    normal = (mean + std * draws.normal()).exp()
    low, high = log(SIGMA_MIN), log(SIGMA_MAX)
    uniform = (low + (high - low) * draws.uniform()).exp()
    chosen = torch.where(draws.uniform() < uniform_share, uniform, normal)
    return chosen.clamp(SIGMA_MIN, SIGMA_MAX)
