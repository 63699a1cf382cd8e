"""Convolutions of at most unit gain: spectral normalisation (Miyato et al. 2018).

The largest singular value is estimated by power iteration, whose vector is kept between the steps. torch's own spectral
norm updates this vector in every call, so a batch in two parts gives other results than the whole batch. Here the
vector is only updated by `power_iteration`, which is called after each optimiser step.

Shapes: B pictures, K channels, H rows, W columns.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SpectralConv2d(nn.Conv2d):
    """A Conv2d whose weight is divided by its largest singular value, as a matrix [output channels, all else]."""

    direction: Tensor

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.register_buffer("direction", F.normalize(torch.randn(self.out_channels), dim=0))
        for _ in range(20):
            self.power_iteration()

    def forward(self, x: Tensor) -> Tensor:
        """The convolution of maps [B,K,H,W] with the normalised weight: [B,K',H',W']."""
        return self._conv_forward(x, self.weight / self.spectral_norm(), self.bias)

    def spectral_norm(self) -> Tensor:
        """The largest singular value, [] (no axes), estimated from the kept vector. Gradients reach the weight only."""
        matrix = self.weight.flatten(1)
        with torch.no_grad():
            right = F.normalize(matrix.T @ self.direction, dim=0)
            left = F.normalize(matrix @ right, dim=0)
        return left @ (matrix @ right)

    @torch.no_grad()
    def power_iteration(self) -> None:
        """Update the kept vector by one power iteration."""
        matrix = self.weight.flatten(1)
        self.direction.copy_(F.normalize(matrix @ F.normalize(matrix.T @ self.direction, dim=0), dim=0))
