"""How weights move: the optimiser, its rate over the run, and the clipping of gradients.

A run has one `Mover` for its student and, if its objective has a critic, one for that.
"""

from collections import deque
from math import sqrt
from statistics import median
from sys import float_info
from typing import Any

import torch
from torch import nn

from core.json_values import is_number
from training.config import OptimiserConfig
from training.loop.sharding import gathered, load_optimiser

MEDIAN_OF = 101  # last norms


def build_optimiser(module: nn.Module, config: OptimiserConfig) -> torch.optim.Optimizer:
    """Adam or RAdam without weight decay (Song et al. 2023, appendix C), or AdamW, over all that is trained."""
    settings: dict[str, Any] = {"lr": config.rate, "betas": config.betas, "eps": config.eps}
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    if config.kind == "radam":
        return torch.optim.RAdam(parameters, foreach=True, **settings)
    if config.kind == "adamw":
        return torch.optim.AdamW(parameters, fused=True, weight_decay=config.weight_decay, **settings)
    return torch.optim.Adam(parameters, fused=True, **settings)


def rate_at(seen: float, kimg: float, config: OptimiserConfig) -> float:
    """The learning rate after `seen` pictures of a run of `kimg` thousands: a rise, a plateau, a straight line to 0.

    With root_after_kimg the plateau ends there and the rate falls as rate / sqrt(seen / (1000 root_after_kimg)), like
    EDM2's.
    """
    ramp = min((seen + 1) / (1000 * config.ramp_kimg), 1.0) if config.ramp_kimg > 0 else 1.0
    progress = min(seen / (1000 * kimg), 1.0)
    decay = (1 - progress) / (1 - config.decay_from) if progress > config.decay_from else 1.0
    past = seen / (1000 * config.root_after_kimg) if config.root_after_kimg > 0 else 1.0
    return config.rate * ramp * decay / sqrt(max(past, 1.0))


class Clipper:
    """Shortens gradients that are longer than a fixed norm, or than a multiple of the median of the last norms."""

    def __init__(self, config: OptimiserConfig):
        self.config = config
        self.recent: deque[float] = deque(maxlen=MEDIAN_OF)

    def clip(self, network: nn.Module) -> float:
        """Clip the gradients of the network in place. Returns their norm before."""
        parameters = [p for p in network.parameters() if p.grad is not None]
        norm = gathered(torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None]))
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


class Mover:
    """One module's optimiser, its rate and its clipping."""

    def __init__(self, module: nn.Module, config: OptimiserConfig):
        self.module, self.config = module, config
        self.optimiser = build_optimiser(module, config)
        self.clipper = Clipper(config)

    def set_rate(self, seen: float, kimg: float) -> float:
        """The rate after `seen` pictures of a run of `kimg`. Returns it."""
        rate = rate_at(seen, kimg, self.config)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        return rate

    def clip(self, scaler: torch.amp.GradScaler) -> float:
        """Takes the scaler's factor out of the gradients and clips them. Returns their norm before."""
        scaler.unscale_(self.optimiser)
        return self.clipper.clip(self.module)

    def restart(self) -> None:
        """The optimiser as new."""
        self.optimiser = build_optimiser(self.module, self.config)

    def state(self) -> dict:
        """What changes during a run, besides the weights."""
        return {"optimiser": self.optimiser.state_dict(), "recent_norms": list(self.clipper.recent)}

    def load(self, state: dict) -> None:
        """Take a state that `state` gave. Raises ValueError, LookupError, TypeError or AttributeError for others."""
        load_optimiser(self.optimiser, state["optimiser"])
        norms = state["recent_norms"]
        if not all(is_number(norm, 0, float_info.max) for norm in norms):
            raise ValueError("The last norms of the gradient are no numbers.")
        self.clipper.recent.extend(norms)
