"""How weights move: the optimiser, its rate over the run, and the clipping of gradients."""

from collections import deque
from math import sqrt
from statistics import median

import torch
from torch import nn

from training.config import OptimiserConfig
from training.sharding import gathered

MEDIAN_OF = 101  # last norms


def build_optimiser(learner: nn.Module, config: OptimiserConfig) -> torch.optim.Optimizer:
    """Adam or RAdam without weight decay (Song et al. 2023, appendix C), or AdamW, over all parameters."""
    settings = {"lr": config.rate, "betas": config.betas, "eps": config.eps}
    if config.kind == "radam":
        return torch.optim.RAdam(learner.parameters(), foreach=True, **settings)
    if config.kind == "adamw":
        return torch.optim.AdamW(learner.parameters(), fused=True, weight_decay=config.weight_decay, **settings)
    return torch.optim.Adam(learner.parameters(), fused=True, **settings)


def rate_at(seen: int, kimg: float, config: OptimiserConfig) -> float:
    """The learning rate after `seen` pictures: a ramp, a plateau, a straight line to 0 at the end of the run.

    With root_after_kimg the plateau ends there and falls as rate / sqrt(seen / 1000 root_after_kimg), as EDM2's.
    """
    ramp = min((seen + 1) / (1000 * config.ramp_kimg), 1.0) if config.ramp_kimg > 0 else 1.0
    share = min(seen / (1000 * kimg), 1.0)
    decay = (1 - share) / (1 - config.decay_from) if share > config.decay_from else 1.0
    past = seen / (1000 * config.root_after_kimg) if config.root_after_kimg > 0 else 1.0
    return config.rate * ramp * decay / sqrt(max(past, 1.0))


class Clipper:
    """Shortens gradients that are longer than a fixed norm, or than a multiple of the last norms' median."""

    def __init__(self, config: OptimiserConfig):
        self.config = config
        self.recent: deque[float] = deque(maxlen=MEDIAN_OF)

    def clip(self, network: nn.Module) -> float:
        """Clips in place and returns the norm before."""
        parameters = [p for p in network.parameters() if p.grad is not None]
        norm = gathered(torch.nn.utils.get_total_norm([p.grad for p in parameters]))
        limit = self._limit()
        value = float(norm)
        if limit is not None:
            torch.nn.utils.clip_grads_with_norm_(parameters, limit, norm)
        if value == value and value != float("inf"):
            self.recent.append(value)
        return value

    def _limit(self) -> float | None:
        limits = [self.config.clip_norm] if self.config.clip_norm > 0 else []
        if self.config.clip_median > 0 and len(self.recent) >= 10:
            limits.append(self.config.clip_median * median(self.recent))
        return min(limits, default=None)
