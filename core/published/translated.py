"""Weights of another program under our names, and ours under another program's."""

from collections.abc import Mapping

import torch
from torch import Tensor

from core.errors import CheckpointError
from core.networks import empty_network
from core.published.layouts import Layout, Origin, Shapes
from core.unet import UNetConfig
from core.weights import TensorInfo, Weights


def our_shapes(config: UNetConfig) -> Shapes:
    """The shapes of our network's tensors by name. Takes no memory for them."""
    return {name: tuple(value.shape) for name, value in empty_network(config).state_dict().items()}


class Translated(Weights):
    """The tensors of another program under the names of our network."""

    def __init__(self, source: Weights, config: UNetConfig, layout: Layout, name: str):
        """name: of the model, for messages. Raises CheckpointError unless exactly these tensors are there."""
        self._source, self._shapes = source, our_shapes(config)
        self._origins = layout.origins(config, self._shapes)
        _check(source, self._origins, layout, name)
        self._infos = {
            ours: TensorInfo(source.infos[origin.names[0]].dtype, self._shapes[ours])
            for ours, origin in self._origins.items()
        }

    @property
    def infos(self) -> Mapping[str, TensorInfo]:
        """Precision and shape of every tensor by our names."""
        return self._infos

    def read(self, name: str) -> Tensor:
        """The tensor [...] of our name. Raises CheckpointError."""
        parts = [self._source.read(each) for each in self._origins[name].names]
        return (torch.cat(parts) if len(parts) > 1 else parts[0]).reshape(self._shapes[name])


class InLayout(Weights):
    """The tensors of our network under the names of another program."""

    def __init__(self, source: Weights, config: UNetConfig, layout: Layout):
        self._source, self._infos, self._ours = source, {}, {}
        for ours, origin in layout.origins(config, our_shapes(config)).items():
            for number, theirs in enumerate(origin.names):
                self._infos[theirs] = TensorInfo(source.infos[ours].dtype, origin.shape)
                self._ours[theirs] = (ours, number)

    @property
    def infos(self) -> Mapping[str, TensorInfo]:
        """Precision and shape of every tensor by their names."""
        return self._infos

    def read(self, name: str) -> Tensor:
        """The tensor [...] of their name. Raises CheckpointError."""
        ours, number = self._ours[name]
        rows = self._infos[name].shape[0]
        return self._source.read(ours)[rows * number : rows * (number + 1)].reshape(self._infos[name].shape)


def _check(source: Weights, origins: Mapping[str, Origin], layout: Layout, model: str) -> None:
    expected = {name: origin.shape for origin in origins.values() for name in origin.names}
    for name, shape in expected.items():
        if name not in source.infos:
            raise CheckpointError(f"{model} has no tensor {name}, which its network has in {layout.program}.")
        if source.infos[name].shape != shape:
            found = _sizes(source.infos[name].shape)
            raise CheckpointError(f"The tensor {name} of {model} has the shape {found}, but must have {_sizes(shape)}.")
        if not source.infos[name].dtype.is_floating_point:
            raise CheckpointError(f"The tensor {name} of {model} does not hold floating-point numbers.")
    left = sorted(source.infos.keys() - expected)
    if left:
        raise CheckpointError(f"{model} has the tensor {left[0][:80]!r}, which is no part of its network.")


def _sizes(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape[:8])) or "of one number"
