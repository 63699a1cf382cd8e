"""Dabs of colour on a grey photograph: the luminance of every pixel is known, and the mean colour under each dab.

Means and not pixels, so that what the model knows of the object's shading stays. What brings a mean to its value is
not added under the dab alone but also, fading, to what is like its place (a guided filter: He, Sun, Tang 2010, "Guided
Image Filtering"): the model then meets a coloured object, not a blot, and takes the colour further by itself.

    x + sum_k weight_k (target_k - mean_k(x))        weight_k is 1 under dab k and 0 under every other

is a projection, though not an orthogonal one: idempotent, and the means are exact. The targets have no luminance, so it
commutes with `Colorize`. Shapes: B pictures, K dabs, H rows, W columns; colours in model range [-1, 1].
"""

from collections.abc import Iterator

import cv2
import numpy as np
import torch
from torch import Tensor

from core.constraint import Colorize

SPREAD = 1 / 10  # of the side: how far a dab reaches in an even area
SAME_LUMINANCE = 0.25  # in model range: how different what a dab reaches may be
LEVELS = 15  # of a channel, that tell one dab's colour from another's
MAX_DABS = 64  # the largest ones count


class Dabs:
    """A constraint: the luminance of every pixel is known, and the mean colour under each dab."""

    def __init__(self, known: Colorize, dabs: Tensor, weights: Tensor, colours: Tensor):
        """dabs [K,H,W] of 0 and 1, weights [K,H,W], colours [K,3], whose luminance does not matter."""
        self.known, self.weights = known, weights
        self.within = dabs / dabs.sum((1, 2), keepdim=True)
        self.targets = colours - self._luma(colours[None, :, :, None].transpose(1, 2))[0, 0]

    def _luma(self, x: Tensor) -> Tensor:
        return (self.known.weights * x).sum(dim=1, keepdim=True) / self.known.weights.sum()

    def means(self, x: Tensor) -> Tensor:
        """The mean colour under each dab, without its luminance, [B,K,3]."""
        return torch.einsum("bchw,khw->bkc", x - self._luma(x), self.within)

    def apply(self, x: Tensor) -> Tensor:
        """x [B,3,H,W] with the known luma, and the known mean colour under each dab."""
        x = self.known.apply(x)
        return x + torch.einsum("bkc,khw->bchw", self.targets - self.means(x), self.weights)

    def project_in_range(self, x: Tensor) -> Tensor:
        """[B,3,H,W] with the known luma and inside [-1, 1].

        Where a colour does not fit the luminance into that range, the luminance stays and the colour gives way.
        """
        return self.known.project_in_range(self.apply(x))


def dabs_of(known: Colorize, layer: np.ndarray) -> Dabs | None:
    """The dabs [H,W,4] (0..1, colour times alpha) over one grey photo; None where nothing is half covered."""
    found = sorted(_dabs(layer), key=lambda dab: -dab.sum())[:MAX_DABS]
    if not found:
        return None
    luma = (known.luma[0, 0] / known.weights.sum()).cpu().numpy()
    dabs = np.stack(found)
    tensors = (
        dabs,
        _blend_weights(dabs, luma),
        np.stack([layer[dab, :3].sum(0) / layer[dab, 3].sum() for dab in found]),
    )
    inside, weights, colours = (torch.from_numpy(each.astype(np.float32)).to(known.luma.device) for each in tensors)
    return Dabs(known, inside, weights, 2 * colours - 1)


def _dabs(layer: np.ndarray) -> Iterator[np.ndarray]:
    """[H,W] of bool for each area of one colour that hangs together."""
    covered = layer[..., 3] >= 0.5
    colour = np.round(LEVELS * layer[..., :3] / np.maximum(layer[..., 3:], 0.5)).astype(np.int32)
    names = colour @ np.array([(LEVELS + 1) ** 2, LEVELS + 1, 1], np.int32)
    for name in np.unique(names[covered]):
        count, labels = cv2.connectedComponents((covered & (names == name)).astype(np.uint8))
        yield from (labels == k for k in range(1, count))


def _blend_weights(dabs: np.ndarray, luma: np.ndarray) -> np.ndarray:
    """How far each dab [K,H,W] reaches, [K,H,W] in 0..1: 1 under itself, 0 under the others, at most 1 together."""
    radius = max(round(SPREAD * len(luma)), 1)
    reach = np.stack([(2 * guided(dab.astype(np.float32), luma, radius)).clip(0, 1) for dab in dabs])
    return np.where(dabs.any(axis=0), dabs, reach / np.maximum(reach.sum(axis=0), 1))


def guided(values: np.ndarray, guide: np.ndarray, radius: int) -> np.ndarray:
    """`values` [H,W] smoothed in windows, except across edges of the guide."""

    def mean(x: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(x.astype(np.float32), -1, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT)

    centre_g, centre_v = mean(guide), mean(values)
    slope = (mean(guide * values) - centre_g * centre_v) / (mean(guide * guide) - centre_g**2 + SAME_LUMINANCE**2 / 10)
    return mean(slope) * guide + mean(centre_v - slope * centre_g)
