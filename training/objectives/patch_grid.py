"""The grid that a network of patches leaves in its pictures, as a loss.

A network that makes patches of 4x4 pixels can lay the same faint pattern on all of them. Photographs have no such
pattern: over many patches their details average out. So fine details are averaged over the patches of a block, and the
square of what is left is how strong the pattern is. For details of variance v without a pattern it is about v divided
by the number of patches in a block.

Shapes: B pictures, C channels, R side.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

BLOCK = 8  # patches, rows and columns of a block
BINOMIAL = (0.25, 0.5, 0.25)


def pattern_strength(x: Tensor, patch: int) -> Tensor:
    """[B] mean square of the pattern that repeats with every patch in pictures [B,C,R,R].

    Rows and columns that do not fill a block of 8 patches are left out; pictures smaller than a block are one block.
    """
    details = fine_details(x)
    side = x.shape[-1] // patch
    across = min(BLOCK, side)
    blocks, used = side // across, side // across * across * patch
    cells = details[..., :used, :used].unflatten(-1, (blocks, across, patch)).unflatten(-4, (blocks, across, patch))
    pattern = cells.mean(dim=(-5, -2))
    return pattern.square().mean(dim=tuple(range(1, pattern.dim())))


def fine_details(x: Tensor) -> Tensor:
    """Pictures less themselves blurred by a binomial filter of 3x3; even shading leaves nothing."""
    line = torch.tensor(BINOMIAL, device=x.device, dtype=x.dtype)
    channels = x.shape[1]
    kernel = (line[:, None] * line).expand(channels, 1, 3, 3)
    return x - F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), kernel, groups=channels)
