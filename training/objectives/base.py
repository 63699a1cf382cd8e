"""What an objective is given and what it returns.

Shapes: B pictures, C channels, H rows, W columns.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Clean pictures [B,C,H,W] in [-1, 1] and their class labels [B] (None without classes)."""

    x0: Tensor
    labels: Tensor | None


@dataclass(frozen=True)
class Step:
    """What the trainer lends an objective for one step.

    student(x, sigma_B, labels, keep) is the model under training inside its scalings; calls under no_grad make it the
    target. keep is the dropout mask of this step, to be given to every call that must share it. share is the part of
    the run that is done, 0 .. 1.
    """

    student: Callable[..., Tensor]
    keep: Tensor | None
    share: float
    rng: torch.Generator

    def normal_like(self, x: Tensor) -> Tensor:
        """Standard normal noise of x's shape, from the step's own generator."""
        return torch.randn(x.shape, generator=self.rng, device=x.device)

    def normal(self, count: int, device: torch.device) -> Tensor:
        """[count] standard normal numbers."""
        return torch.randn(count, generator=self.rng, device=device)

    def uniform(self, count: int, device: torch.device) -> Tensor:
        """[count] numbers uniform on [0, 1)."""
        return torch.rand(count, generator=self.rng, device=device)


@dataclass(frozen=True)
class LossTerms:
    """per_picture [B]: the trainer takes its mean. sigma [B]: where it was measured, for the log."""

    per_picture: Tensor
    sigma: Tensor


def expand(values_B: Tensor) -> Tensor:
    """[B] as [B,1,1,1]."""
    return values_B[:, None, None, None]
