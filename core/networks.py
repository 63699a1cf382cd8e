"""The kinds of network by their names in files, and how one is built. A new kind is its own file and a line here.

Model files and configurations that name no kind have the U-Net. It is written without its name, so that earlier
versions can read such files.
"""

import dataclasses
from collections.abc import Mapping
from reprlib import repr as shortened
from typing import Any, NamedTuple

import torch

from core.errors import CheckpointError
from core.network_base import Network, NetworkConfig
from core.unet import UNet, UNetConfig


class Kind(NamedTuple):
    """The frozen dataclass of a network's sizes, and the network itself, which is built from one."""

    config: type[NetworkConfig]
    network: type[Network]


NETWORKS = {"unet": Kind(UNetConfig, UNet)}
DEFAULT_KIND = "unet"


def kind_of(config: NetworkConfig) -> str:
    """The name of the kind of network that a configuration is of."""
    return next(name for name, kind in NETWORKS.items() if type(config) is kind.config)


def class_of(config: NetworkConfig) -> type[Network]:
    """The class of the networks that a configuration is of."""
    return NETWORKS[kind_of(config)].network


def build_network(config: NetworkConfig) -> Network:
    """A network of these sizes with random weights, float32."""
    return class_of(config)(config)


def empty_network(config: NetworkConfig) -> Network:
    """A network of these sizes whose weights take no memory: names and shapes alone."""
    with torch.device("meta"):
        return build_network(config)


def to_values(config: NetworkConfig) -> dict[str, Any]:
    """A configuration as plain values, which `from_values` reads."""
    kind = kind_of(config)
    return ({} if kind == DEFAULT_KIND else {"kind": kind}) | dataclasses.asdict(config)


def from_values(values: Mapping[str, Any]) -> NetworkConfig:
    """The configuration of plain values; lists serve as tuples.

    Raises CheckpointError for an unknown kind and for sizes that do not fit together, TypeError for unknown fields.
    """
    sizes = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    kind = sizes.pop("kind", DEFAULT_KIND)
    if not isinstance(kind, str) or kind not in NETWORKS:
        raise CheckpointError(f"The network is of the kind {shortened(kind)}; this version has {', '.join(NETWORKS)}.")
    return NETWORKS[kind].config(**sizes)
