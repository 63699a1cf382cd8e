"""Differentiable random variations of the critic's input, so that the critic cannot memorise the training set.

Brightness, saturation, contrast and position vary a little (Zhao et al. 2020, without their cutout, which leaves
ornaments in the pictures). A real picture and the answer to it get the same variation, so the critic judges only the
difference between them.

Shapes: B pictures, C channels, R side.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.draws import Draws

BRIGHTNESS = 0.1  # largest change, in model range [-1, 1]; with larger ones colours fade
SATURATION, CONTRAST = 0.2, 0.15  # largest relative changes
SHIFT = 1 / 8  # largest shift, as a fraction of the side


@dataclass(frozen=True)
class View:
    """One variation for each picture in a part of a batch."""

    brightness_B: Tensor  # added to all values
    saturation_B: Tensor  # factor of differences from grey
    contrast_B: Tensor  # factor of differences from the picture's mean
    rows_BR: Tensor  # for each row of the view, the index of the picture's row
    columns_BR: Tensor  # the same for columns

    @classmethod
    def draw(cls, draws: Draws, side: int) -> "View":
        """Random variations for pictures of that side in pixels."""
        brightness, saturation, contrast = (2 * draws.uniform(3) - 1).unbind(1)
        shifts = (2 * draws.uniform(2) - 1) * SHIFT * side
        rows, columns = (_mirrored(side, shift.round().long()) for shift in shifts.unbind(1))
        return cls(
            BRIGHTNESS * brightness,
            1 + SATURATION * saturation,
            1 + CONTRAST * contrast,
            rows,
            columns,
        )

    def __call__(self, x: Tensor) -> Tensor:
        """The varied pictures [B,C,R,R] of pictures [B,C,R,R]."""
        x = x + self.brightness_B[:, None, None, None]
        x = _stretched(x, self.saturation_B, over=(1,))
        x = _stretched(x, self.contrast_B, over=(1, 2, 3))
        pictures = torch.arange(len(x), device=x.device)[:, None, None, None]
        channels = torch.arange(x.shape[1], device=x.device)[None, :, None, None]
        return x[pictures, channels, self.rows_BR[:, None, :, None], self.columns_BR[:, None, None, :]]


def _mirrored(side: int, shift_B: Tensor) -> Tensor:
    """[B,side] indices plus the shift [B]; indices outside the picture are mirrored at the border."""
    index = torch.arange(side, device=shift_B.device) + shift_B[:, None]
    index = index.abs()
    return torch.where(index >= side, 2 * (side - 1) - index, index)


def _stretched(x: Tensor, factor_B: Tensor, over: tuple[int, ...]) -> Tensor:
    """x [B,C,R,R] with its differences from the mean over those axes multiplied by the factor [B]."""
    mean = x.mean(over, keepdim=True)
    return mean + factor_B[:, None, None, None] * (x - mean)
