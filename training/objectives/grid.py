"""The Karras grid of a discrete consistency objective: its points, and pairs of neighbours drawn from it.

Descending, like every list of levels here: index 0 is SIGMA_MAX. The papers count the same points upwards, t_1 =
SIGMA_MIN .. t_N = SIGMA_MAX; the pair n (t_n, t_{n+1}) of theirs, n = 1 .. N - 1, is the pair N - 1 - n here.

Shapes: N points, B pictures.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from core.schedule import RHO, SIGMA_MAX, SIGMA_MIN
from training.draws import Draws


class Pair(NamedTuple):
    """Two neighbours on the grid for every picture, each [B]: the upper level t_{n+1} and the lower one t_n."""

    high: Tensor
    low: Tensor


def karras_grid(points: int, *, rho: float = RHO) -> Tensor:
    """[N] levels from SIGMA_MAX down to SIGMA_MIN, even in sigma^(1/rho) (Karras et al. 2022, equation 5).

    float32 on the CPU, from float64: exactly SIGMA_MAX and SIGMA_MIN at the ends, where the boundary condition must
    hold exactly. core.schedule.karras_sigmas is the same as a list, for at most as many steps as anyone samples.
    """
    high, low = SIGMA_MAX ** (1 / rho), SIGMA_MIN ** (1 / rho)
    down_N = torch.arange(points, dtype=torch.float64) / (points - 1)
    return (high + down_N * (low - high)).pow(rho).float()


def grid_gap(points: int, level: float = SIGMA_MAX, *, lowest: float = SIGMA_MIN, rho: float = RHO) -> float:
    """1 - t_n / t_{n+1} for neighbours at this level: smallest at the top, as they are even in sigma^(1/rho).

    lowest: the level at which the grid ends.
    """
    step = (SIGMA_MAX ** (1 / rho) - lowest ** (1 / rho)) / (points - 1)
    return 1 - max(1 - step / level ** (1 / rho), 0.0) ** rho


def draw_pairs(draws: Draws, points: int, *, rho: float = RHO) -> Pair:
    """Every pair of neighbours as likely: n ~ U{1 .. N - 1} (Song et al. 2023, Algorithms 2 and 3)."""
    return pairs_at(draws.integers(points - 1), karras_grid(points, rho=rho))


def pairs_at(index_B: Tensor, grid_N: Tensor) -> Pair:
    """The levels at these indices and the ones below them, on the indices' device."""
    grid_N = grid_N.to(index_B.device)
    return Pair(grid_N[index_B], grid_N[index_B + 1])
