"""Averages of the weights over the run.

Power functions (Karras et al. 2023, section 3.1): at step k the average moves by 1 - beta with
beta = (1 - 1/k)^(gamma + 1). Its memory is a fixed share of the steps so far, so there is no start-up bias and nothing
to tune to the length of the run. sigma_rel, the width of that memory relative to the run, fixes gamma.

Half-lives (the consistency papers): beta = 0.5^(pictures of a step / half-life).
"""

from math import sqrt

import torch
from torch import Tensor, nn

from training.loop.sharding import cut_like


def exponent_of(sigma_rel: float) -> float:
    """gamma with sigma_rel = sqrt((gamma+1) / ((gamma+2)^2 (gamma+3))): 16.97 for 0.05, 6.94 for 0.10."""
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        width = sqrt((middle + 1) / ((middle + 2) ** 2 * (middle + 3)))
        low, high = (middle, high) if width > sigma_rel else (low, middle)
    return low


class Ema:
    """A copy of a network's weights whose parameters follow the network's; the children say how fast.

    Buffers are copied once, at the start: training does not change them.
    """

    def __init__(self, network: nn.Module):
        self.weights = {name: value.detach().clone() for name, value in network.state_dict().items()}

    def beta(self, step: int) -> float:
        """The weight, 0 to 1, of the average itself at optimiser step `step`, of which 1 is the first.

        The children define it; here it raises NotImplementedError.
        """
        raise NotImplementedError

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Follow the network after optimiser step `step`."""
        parameters = dict(network.named_parameters())
        own = [self.weights[name] for name in parameters]
        torch._foreach_lerp_(own, [value.detach() for value in parameters.values()], 1 - self.beta(step))

    def load(self, weights: dict[str, Tensor]) -> None:
        """Take whole tensors by name, each of its weight's shape [...]. Raises LookupError or ValueError for others."""
        for name, own in self.weights.items():
            own.copy_(cut_like(own, weights[name]))


class PowerEma(Ema):
    """Memory as a share of the run."""

    def __init__(self, network: nn.Module, sigma_rel: float):
        super().__init__(network)
        self.exponent = exponent_of(sigma_rel)

    def beta(self, step: int) -> float:
        """(1 - 1/step)^(gamma + 1)."""
        return (1 - 1 / step) ** (self.exponent + 1)


class HalfLifeEma(Ema):
    """Memory as a number of pictures: after `half_life_kimg` thousands, what was counts half. 0 is no average."""

    def __init__(self, network: nn.Module, half_life_kimg: float, batch: int):
        super().__init__(network)
        self.decay = 0.5 ** (batch / (1000 * half_life_kimg)) if half_life_kimg > 0 else 0.0

    def beta(self, step: int) -> float:
        """The same at every step."""
        return self.decay


def averages_of(
    network: nn.Module, sigma_rel: tuple[float, ...], half_life_kimg: tuple[float, ...], batch: int
) -> list[Ema]:
    """All averages of a run, the power functions first; the first is the one that is shipped."""
    powers = [PowerEma(network, width) for width in sigma_rel]
    return [*powers, *(HalfLifeEma(network, length, batch) for length in half_life_kimg)]
