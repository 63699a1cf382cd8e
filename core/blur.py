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
PROJECTION_ROUNDS = 6
RELAXATION = 1.8  # of each round, below 2: six such rounds end nearer than eight of plain alternating projections
HALF_LEVEL = 1 / 255  # half a level of 8 bits, in model range
REBLUR = 1.0  # pixels, of the blur that edges are measured with
EDGES = 0.02  # the share of pixels with the strongest slopes, which are taken as edges
SHARP = 0.5  # the share of edges that are sharper than the blur that is told: soft edges may be soft in truth
SLOPE_VARIANCE = 1 / 3  # pixels^2, what a slope between neighbours two pixels apart adds to the width of an edge
LARGEST = 8.0  # pixels


class Deblur:
    """A constraint: every cosine that the blur left at the share KEPT or more is known, as strong as it was before.

    All of these are among the lowest h x w of the H x W cosines, so the others are never computed. `known` [h,w] says
    which of the lowest ones are known, `sharp` [B,C,h,w] how strong they were.
    """

    def __init__(self, blurred: Tensor, blur: float):
        """blurred [B,C,H,W]. Raises RequestError for a blur that is not above 0."""
        if not 0 < blur < float("inf"):
            raise RequestError(f"A blur of {blur:g} pixels is not possible: it is above 0.")
        gain_HW = gains(blurred.shape[-2], blurred.shape[-1], blur, blurred.device)
        rows, columns = (int((gain >= KEPT).sum()) for gain in (gain_HW[:, 0], gain_HW[0]))
        gain_hw = gain_HW[:rows, :columns]
        self.known = gain_hw >= KEPT
        self.sharp = torch.where(self.known, cosines(blurred, rows, columns) / gain_hw.clamp(min=KEPT), 0.0)

    def apply(self, x: Tensor) -> Tensor:
        """[B,C,H,W] with the known cosines of x replaced by those of the sharp picture."""
        missing = torch.where(self.known, self.sharp - cosines(x, *self.known.shape), 0.0)
        return x + from_cosines(missing, x.shape[-2], x.shape[-1])

    def project_in_range(self, x: Tensor) -> Tensor:
        """[B,C,H,W] that is inside [-1, 1] and has the known cosines nearly as exactly as 8 bits hold them.

        Over-relaxed alternating projections (Gubin, Polyak & Raik 1967): each round moves every pixel that is out of
        range RELAXATION times as far as the border of the range, then restores the known cosines. With any factor
        below 2 the rounds lead to a picture that satisfies both, if there is one. They end when no pixel is out of
        range by more than half a level, at the latest after PROJECTION_ROUNDS.
        """
        x = self.apply(x)
        for _ in range(PROJECTION_ROUNDS):
            beyond = x.clamp(-1, 1) - x
            if float(beyond.abs().max()) <= HALF_LEVEL:
                break
            x = self.apply(x.add_(beyond, alpha=RELAXATION))
        return x.clamp(-1, 1)


def blurred(x: Tensor, blur: float) -> Tensor:
    """Pictures [B,C,H,W] after a Gaussian blur, mirrored at the borders."""
    return from_cosines(gains(x.shape[-2], x.shape[-1], blur, x.device) * cosines(x))


def gains(rows: int, columns: int, blur: float, device: torch.device | str = "cpu") -> Tensor:
    """The factor [H,W], 0 to 1, by which a blur multiplies each cosine."""
    down, across = (torch.exp(-((blur * pi / n * torch.arange(n, device=device)) ** 2) / 2) for n in (rows, columns))
    return down[:, None] * across


def cosines(x: Tensor, rows: int | None = None, columns: int | None = None) -> Tensor:
    """The orthonormal DCT-II of pictures [B,C,H,W]: all of it, or its lowest [B,C,rows,columns]."""
    return _forward(_forward(x, columns or x.shape[-1]).mT, rows or x.shape[-2]).mT


def from_cosines(c: Tensor, rows: int | None = None, columns: int | None = None) -> Tensor:
    """Pictures [B,C,rows,columns], by default [B,C,h,w], of their lowest cosines [B,C,h,w]; the others are 0."""
    return _backward(_backward(c.mT, rows or c.shape[-2]).mT, columns or c.shape[-1])


def _forward(x: Tensor, count: int) -> Tensor:
    """The first `count` cosines [..., count] along the last axis [..., n], by one real Fourier transform of length n.

    Even positions come first, odd ones backwards (Makhoul 1980). Cosine k is a real part of the turned spectrum, cosine
    n - k the negative imaginary part at the same place.
    """
    n = x.shape[-1]
    turn, scale = _turns(n, x.device)
    spectrum = torch.fft.rfft(torch.cat([x[..., ::2], x[..., 1::2].flip(-1)], -1))[..., :count]
    half = spectrum.shape[-1]
    spectrum = spectrum * turn[:half]
    upper = -spectrum.imag[..., n - count + 1 : n - half + 1].flip(-1)
    return torch.cat([spectrum.real, upper], -1) * scale[:count]


def _backward(c: Tensor, n: int) -> Tensor:
    """Values [..., n] of their first cosines [..., m], m <= n."""
    turn, scale = _turns(n, c.device)
    spectrum = c / scale[: c.shape[-1]]
    if c.shape[-1] > (n + 1) // 2:  # else cosine n - k is 0 for every k of the half spectrum
        spectrum = F.pad(spectrum, (0, n - c.shape[-1]))
        upper = F.pad(spectrum[..., (n + 1) // 2 :].flip(-1), (1, 0))
        spectrum = torch.complex(spectrum[..., : n // 2 + 1], -upper)
    v = torch.fft.irfft(spectrum * turn[: spectrum.shape[-1]].conj(), n)
    x = torch.empty_like(v)
    x[..., ::2], x[..., 1::2] = v[..., : (n + 1) // 2], v[..., (n + 1) // 2 :].flip(-1)
    return x


def _turns(n: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """exp(-i pi k / 2n) of the half spectrum, [n // 2 + 1], and what makes the transform orthonormal, [n]."""
    half = torch.arange(n // 2 + 1, device=device)
    scale = torch.full((n,), sqrt(2 / n), device=device)
    scale[0] = sqrt(1 / n)
    return torch.polar(torch.ones(len(half), device=device), -pi * half / (2 * n)), scale


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
