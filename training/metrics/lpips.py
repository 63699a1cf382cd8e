"""LPIPS (Zhang et al. 2018): the perceptual distance of two pictures by features of VGG16.

The package `lpips` contains the learnt weights of the distance. VGG16's weights (528 MB) are torchvision's; this module
never downloads them, since a run may be on a machine without a network. The released consistency models were trained
with average pooling on ImageNet and LSUN and with max pooling on CIFAR-10. The package has max pooling. Distances with
different pooling cannot be compared.

Shapes: B pictures, C = 3 channels, H rows, W columns.
"""

import os
import pickle
import warnings
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import ConfigError
from training.metrics.torchvision_shim import import_torchvision

VARIABLE = "ONESTROKE_VGG16"  # environment variable: the file with VGG16's weights, if not in torch's cache
WEIGHTS = "vgg16-397923af.pth"  # name of torchvision's file in that cache
UNSCALED = 256  # pixels; smaller pictures are enlarged, as in the code of Song et al. 2023
SIDE = 224  # pixels, the enlarged side: VGG was trained at this size
RANDOM_SIDE = 32  # pixels, the same for the untrained VGG: small, but large enough for its poolings


def perceptual(a: Tensor, b: Tensor, *, trained: bool = True, pool: type[nn.Module] = nn.MaxPool2d) -> Tensor:
    """[B] float32, LPIPS of pictures a and b [B,3,H,W] in [-1, 1]. Values are not clamped to that range.

    pool: the layer that halves VGG's maps. With trained = False VGG has fixed random weights: this is no perceptual
    distance, only a fast substitute for tests. Raises ConfigError if the weights or the package are missing.
    """
    a, b = (_enlarged(x.float(), SIDE if trained else RANDOM_SIDE) for x in (a, b))
    network = _network(trained, pool, a.device)  # type: ignore[arg-type]  # mypy takes the class for an instance here
    return network(a, b).flatten()


def _enlarged(x: Tensor, side: int) -> Tensor:
    """[B,3,side,side], or the pictures as they are if they have UNSCALED pixels or more."""
    if x.shape[-1] >= UNSCALED:
        return x
    return F.interpolate(x, size=(side, side), mode="bilinear", align_corners=False)


@lru_cache
def _network(trained: bool, pool: type[nn.Module], device: torch.device) -> nn.Module:
    """The distance as a module: frozen, in evaluation mode (it has dropout), float32."""
    weights = _vgg_weights() if trained else None
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning of torchvision about how lpips calls it
        torch.default_generator.manual_seed(0)  # only the CPU's, where the network is built
        # Trained weights are loaded afterwards: requested here, torchvision would download them.
        network = _package().LPIPS(net="vgg", pnet_rand=True, verbose=False)
    if weights is not None:
        _put_in(network.net, weights)
    _set_pools(network.net, pool)
    return network.requires_grad_(False).eval().to(device)


def _set_pools(slices: nn.Module, pool: type[nn.Module]) -> None:
    """Replace the pooling over 2x2 in front of each slice but the first."""
    for name, layer in list(slices.named_modules()):
        if isinstance(layer, nn.MaxPool2d):
            slices.set_submodule(name, pool(2))


def _package():
    try:
        import_torchvision()
        import lpips
    except ImportError as error:
        raise ConfigError("LPIPS needs: pip install lpips") from error
    return lpips


def vgg_file() -> Path:
    """The file with VGG16's weights. Raises ConfigError, which says what to do, if there is none."""
    named = os.environ.get(VARIABLE)
    path = Path(named) if named else Path(torch.hub.get_dir()) / "checkpoints" / WEIGHTS
    if not path.is_file():
        raise ConfigError(
            f"LPIPS needs VGG16's weights (528 MB), but there is no {path}: fetch"
            f" https://download.pytorch.org/models/{WEIGHTS} to there, or name the file in {VARIABLE},"
            ' or choose objective.metric = "pseudo_huber".'
        )
    return path


def _vgg_weights() -> dict[str, Tensor]:
    path = vgg_file()
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
        raise ConfigError(f"{path} cannot be read: it is not torchvision's {WEIGHTS}, or not all of it.") from error


def _put_in(slices: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load VGG16's weights. lpips keeps the numbers of VGG's layers: slice2.5.weight is features.5.weight."""
    try:
        slices.load_state_dict({name: weights[f"features.{name.split('.', 1)[1]}"] for name in slices.state_dict()})
    except (KeyError, RuntimeError, TypeError) as error:
        raise ConfigError(f"{vgg_file()} does not hold torchvision's VGG16.") from error
