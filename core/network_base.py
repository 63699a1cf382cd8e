"""What a network is to the rest: to models, model files, the runtime and training.

A kind of network is a frozen dataclass of its sizes and a child of `Network`. Other files know no more of it than this
file says, and core/networks.py lists the kinds. `Network` is a base class and not a protocol, since a protocol cannot
say that something is a torch module.

Shapes: B pictures, C channels, R side, A numbers that say how a picture was varied.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import Field
from typing import Any, ClassVar, Protocol, TypeVar

import torch
from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)


class NetworkConfig(Protocol):
    """A frozen dataclass of sizes, which raises CheckpointError for sizes that do not fit together.

    What a kind of network cannot do may be a constant of its class instead of a field: `classes: ClassVar[int] = 0`.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def resolution(self) -> int:
        """Side of a picture in pixels."""

    @property
    def channels(self) -> int:
        """Channels of a picture."""

    @property
    def classes(self) -> int:
        """Class labels; 0 for none."""

    @property
    def augment_labels(self) -> int:
        """Numbers that say how a picture was varied (training/data/augment_nonleaky.py); 0 for none."""

    @property
    def step_counts(self) -> tuple[int, ...]:
        """The step counts, one of which is an input of the network (core/segments.py); () for none."""


class Network(nn.Module):
    """F(u, sigma, labels): u = c_in x, [B,C,R,R] float32; the result has the same shape, float32.

    The methods below answer for a network without dropout, without a prior, and without parts that precision, the
    compiler or shards treat apart: it computes in float32 everywhere. A child overrides what it has.
    """

    # Settings that change no weight's shape: a run may start from a network with other ones.
    RETRAINABLE: ClassVar[frozenset[str]] = frozenset()
    # Settings that add weights, which change nothing at first: a run may start from a network where they are 0 or ().
    ADDABLE: ClassVar[frozenset[str]] = frozenset()
    # Beginnings of the names of the weights that model files hold in reduced precision (core/checkpoint.py).
    REDUCED_IN_FILES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: NetworkConfig):
        super().__init__()
        self.config = config
        # All three are set by core/runtime.py: what the reduced parts run under, the layout of what goes into them, and
        # how a batch is evaluated: (network, inputs, guidance=..) -> F, the inputs as of `forward` up to steps_B.
        self.precision: Callable[[], AbstractContextManager] = nullcontext
        self.memory_format = torch.contiguous_format
        self.evaluate: Callable[..., Tensor] = at_once

    def forward(
        self,
        u: Tensor,
        sigma_B: Tensor,
        labels_B: Tensor | None = None,
        dropout_mask: Tensor | None = None,
        steps_B: Tensor | None = None,
        augmented_BA: Tensor | None = None,
        guidance: float = 0.0,
    ) -> Tensor:
        """F [B,C,R,R] float32.

        labels_B: class numbers, for a network with classes.
        dropout_mask: [B, len(dropout_grids)] of 0 and 1/(1-p), with which whole channels are dropped. It is an
        argument, so that both sides of a consistency loss can have the same one on every device.
        steps_B: indices into the configuration's step counts, by default the last.
        augmented_BA: how the pictures were varied, None if they were not.
        guidance: how much further from what a weaker version of the network answers.
        Raises RequestError for guidance above 0 if the network has no weaker version.
        """
        raise NotImplementedError

    @property
    def dropout_grids(self) -> list[int]:
        """For each channel of the dropout mask the side of the grid on which it lies; [] for a network without."""
        return []

    @property
    def prior_pictures(self) -> int:
        """How many training pictures `fit_prior` needs; 0 for a network without a prior."""
        return 0

    def fit_prior(self, pictures: Tensor) -> None:
        """Fit what is computed from clean pictures [N,C,R,R] in [-1, 1], before the first step of training."""

    def reduced_modules(self) -> Iterable[nn.Module]:
        """The modules whose weights may have the runtime's precision in use."""
        return ()

    def compiled_modules(self) -> Iterable[nn.Module]:
        """The modules that torch.compile takes, one by one: those in which nearly all of the time is spent."""
        return ()

    def shard_units(self) -> Iterable[nn.Module]:
        """The modules whose weights are gathered together where a run is sharded, each as one unit."""
        return ()


def at_once(network: Callable[..., Tensor], inputs: Sequence[Tensor | None], *, guidance: float = 0.0) -> Tensor:
    """F [B,C,R,R] of a whole batch, which may be too large for the memory (core/micro_batches.py)."""
    return network(*inputs, guidance=guidance)


class AugmentedNetwork(Network):
    """A network that gets in every call labels of how its pictures were varied: augmented_BA [B, augment_labels]."""

    def __init__(self, network: Network, augmented_BA: Tensor):
        super().__init__(network.config)
        self.network, self.augmented_BA = network, augmented_BA

    def forward(self, u: Tensor, sigma_B: Tensor, *conditions: Tensor | None, guidance: float = 0.0) -> Tensor:  # type: ignore[override]
        """F [B,C,R,R] float32, with these labels."""
        return self.network(u, sigma_B, *conditions, augmented_BA=self.augmented_BA, guidance=guidance)


def zeroed(module: M) -> M:
    """The same module with weights 0, so that the block that it ends starts as the identity."""
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return module
