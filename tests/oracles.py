"""Closed forms to test against: data whose exact denoiser and exact consistency function are known.

Gaussian data N(m, s^2): the probability flow scales x - m with sqrt(s^2 + sigma^2).
Mixtures in one dimension: the flow keeps quantiles.
Mixtures in the plane: the flow is integrated, as nothing keeps the two numbers of a point apart.
"""

from dataclasses import dataclass
from math import erf, sqrt

import torch
from torch import Tensor

SIGMA_MIN = 0.002
FLOW_STEPS = 40  # where a flow is integrated


def _column(sigma: Tensor | float, x: Tensor) -> Tensor:
    """sigma, one level or [B], beside x [B,C,H,W]."""
    return torch.as_tensor(sigma, dtype=x.dtype).reshape(-1, *[1] * (x.ndim - 1))


@dataclass(frozen=True)
class Gaussian:
    """Pictures whose values are independent, of mean m and standard deviation s."""

    m: float = 0.3
    s: float = 0.4

    def pictures(self, count: int, shape=(3, 8, 8), seed: int = 0) -> Tensor:
        rng = torch.Generator().manual_seed(seed)
        return self.m + self.s * torch.randn(count, *shape, generator=rng)

    def denoiser(self, x: Tensor, sigma, labels=None, keep=None) -> Tensor:
        """The posterior mean of the clean picture."""
        variance = _column(sigma, x).square() + self.s**2
        return self.m + (x - self.m) * self.s**2 / variance

    def jump(self, x: Tensor, sigma, lower=SIGMA_MIN) -> Tensor:
        """The probability flow from sigma down to `lower`."""
        return self.m + (x - self.m) * ((self.s**2 + lower**2) / (self.s**2 + _column(sigma, x).square())).sqrt()

    def consistency(self, x: Tensor, sigma, labels=None, keep=None) -> Tensor:
        """The exact consistency function: the flow down to sigma_min."""
        return self.jump(x, sigma)


@dataclass(frozen=True)
class Modes:
    """Pictures whose rows are independent points, each of one of K Gaussians with one standard deviation s.

    Shapes: K modes, d numbers of a point; points are [...,d], pictures [B,C,H,W] with W a multiple of d.
    """

    w: tuple[float, ...]  # K weights
    m: tuple  # K means, each a number or d of them
    s: float

    def pictures(self, count: int, shape=(3, 8, 8), seed: int = 0) -> Tensor:
        rng = torch.Generator().manual_seed(seed)
        means_Kd = self._means(torch.float32)
        drawn = torch.rand(count, *shape[:-1], shape[-1] // means_Kd.shape[1], generator=rng)
        mode = torch.bucketize(drawn, torch.tensor(self.w).cumsum(0)[:-1], right=True)
        return means_Kd[mode].flatten(-2) + self.s * torch.randn(count, *shape, generator=rng)

    def denoiser(self, x: Tensor, sigma, labels=None, keep=None) -> Tensor:
        """The posterior mean of the clean picture: of mode k alone it is m_k + (x - m_k) s^2 / (s^2 + sigma^2)."""
        kept = self.s**2 / (self.s**2 + _column(sigma, x).square())
        return kept * x + (1 - kept) * (self._shares(x, sigma) @ self._means(x.dtype)).flatten(-2)

    def variance_left(self, x: Tensor, sigma) -> Tensor:
        """The posterior variance of the clean picture, as the mean over all values."""
        shares, means_Kd = self._shares(x, sigma), self._means(x.dtype)
        kept = self.s**2 / (self.s**2 + _column(sigma, shares).square())
        between = (shares @ means_Kd.square() - (shares @ means_Kd).square()) * (1 - kept) ** 2
        return (between + self.s**2 * (1 - kept)).mean()

    def _shares(self, x: Tensor, sigma) -> Tensor:
        """How likely each mode is the one that a point comes from, [...,K]."""
        means_Kd = self._means(x.dtype)
        points = x.unflatten(-1, (-1, means_Kd.shape[1]))
        variance = self.s**2 + _column(sigma, points).square()
        weights_K = torch.tensor(self.w, dtype=x.dtype)
        return (weights_K.log() + (points @ means_Kd.T - means_Kd.square().sum(1) / 2) / variance).softmax(dim=-1)

    def _means(self, dtype: torch.dtype) -> Tensor:
        return torch.tensor(self.m, dtype=dtype).reshape(len(self.m), -1)


@dataclass(frozen=True)
class Mixture(Modes):
    """Numbers of Gaussians, by default of two."""

    w: tuple[float, ...] = (0.3, 0.7)
    m: tuple[float, ...] = (-0.6, 0.4)
    s: float = 0.1

    def consistency(self, x: Tensor, sigma, labels=None, keep=None) -> Tensor:
        """Equal quantiles, found by bisection."""
        x = x.double()
        share = self.cdf(x, sigma)
        low, high = torch.full_like(x, -1000.0), torch.full_like(x, 1000.0)
        for _ in range(80):
            middle = (low + high) / 2
            below = self.cdf(middle, SIGMA_MIN) < share
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return ((low + high) / 2).float()

    def cdf(self, x: Tensor, sigma) -> Tensor:
        spread = (2 * (self.s**2 + _column(sigma, x).square())).sqrt()
        return sum(w * 0.5 * torch.special.erfc(-(x - m) / spread) for w, m in zip(self.w, self.m))

    def share_below(self, value: float) -> float:
        """Part of the clean data below a value."""
        return sum(w * 0.5 * (1 + erf((value - m) / (self.s * sqrt(2)))) for w, m in zip(self.w, self.m))


@dataclass(frozen=True)
class Plane(Modes):
    """Points of three Gaussians in the plane, a corner each: what one number of a point is depends on the other."""

    w: tuple[float, ...] = (0.3, 0.5, 0.2)
    m: tuple[tuple[float, float], ...] = ((-0.6, -0.3), (0.5, -0.4), (0.1, 0.6))
    s: float = 0.15

    def consistency(self, x: Tensor, sigma, labels=None, keep=None) -> Tensor:
        """The flow down to SIGMA_MIN by Runge and Kutta's fourth order, even in u = sigma^(1/7)."""
        y, low = x.double(), SIGMA_MIN ** (1 / 7)
        high = _column(sigma, y) ** (1 / 7)
        step = (low - high) / FLOW_STEPS

        def slope(y: Tensor, u: Tensor) -> Tensor:
            return 7 * (y - self.denoiser(y, u**7)) / u

        for n in range(FLOW_STEPS):
            u = high + n * step
            k1 = slope(y, u)
            k2 = slope(y + step / 2 * k1, u + step / 2)
            k3 = slope(y + step / 2 * k2, u + step / 2)
            y = y + step / 6 * (k1 + 2 * k2 + 2 * k3 + slope(y + step * k3, u + step))
        return y.float()
