"""Closed forms to test against: data whose exact denoiser and exact consistency function are known.

Gaussian data N(m, s^2): the probability flow scales x - m with sqrt(s^2 + sigma^2).
Mixtures of two Gaussians in one dimension: the flow keeps quantiles.
"""

from dataclasses import dataclass
from math import erf, sqrt

import torch
from torch import Tensor

SIGMA_MIN = 0.002


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
class Mixture:
    """Numbers of two Gaussians, with weights w, means m and one standard deviation s."""

    w: tuple[float, float] = (0.3, 0.7)
    m: tuple[float, float] = (-0.6, 0.4)
    s: float = 0.1

    def pictures(self, count: int, shape=(3, 8, 8), seed: int = 0) -> Tensor:
        rng = torch.Generator().manual_seed(seed)
        second = torch.rand(count, *shape, generator=rng) >= self.w[0]
        means = torch.tensor(self.m)[second.long()]
        return means + self.s * torch.randn(count, *shape, generator=rng)

    def denoiser(self, x: Tensor, sigma, labels=None, keep=None) -> Tensor:
        variance = self.s**2 + _column(sigma, x).square()
        means, weights = torch.tensor(self.m, dtype=x.dtype), torch.tensor(self.w, dtype=x.dtype)
        offset = x[..., None] - means
        share = (weights.log() - offset.square() / (2 * variance[..., None])).softmax(dim=-1)
        return (share * (means + offset * self.s**2 / variance[..., None])).sum(-1)

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
