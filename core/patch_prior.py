"""A per-axis Wiener filter around the trunk, for networks that work on pixel-unshuffled patches.

Behind an unshuffle by 4 the 48 numbers of a patch have standard deviations from about 3 down to 0.005 along their
principal axes. With one sigma_data for all of them the ideal output of the network in the weak axes is an amplified
copy of its input noise, which it learns slowly and never quite: pictures stay grainy. Here every axis gets its own
c_skip, c_out and c_in, from its own standard deviation s; what is left for the trunk has unit variance at every noise
level (compare Karras et al. 2022, section 5, applied to each axis).

With u = c_in x the network's input, r = sqrt(sigma^2 + sigma_data^2) = 1 / c_in, P the axes:

    v   = r P unshuffle(u)                                        the noisy picture's coefficients
    in  = v / sqrt(s^2 + sigma^2)                                 to the trunk, whose output is o
    d   = s^2/(s^2 + sigma^2) v + sigma s/sqrt(s^2 + sigma^2) o   the clean coefficients
    F   = P^T (d - c_skip v) / c_out                              what the EDM scalings around F expect

Shapes: B pictures, K numbers of a patch, H x W positions.
"""

import torch
from torch import Tensor, nn

from core.schedule import SIGMA_DATA

SMALLEST_DEVIATION = 0.03  # axes weaker than this are noise of JPEG and of 8-bit rounding


class PatchPrior(nn.Module):
    """Axes [K,K] (rows, orthonormal) and deviations [K], two buffers that are stored with the weights."""

    axes: Tensor
    deviations: Tensor

    def __init__(self, numbers: int):
        super().__init__()
        self.register_buffer("axes", torch.zeros(numbers, numbers).fill_diagonal_(1))
        self.register_buffer("deviations", torch.full((numbers,), SIGMA_DATA))

    @torch.no_grad()
    def fit(self, patches_NK: Tensor) -> None:
        """Take axes and deviations from N clean patches [N,K] in model range.

        Their second moment is not centred, since colour is signal too.
        """
        second_moment = patches_NK.T.double() @ patches_NK.double() / len(patches_NK)
        values, vectors = torch.linalg.eigh(second_moment)
        self.axes.copy_(vectors.T.flip(0))
        self.deviations.copy_(values.flip(0).clamp(min=SMALLEST_DEVIATION**2).sqrt())

    def analyse(self, patches: Tensor, sigma_B: Tensor) -> tuple[Tensor, Tensor]:
        """The coefficients v and the trunk's input, both [B,K,H,W] float32."""
        sigma, s = self._broadcast(sigma_B)
        coefficients = _rotate(self.axes, patches.float()) * (sigma.square() + SIGMA_DATA**2).sqrt()
        return coefficients, coefficients / (s.square() + sigma.square()).sqrt()

    def synthesise(self, coefficients: Tensor, output: Tensor, sigma_B: Tensor) -> Tensor:
        """F in patches [B,K,H,W], from the coefficients and the trunk's output.

        (d - c_skip v)/c_out is written without its difference of nearly equal numbers:
        s^2/(s^2+sigma^2) - sd^2/(sd^2+sigma^2) = sigma^2 (s^2-sd^2) / ((s^2+sigma^2)(sd^2+sigma^2)).
        """
        sigma, s = self._broadcast(sigma_B)
        r = (sigma.square() + SIGMA_DATA**2).sqrt()
        axis_variance = s.square() + sigma.square()
        from_input = sigma * (s.square() - SIGMA_DATA**2) / (axis_variance * r * SIGMA_DATA)
        from_trunk = s * r / (SIGMA_DATA * axis_variance.sqrt())
        return _rotate(self.axes.T, from_input * coefficients + from_trunk * output.float())

    def _broadcast(self, sigma_B: Tensor) -> tuple[Tensor, Tensor]:
        return sigma_B.float()[:, None, None, None], self.deviations[None, :, None, None]


def _rotate(matrix_JK: Tensor, x_BKHW: Tensor) -> Tensor:
    batch, _, height, width = x_BKHW.shape
    return (matrix_JK @ x_BKHW.flatten(2)).reshape(batch, -1, height, width)
