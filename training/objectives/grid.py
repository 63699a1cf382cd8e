"""The Karras grid of noise levels for a discrete consistency objective, and random pairs of neighbours on it.

The grid descends, as every list of levels in this project does: index 0 is SIGMA_MAX. The papers count the same points
upwards, from t_1 = SIGMA_MIN to t_N = SIGMA_MAX. Their pair n, (t_n, t_{n+1}) with n from 1 to N - 1, has the index
N - 1 - n here.

Shapes: N points, B pictures.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from core.schedule import RHO, SIGMA_MAX, SIGMA_MIN
from training.draws import Draws


class Pair(NamedTuple):
    """Two neighbours on the grid for each picture, [B] each: the higher level t_{n+1} and the lower one t_n."""

    high: Tensor
    low: Tensor


def karras_grid(points: int, *, rho: float = RHO) -> Tensor:
    """[N] levels from SIGMA_MAX down to SIGMA_MIN, evenly spaced in sigma^(1/rho) (Karras et al. 2022, equation 5).

    The tensor is float32 on the CPU, computed in float64: its ends are exactly SIGMA_MAX and SIGMA_MIN, where the
    boundary condition must hold exactly. core.schedule.karras_sigmas gives the same levels as a list, for the smaller
    step counts of sampling.
    """
    high, low = SIGMA_MAX ** (1 / rho), SIGMA_MIN ** (1 / rho)
    down_N = torch.arange(points, dtype=torch.float64) / (points - 1)
    return (high + down_N * (low - high)).pow(rho).float()


def grid_gap(points: int, level: float = SIGMA_MAX, *, lowest: float = SIGMA_MIN, rho: float = RHO) -> float:
    """1 - t_n / t_{n+1} for the pair of neighbours whose higher level is `level`.

    It is smallest at SIGMA_MAX, since levels are evenly spaced in sigma^(1/rho). points: those of the grid. lowest: the
    level at which the grid ends.
    """
    step = (SIGMA_MAX ** (1 / rho) - lowest ** (1 / rho)) / (points - 1)
    return 1 - max(1 - step / level ** (1 / rho), 0.0) ** rho


def draw_pairs(draws: Draws, points: int, *, rho: float = RHO) -> Pair:
    """A pair of neighbours for each picture, [B] each, all pairs equally likely: n ~ U{1 .. N - 1}.

    Song et al. 2023, Algorithms 2 and 3.
    """
    return pairs_at(draws.integers(points - 1), karras_grid(points, rho=rho))


def pairs_at(index_B: Tensor, grid_N: Tensor) -> Pair:
    """The levels of the grid [N] at the indices [B] and the next lower ones, [B] each, on the device of the indices."""
    grid_N = grid_N.to(index_B.device)
    return Pair(grid_N[index_B], grid_N[index_B + 1])
