"""The scalings around a network F that make it a denoiser or a consistency function.

    f(x, sigma) = c_skip x + c_out F(c_in x, sigma)

TrigFlow (Lu & Song 2024) measures noise as an angle t: x_t = cos(t) x0 + sin(t) sigma_data z is cos(t) times the noisy
picture at sigma = sigma_data tan(t), so its network input x_t / sigma_data is c_in x of the EDM scalings.

Shapes: B pictures. Sigma has no unit: it is measured in model range, [-1, 1].
"""

from typing import NamedTuple

from torch import Tensor

from core.schedule import SIGMA_DATA, SIGMA_MIN


class Scalings(NamedTuple):
    """c_skip, c_out, c_in, each [B]."""

    skip: Tensor
    out: Tensor
    in_: Tensor


def edm_scalings(sigma_B: Tensor, *, sigma_data: float = SIGMA_DATA) -> Scalings:
    """The denoiser's, [B] each, at noise levels [B] (Karras et al. 2022, table 1, column "Ours").

    They give the network inputs and targets of unit variance.
    """
    variance_B = sigma_B.square() + sigma_data**2
    norm_B = variance_B.sqrt()
    return Scalings(skip=sigma_data**2 / variance_B, out=sigma_B * sigma_data / norm_B, in_=1 / norm_B)


def boundary_scalings(sigma_B: Tensor, *, sigma_data: float = SIGMA_DATA, sigma_min: float = SIGMA_MIN) -> Scalings:
    """The consistency function's, [B] each, at noise levels [B] (Song et al. 2023, appendix C).

    At sigma_min c_skip is 1 and c_out 0, so f(x, sigma_min) = x exactly. Only c_skip and the numerator of c_out are
    shifted by sigma_min.
    """
    gap_B = sigma_B - sigma_min
    norm_B = (sigma_B.square() + sigma_data**2).sqrt()
    return Scalings(
        skip=sigma_data**2 / (gap_B.square() + sigma_data**2),
        out=gap_B * sigma_data / norm_B,
        in_=1 / norm_B,
    )


def angle_of(sigma_B: Tensor, *, sigma_data: float = SIGMA_DATA) -> Tensor:
    """The TrigFlow times [B] of noise levels [B], 0 to below pi/2."""
    return (sigma_B / sigma_data).arctan()


def sigma_of(angle_B: Tensor, *, sigma_data: float = SIGMA_DATA) -> Tensor:
    """The noise levels [B] of TrigFlow times [B]."""
    return sigma_data * angle_B.tan()
