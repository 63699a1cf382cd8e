"""What a critic gets to see of a picture: differentiable variations, so that it cannot learn the training set by heart.

Brightness, saturation, contrast and place vary a little (Zhao et al. 2020, without their cutout, which leaves ornaments
in the pictures). A real picture and the one that was made of it are varied alike: what is left between them is what the
critic is to tell.

Shapes: B pictures, C channels, R side.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.draws import Draws

BRIGHTNESS = 0.1  # largest change, of the range [-1, 1]; larger ones let colours fade
SATURATION, CONTRAST = 0.2, 0.15  # largest relative change
SHIFT = 1 / 8  # largest move, of the side


@dataclass(frozen=True)
class View:
    """One variation for each picture of a part of a batch."""

    brightness_B: Tensor
    saturation_B: Tensor
    contrast_B: Tensor
    rows_BR: Tensor  # which row, and which column, of a picture lies where in the view
    columns_BR: Tensor

    @classmethod
    def draw(cls, draws: Draws, side: int) -> "View":
        """Variations of pictures of that side."""
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
        """The views [B,C,R,R] of pictures [B,C,R,R]."""
        x = x + self.brightness_B[:, None, None, None]
        x = _stretched(x, self.saturation_B, over=(1,))
        x = _stretched(x, self.contrast_B, over=(1, 2, 3))
        pictures = torch.arange(len(x), device=x.device)[:, None, None, None]
        channels = torch.arange(x.shape[1], device=x.device)[None, :, None, None]
        return x[pictures, channels, self.rows_BR[:, None, :, None], self.columns_BR[:, None, None, :]]


def _mirrored(side: int, shift_B: Tensor) -> Tensor:
    """[B,side] indices moved by the shift; what would lie outside is mirrored at the border."""
    index = torch.arange(side, device=shift_B.device) + shift_B[:, None]
    index = index.abs()
    return torch.where(index >= side, 2 * (side - 1) - index, index)


def _stretched(x: Tensor, factor_B: Tensor, over: tuple[int, ...]) -> Tensor:
    """Differences from the mean over those dimensions, times a factor."""
    mean = x.mean(over, keepdim=True)
    return mean + factor_B[:, None, None, None] * (x - mean)
