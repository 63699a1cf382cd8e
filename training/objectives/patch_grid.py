"""A loss for the grid that a network of patches leaves in its pictures.

A network that makes patches of 4x4 pixels can put the same faint pattern into all of them. Photographs have no such
pattern: the mean of their fine details over many patches is nearly 0. So fine details are averaged over the patches of
a block, and the mean square of this average is the strength of the pattern. For details of variance v that do not
repeat it is about v divided by the number of patches in a block.

Shapes: B pictures, C channels, R side.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

BLOCK = 8  # patches along each side of a block
BINOMIAL = (0.25, 0.5, 0.25)  # weights of the blur, along rows and columns


def pattern_strength(x: Tensor, patch: int) -> Tensor:
    """[B] the mean square of the pattern that repeats with every patch in pictures [B,C,R,R].

    patch: pixels along each side of a patch. Rows and columns beyond the last whole block of 8x8 patches are left out;
    a picture smaller than a block is one block.
    """
    details = fine_details(x)
    side = x.shape[-1] // patch
    across = min(BLOCK, side)
    blocks, used = side // across, side // across * across * patch
    cells = details[..., :used, :used].unflatten(-1, (blocks, across, patch)).unflatten(-4, (blocks, across, patch))
    pattern = cells.mean(dim=(-5, -2))
    return pattern.square().mean(dim=tuple(range(1, pattern.dim())))


def fine_details(x: Tensor) -> Tensor:
    """Pictures [B,C,R,R] minus their blur by a binomial filter of 3x3 pixels: about 0 where colours change evenly."""
    line = torch.tensor(BINOMIAL, device=x.device, dtype=x.dtype)
    channels = x.shape[1]
    kernel = (line[:, None] * line).expand(channels, 1, 3, 3)
    return x - F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), kernel, groups=channels)
