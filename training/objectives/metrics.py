"""Distances between two pictures in a loss, one number a picture."""

from math import sqrt

from torch import Tensor


def pseudo_huber(a: Tensor, b: Tensor, *, c: float | None = None) -> Tensor:
    """sqrt(||a-b||^2 + c^2) - c over the whole picture, [B] (Song & Dhariwal 2023, section 3.3).

    c None: 0.00054 sqrt(D) with D numbers a picture. Not per value: c is made for the norm of the whole picture.
    """
    c = 0.00054 * sqrt(a[0].numel()) if c is None else c
    return ((a - b).square().sum(dim=(1, 2, 3)) + c**2).sqrt() - c
