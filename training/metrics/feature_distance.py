"""The perceptual distance of two pictures by features of EfficientNet-Lite2.

It is LPIPS with a network whose weights come as a package, for machines without VGG16's weights. Figures of quality are
measured with another network, EfficientNet-Lite0 (features.py). So a model is not evaluated with the network that it
was trained with, though both networks were trained on the same pictures.

Shapes: B pictures, C = 3 channels, H rows, W columns.
"""

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.runtime import in_layout
from training.metrics.efficientnet import DEPTHS, feature_maps, load_efficientnet, map_distance, network_input

SIZE = "lite2"
SMALLEST = 128  # pixels; smaller pictures are enlarged to this side
SHIFTS = 8  # pixels; the shifts of the pictures of a batch, in each direction, are below this


def feature_distance(a: Tensor, b: Tensor) -> Tensor:
    """[B] float32, the distance of pictures a and b [B,3,H,W] in [-1, 1]. Raises OnestrokeError without the packages.

    Each pair of a batch is shifted by another number of pixels. The network's first layers have stride 2 and weight
    every second pixel more, which would leave a grid in pictures trained by this loss.
    """
    network = _network(a.device)
    with torch.autocast(a.device.type, torch.bfloat16, enabled=a.is_cuda):
        maps = [feature_maps(network, DEPTHS[SIZE], _input(x)) for x in (a, b)]
    return map_distance(*([values.float() for values in one] for one in maps))


def _input(x: Tensor) -> Tensor:
    """Pictures [B,3,H,W], enlarged if they are small, shifted, and in the network's range."""
    x = x.float()
    if x.shape[-1] < SMALLEST:
        x = F.interpolate(x, size=(SMALLEST, SMALLEST), mode="bilinear", align_corners=False)
    return network_input(_shifted(x)).contiguous(memory_format=torch.channels_last)


def _shifted(x: Tensor) -> Tensor:
    """[B,C,H,W] picture n shifted cyclically by n mod 8 columns and by floor(n / 8) mod 8 rows."""
    index_B = torch.arange(len(x), device=x.device)
    rows_BH = (torch.arange(x.shape[2], device=x.device) + (index_B // SHIFTS % SHIFTS)[:, None]) % x.shape[2]
    columns_BW = (torch.arange(x.shape[3], device=x.device) + (index_B % SHIFTS)[:, None]) % x.shape[3]
    return x[index_B[:, None, None], :, rows_BH[:, :, None], columns_BW[:, None, :]].permute(0, 3, 1, 2)


@lru_cache
def _network(device: torch.device) -> nn.Module:
    return in_layout(load_efficientnet(SIZE), torch.channels_last, device=device)
