"""Gaussian blur: made, taken back as far as it can be, and measured.

A picture that goes on mirrored beyond its borders is a sum of cosines (the discrete cosine transform, DCT-II), and a
blur multiplies each of them: exp(-(blur w)^2 / 2) with w = pi k / N in radians a pixel. So what a blur kept and what it
lost are different coordinates, and to hold what it kept is a projection.

Shapes: B pictures, C channels, H rows, W columns. blur is the standard deviation in pixels.
"""

from math import pi, sqrt

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.errors import RequestError

KEPT = 0.3  # a cosine is known if the blur left it at least this share: what 8 bits cut off grows by its inverse
PROJECTION_ROUNDS = 8
REBLUR = 1.0  # pixels, of the blur that edges are measured with
EDGES = 0.02  # the share of pixels with the strongest slopes, which are taken as edges
SHARP = 0.5  # the share of edges that are sharper than the blur that is told: soft edges may be soft in truth
SLOPE_VARIANCE = 1 / 3  # pixels^2, what a slope between neighbours two pixels apart adds to the width of an edge
LARGEST = 8.0  # pixels


class Deblur:
    """A constraint: every cosine that the blur left at the share KEPT or more is known, as strong as it was before."""

    def __init__(self, blurred: Tensor, blur: float):
        """blurred [B,C,H,W]. Raises RequestError for a blur that is not above 0."""
        if not 0 < blur < float("inf"):
            raise RequestError(f"A blur of {blur:g} pixels is not possible: it is above 0.")
        gain_HW = gains(blurred.shape[-2], blurred.shape[-1], blur, blurred.device)
        self.known = gain_HW >= KEPT
        self.sharp = torch.where(self.known, cosines(blurred) / gain_HW.clamp(min=KEPT), 0.0)

    def apply(self, x: Tensor) -> Tensor:
        """[B,C,H,W] with the known cosines of x replaced by those of the sharp picture."""
        return from_cosines(torch.where(self.known, self.sharp, cosines(x)))

    def project_in_range(self, x: Tensor) -> Tensor:
        """[B,C,H,W] that is inside [-1, 1] and has the known cosines nearly as exactly as 8 bits hold them.

        Projects on the known part and on the range in turns, on the range last.
        """
        x = self.apply(x)
        for _ in range(PROJECTION_ROUNDS):
            x = self.apply(x.clamp(-1, 1))
        return x.clamp(-1, 1)


def blurred(x: Tensor, blur: float) -> Tensor:
    """Pictures [B,C,H,W] after a Gaussian blur, mirrored at the borders."""
    return from_cosines(gains(x.shape[-2], x.shape[-1], blur, x.device) * cosines(x))


def gains(rows: int, columns: int, blur: float, device: torch.device | str = "cpu") -> Tensor:
    """The factor [H,W], 0 to 1, by which a blur multiplies each cosine."""
    down, across = (torch.exp(-((blur * pi / n * torch.arange(n, device=device)) ** 2) / 2) for n in (rows, columns))
    return down[:, None] * across


def cosines(x: Tensor) -> Tensor:
    """The orthonormal DCT-II of pictures [B,C,H,W] along rows and columns, [B,C,H,W]."""
    return _forward(_forward(x).mT).mT


def from_cosines(c: Tensor) -> Tensor:
    """The pictures [B,C,H,W] that have these cosines [B,C,H,W]: the inverse of `cosines`."""
    return _backward(_backward(c).mT).mT


def _forward(x: Tensor) -> Tensor:
    """Along the last axis by one Fourier transform of its length, even places first (Makhoul 1980)."""
    n = x.shape[-1]
    turn, scale = _turns(n, x.device)
    return (torch.fft.fft(torch.cat([x[..., ::2], x[..., 1::2].flip(-1)], -1)) * turn).real * scale


def _backward(c: Tensor) -> Tensor:
    n = c.shape[-1]
    turn, scale = _turns(n, c.device)
    c = c / scale
    mirrored = F.pad(c[..., 1:].flip(-1), (1, 0))
    v = torch.fft.ifft(torch.complex(c, -mirrored) * turn.conj()).real
    x = torch.empty_like(v)
    x[..., ::2], x[..., 1::2] = v[..., : (n + 1) // 2], v[..., (n + 1) // 2 :].flip(-1)
    return x


def _turns(n: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """exp(-i pi k / 2n), and what makes the transform orthonormal, [n] each."""
    k = torch.arange(n, device=device)
    scale = torch.full((n,), sqrt(2 / n), device=device)
    scale[0] = sqrt(1 / n)
    return torch.polar(torch.ones(n, device=device), -pi * k / (2 * n)), scale


def estimate_blur(picture: np.ndarray) -> float:
    """The blur of a photo [H,W,3] uint8 in pixels, 0 to 8 (Zhuo & Sim 2011).

    A step edge that was blurred by s pixels and is blurred by r more loses slope by the factor s / sqrt(s^2 + r^2),
    whatever its height. The estimate is right to a fifth for photographs blurred by 1 to 4 pixels. A sharp photo has 0
    to 0.4, a photo without edges 0.
    """
    grey = torch.from_numpy(np.array(picture)).float().mean(2)[None, None]
    if min(grey.shape[-2:]) < 8:
        return 0.0
    slope, softer = _slopes(grey), _slopes(_convolved(grey, REBLUR))
    count = max(int(EDGES * slope.numel()), 8)
    edges = slope.flatten().topk(count).indices
    steep, ratio = slope.flatten()[edges], (slope / softer.clamp(min=1e-6)).flatten()[edges]
    usable = ratio[(ratio > 1) & (steep > 1)]
    if not len(usable):
        return 0.0
    variances = REBLUR**2 / (usable.square() - 1) - SLOPE_VARIANCE
    return float(torch.quantile(variances.clamp(min=0).sqrt(), SHARP).clamp(0, LARGEST))


def _slopes(grey: Tensor) -> Tensor:
    """Length of the gradient, [1,1,H-2,W-2]."""
    across = grey[..., 1:-1, 2:] - grey[..., 1:-1, :-2]
    down = grey[..., 2:, 1:-1] - grey[..., :-2, 1:-1]
    return torch.hypot(across, down) / 2


def _convolved(grey: Tensor, blur: float) -> Tensor:
    """A blur by a short kernel, which is all that an estimate needs."""
    reach = int(4 * blur) + 1
    line = torch.exp(-((torch.arange(-reach, reach + 1) / blur) ** 2) / 2)
    line = line / line.sum()
    grey = F.conv2d(F.pad(grey, (reach, reach, 0, 0), mode="replicate"), line.reshape(1, 1, 1, -1))
    return F.conv2d(F.pad(grey, (0, 0, reach, reach), mode="replicate"), line.reshape(1, 1, -1, 1))
