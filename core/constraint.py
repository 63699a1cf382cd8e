"""What is known about the answer of an edit, as a projection: the rest is the model's.

Song et al. 2023, Algorithm 4, replaces the known coefficients A y of a transform A and keeps the free ones of x. Only
the projector P = A^-1 diag(known) A enters, so no transform is ever built: P y + (I - P) x has a closed form for every
edit here.

    apply(x)             x with the known part replaced; idempotent
    project_in_range(x)  the same, and inside [-1, 1]: what a picture file can hold without changing the known part

Shapes: B pictures, C channels, H rows, W columns; pictures in model range [-1, 1].
"""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from core.errors import RequestError
from core.smooth_means import smooth_with_means

LUMA = (0.2989, 0.5870, 0.1140)  # Song et al. 2023, appendix D

Direction = tuple[float, float, float]
AXES: dict[str, Direction] = {"grey": (1.0, 1.0, 1.0), "paper": LUMA}  # along which a pixel's luminance is replaced
PROJECTION_ROUNDS = 4


class Constraint(Protocol):
    """Anything with `apply` and `project_in_range`, for pictures of one size."""

    def apply(self, x: Tensor) -> Tensor:
        """x [B,C,H,W] with the known part replaced. Applying it twice is applying it once."""

    def project_in_range(self, x: Tensor) -> Tensor:
        """x [B,C,H,W] with the known part replaced, and inside [-1, 1]."""


class Nothing:
    """No constraint: every coordinate is free (generation, strokes)."""

    def apply(self, x: Tensor) -> Tensor:
        """x itself, [B,C,H,W]."""
        return x

    def project_in_range(self, x: Tensor) -> Tensor:
        """x [B,C,H,W] cut to [-1, 1]."""
        return x.clamp(-1, 1)


class Inpaint:
    """Pixels outside the mask stay as they are in the photo."""

    def __init__(self, photo: Tensor, mask: Tensor):
        """photo [B,C,H,W]; mask [B,1,H,W] or broadcastable to the photo, 1 = to be filled, 0 = keep.

        Raises RequestError for a mask that is not of zeros and ones, or does not fit the photo. A soft mask is no
        projection: feather the paste instead (core/compose.py).
        """
        if not ((mask == 0) | (mask == 1)).all():
            raise RequestError("A mask holds only 0 (keep) and 1 (fill); soft edges belong to the paste afterwards.")
        try:
            self.fill = (mask != 0).to(photo.device).expand(photo.shape)
        except RuntimeError as error:
            shapes = f"{tuple(mask.shape)} and {tuple(photo.shape)}"
            raise RequestError(f"Mask and photo must have the same size, but are {shapes}.") from error
        self.photo = photo

    def apply(self, x: Tensor) -> Tensor:
        """[B,C,H,W]: x where the mask is 1, the photo elsewhere."""
        return torch.where(self.fill, x, self.photo)

    def project_in_range(self, x: Tensor) -> Tensor:
        """[B,C,H,W]: x cut to [-1, 1] where the mask is 1, the photo elsewhere."""
        return self.apply(x.clamp(-1, 1))


class Colorize:
    """The luminance of every pixel is known, its colour is free.

    Luma is the product with w = (0.2989, 0.5870, 0.1140). It is replaced along an axis:

    grey     (1, 1, 1): what the channels differ by is free
    paper    w: the other two axes of the paper's orthonormal transform are free (Song et al. 2023, appendix D)

    w is green: along it bright spots that the estimate has not yet come in green, dark ones in violet.
    """

    def __init__(self, photo: Tensor, axis: str = "grey"):
        """photo [B,3,H,W]: grey (three equal channels) or in colour; only its luma is used. axis: one of AXES.

        Raises RequestError for another axis.
        """
        if axis not in AXES:
            raise RequestError(f"The axis is one of {' and '.join(AXES)}.")
        self.weights, self.axis = (
            torch.tensor(values, device=photo.device)[None, :, None, None] for values in (LUMA, AXES[axis])
        )
        self.luma = self._luma(photo)

    def _luma(self, x: Tensor) -> Tensor:
        return (self.weights * x).sum(dim=1, keepdim=True)

    def apply(self, x: Tensor) -> Tensor:
        """x [B,3,H,W] moved along the axis until each pixel has the known luma."""
        return x + (self.luma - self._luma(x)) / self._luma(self.axis) * self.axis

    def project_in_range(self, x: Tensor) -> Tensor:
        """[B,3,H,W] with the known luma and inside [-1, 1].

        A pixel outside is moved towards the grey of its own luma just far enough.
        """
        grey = (self.luma / self.weights.sum()).clamp(-1, 1)
        return _shrink_towards(grey.expand_as(x), self.apply(x), dims=(1,))


class SuperResolve:
    """The mean of every factor x factor block is known: the small picture's pixel.

    What is missing from the means is added as a smooth picture (core/smooth_means.py). The paper's transform, which is
    orthonormal, adds the same to all pixels of a block, and the blocks can be seen.
    """

    def __init__(self, small: Tensor, factor: int):
        """small [B,C,H/factor,W/factor]. Raises RequestError for a factor below 1."""
        if factor < 1:
            raise RequestError(f"The factor {factor} is not possible: a picture grows by 1 or more.")
        self.factor = factor
        self.small = small

    def apply(self, x: Tensor) -> Tensor:
        """x [B,C,H,W] with the known mean in every block."""
        return x + smooth_with_means(self.small - F.avg_pool2d(x, self.factor), self.factor)

    def project_in_range(self, x: Tensor) -> Tensor:
        """[B,C,H,W] with the known block means and inside [-1, 1].

        A block that leaves the range loses contrast around its mean just far enough.
        """
        flat = self.small.repeat_interleave(self.factor, dim=-1).repeat_interleave(self.factor, dim=-2)
        return _shrink_towards(flat, self.apply(x), block=self.factor)


class Product:
    """Several constraints at once, one after the other. A later one must leave what the earlier ones have set.

    A mask and luminance do. A mask after block means does if it is constant on blocks and the photo has these means.
    """

    def __init__(self, *constraints: Constraint):
        self.constraints = constraints

    def apply(self, x: Tensor) -> Tensor:
        """x [B,C,H,W] with the known part of every constraint replaced."""
        for constraint in self.constraints:
            x = constraint.apply(x)
        return x

    def project_in_range(self, x: Tensor) -> Tensor:
        """[B,C,H,W] with all known parts, and inside [-1, 1] as nearly as a few rounds of each constraint bring it."""
        for _ in range(PROJECTION_ROUNDS):
            for constraint in self.constraints:
                x = constraint.project_in_range(x)
        return self.apply(x)


def _shrink_towards(centre: Tensor, x: Tensor, *, dims: tuple[int, ...] = (), block: int = 1) -> Tensor:
    """centre + s (x - centre) with the largest s in [0, 1] that keeps all values of a group inside [-1, 1].

    A group has one s: all of `dims`, and blocks of `block` x `block` positions.
    """
    offset = x - centre
    room = torch.where(offset > 0, 1 - centre, 1 + centre).clamp(min=0)
    scale = torch.where(offset.abs() > room, room / offset.abs().clamp(min=1e-12), torch.ones_like(offset))
    for dim in dims:
        scale = scale.amin(dim=dim, keepdim=True)
    if block > 1:
        scale = -F.max_pool2d(-scale, block)
        scale = scale.repeat_interleave(block, dim=-1).repeat_interleave(block, dim=-2)
    return centre + scale * offset
