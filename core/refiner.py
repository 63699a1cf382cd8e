"""A small residual network at full resolution behind a network that works on patches.

A patch of 4x4 pixels is made without looking at the pixels of its neighbours, so the borders of patches show as a grid
of four pixels. The refiner sees the clean estimate as a picture, and for every pixel some numbers that the trunk held
ready for it, and adds what is missing. It lies inside the network F, in front of the scalings: at sigma_min they still
make f(x, sigma_min) = x exactly. Its last convolution starts at 0, so a model that gets one begins unchanged.

Shapes: B pictures, C channels, H rows, W columns; T channels of the trunk, G its grid's side.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.scalings import Scalings, edm_scalings

HINTS = 8  # numbers of every pixel that come from the trunk


class Refiner(nn.Module):
    """A correction of F at full resolution, from the clean estimate and the trunk's last features."""

    def __init__(self, channels: int, width: int, trunk_width: int, patch: int):
        super().__init__()
        self.patch = patch
        self.hints = nn.Conv2d(trunk_width, HINTS * patch**2, 1)
        self.conv1 = nn.Conv2d(channels + HINTS, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.conv3 = nn.Conv2d(width, channels, 3, padding=1)
        for parameter in self.conv3.parameters():
            nn.init.zeros_(parameter)

    def forward(self, estimate: Tensor, features: Tensor) -> Tensor:
        """What is added to F, [B,C,H,W], from the clean estimate [B,C,H,W] and the trunk's features [B,T,G,G]."""
        hints = F.pixel_shuffle(self.hints(features), self.patch)
        h = F.silu(self.conv1(torch.cat([estimate.to(hints.dtype), hints], dim=1)))
        return self.conv3(F.silu(self.conv2(h)))


def clean_estimate(answer: Tensor, u: Tensor, sigma_B: Tensor) -> Tensor:
    """The x0 that F = `answer` stands for where the input was u = c_in x, in EDM's scalings; [B,C,H,W] float32."""
    scale = Scalings(*(value[:, None, None, None] for value in edm_scalings(sigma_B.float())))
    return scale.skip / scale.in_ * u + scale.out * answer
