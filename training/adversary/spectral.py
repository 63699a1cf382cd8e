"""Convolutions of at most unit gain: spectral normalisation (Miyato et al. 2018).

The largest singular value is found by power iteration from a vector that is kept. torch's own moves that vector in
every call, so that a batch in two parts is not the batch in one; here it moves when `follow` is called, after a step.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SpectralConv2d(nn.Conv2d):
    """A Conv2d whose weight, as a matrix [channels out, all else], is divided by its largest singular value."""

    direction: Tensor

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.register_buffer("direction", F.normalize(torch.randn(self.out_channels), dim=0))
        for _ in range(20):
            self.follow()

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.weight / self.gain(), self.bias)

    def gain(self) -> Tensor:
        """The largest singular value, as far as the direction is right; it has a gradient in the weight only."""
        matrix = self.weight.flatten(1)
        with torch.no_grad():
            right = F.normalize(matrix.T @ self.direction, dim=0)
            left = F.normalize(matrix @ right, dim=0)
        return left @ (matrix @ right)

    @torch.no_grad()
    def follow(self) -> None:
        """One power iteration."""
        matrix = self.weight.flatten(1)
        self.direction.copy_(F.normalize(matrix @ F.normalize(matrix.T @ self.direction, dim=0), dim=0))
