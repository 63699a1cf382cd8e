"""Random numbers of one training step: drawn for the whole batch, then cut to the part of it that is computed here.

A batch may be divided over processes, or over parts whose gradients are added up. Every picture gets the same numbers
however it is divided, so the same batch gives the same loss, up to rounding.

Shapes: B pictures in the part.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Draws:
    """Numbers for the pictures first .. last - 1 of a batch of `batch_size` pictures, on the generator's device.

    Two generators in the same state give the same numbers. Every call advances the generator.
    """

    rng: torch.Generator
    batch_size: int
    first: int = 0
    last: int | None = None  # None: to the end of the batch

    def normal(self, *shape: int) -> Tensor:
        """[B, *shape] standard normal numbers."""
        return self._cut(torch.randn(self.batch_size, *shape, generator=self.rng, device=self.rng.device))

    def uniform(self, *shape: int) -> Tensor:
        """[B, *shape] numbers, uniform on [0, 1)."""
        return self._cut(torch.rand(self.batch_size, *shape, generator=self.rng, device=self.rng.device))

    def stratified(self) -> Tensor:
        """[B] numbers by stratified sampling of [0, 1): each of n equal intervals gets one of a batch of n pictures."""
        interval = torch.randperm(self.batch_size, generator=self.rng, device=self.rng.device)
        inside = torch.rand(self.batch_size, generator=self.rng, device=self.rng.device)
        return self._cut((interval + inside) / self.batch_size).clamp(max=1 - 2**-24)

    def integers(self, high: int) -> Tensor:
        """[B] whole numbers from 0 to high - 1, all equally likely."""
        return self._cut(torch.randint(high, (self.batch_size,), generator=self.rng, device=self.rng.device))

    def _cut(self, values: Tensor) -> Tensor:
        return values[self.first : self.last]
