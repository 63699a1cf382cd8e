"""Weights that are read one tensor at a time, so that a large model needs little more memory than it has in use."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from core.errors import CheckpointError


class TensorInfo(NamedTuple):
    """What is known of a tensor before it is read."""

    dtype: torch.dtype
    shape: tuple[int, ...]


class Weights(Protocol):
    """Tensors by name, from a file or from memory."""

    @property
    def infos(self) -> Mapping[str, TensorInfo]:
        """Precision and shape of every tensor."""

    def read(self, name: str) -> Tensor:
        """The tensor of that name, as `infos` says, on the CPU. Raises CheckpointError if it can no longer be read."""


class HeldWeights(Weights):
    """Tensors that are in memory already."""

    def __init__(self, tensors: Mapping[str, Tensor]):
        self._tensors = tensors
        self._infos = {name: TensorInfo(value.dtype, tuple(value.shape)) for name, value in tensors.items()}

    @property
    def infos(self) -> Mapping[str, TensorInfo]:
        """Precision and shape of every tensor."""
        return self._infos

    def read(self, name: str) -> Tensor:
        """The tensor [...] itself, on the CPU."""
        return self._tensors[name].detach().cpu()


class Converted(Weights):
    """Weights in other precisions and memory layouts: each tensor is converted when it is read."""

    def __init__(
        self,
        source: Weights,
        dtypes: Mapping[str, torch.dtype],
        memory_formats: Mapping[str, torch.memory_format] = MappingProxyType({}),
    ):
        """dtypes, memory_formats: of the tensors that change, by name."""
        self._source, self._infos, self._memory_formats = source, dict(source.infos), memory_formats
        self._infos |= {name: TensorInfo(dtype, self._infos[name].shape) for name, dtype in dtypes.items()}

    @property
    def infos(self) -> Mapping[str, TensorInfo]:
        """Precision and shape of every tensor."""
        return self._infos

    def read(self, name: str) -> Tensor:
        """The tensor [...] of that name. Raises CheckpointError."""
        memory_format = self._memory_formats.get(name, torch.preserve_format)
        return self._source.read(name).to(self._infos[name].dtype, memory_format=memory_format)


class Finite(Weights):
    """Weights that are refused when they are read, unless they are finite numbers."""

    def __init__(self, source: Weights, model: str):
        """model: its name, for the message."""
        self._source, self._model = source, model

    @property
    def infos(self) -> Mapping[str, TensorInfo]:
        """Precision and shape of every tensor."""
        return self._source.infos

    def read(self, name: str) -> Tensor:
        """The tensor [...] of that name. Raises CheckpointError."""
        values = self._source.read(name)
        in_memory_order = values.permute(sorted(range(values.ndim), key=values.stride, reverse=True))
        if values.numel() and not all(bound.isfinite() for bound in in_memory_order.aminmax()):  # without a mask
            kind = " in float16" if values.dtype == torch.float16 else ""  # whose largest number is 65504
            raise CheckpointError(f"The weights of {self._model} are not finite numbers{kind}, first at {name}.")
        return values


def as_bytes(values: Tensor) -> memoryview:
    """The memory of a tensor [...] on the CPU, in rows, as bytes."""
    return values.contiguous().reshape(-1).view(torch.uint8).numpy().data


def shapes_of(weights: Weights) -> dict[str, tuple[int, ...]]:
    """The shapes of all tensors by name."""
    return {name: info.shape for name, info in weights.infos.items()}
