"""Random numbers of one step: drawn for the whole batch, cut to the part of it that is worked on here.

However a batch is divided, over processes or over accumulated parts, every picture gets the same numbers: the same
global batch gives the same loss, up to rounding.

Shapes: B pictures of the part.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Draws:
    """Numbers for the pictures first .. last - 1 of a batch of `whole`. Equal generators give equal numbers."""

    rng: torch.Generator
    whole: int
    first: int = 0
    last: int | None = None  # None: to the end of the batch

    def normal(self, *shape: int) -> Tensor:
        """[B, *shape] standard normal numbers."""
        return self._cut(torch.randn(self.whole, *shape, generator=self.rng, device=self.rng.device))

    def uniform(self, *shape: int) -> Tensor:
        """[B, *shape] numbers uniform on [0, 1)."""
        return self._cut(torch.rand(self.whole, *shape, generator=self.rng, device=self.rng.device))

    def spread(self) -> Tensor:
        """[B] numbers on [0, 1), uniform but evenly spread: in a whole batch of n, one in each of n equal parts."""
        order = torch.randperm(self.whole, generator=self.rng, device=self.rng.device)
        inside = torch.rand(self.whole, generator=self.rng, device=self.rng.device)
        return self._cut((order + inside) / self.whole).clamp(max=1 - 2**-24)

    def integers(self, high: int) -> Tensor:
        """[B] whole numbers 0 .. high - 1, each as likely."""
        return self._cut(torch.randint(high, (self.whole,), generator=self.rng, device=self.rng.device))

    def _cut(self, values: Tensor) -> Tensor:
        return values[self.first : self.last]
