"""How different two pictures look, from the features of EfficientNet-Lite2.

LPIPS's recipe on a network whose weights come as a package, where VGG16's are not to be had. Figures of quality here
are measured on EfficientNet-Lite0, another network (features.py): what is trained with this is not measured
by itself, though both have learnt from the same pictures.

Shapes: B pictures, C = 3 channels, H rows, W columns.
"""

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.runtime import in_layout
from training.metrics.efficientnet import DEPTHS, feature_maps, load_efficientnet, map_distance, network_input

SIZE = "lite2"
SMALLEST = 128  # pixels: smaller pictures are enlarged to this
MOVES = 8  # pixels: pictures of a batch are moved by fewer, down and to the side


def feature_distance(a: Tensor, b: Tensor) -> Tensor:
    """The distance of pictures [B,3,H,W] in [-1, 1], [B] float32. Raises OnestrokeError without the packages.

    Every pair of a batch is moved by other numbers of pixels: the network's first layers look at every second pixel
    harder than at the others, which a loss would leave in the pictures as a grid.
    """
    network = _network(a.device)
    with torch.autocast(a.device.type, torch.bfloat16, enabled=a.is_cuda):
        maps = [feature_maps(network, DEPTHS[SIZE], _input(x)) for x in (a, b)]
    return map_distance(*([values.float() for values in one] for one in maps))


def _input(x: Tensor) -> Tensor:
    """Moved, in the network's range."""
    x = x.float()
    if x.shape[-1] < SMALLEST:
        x = F.interpolate(x, size=(SMALLEST, SMALLEST), mode="bilinear", align_corners=False)
    return network_input(_moved(x)).contiguous(memory_format=torch.channels_last)


def _moved(x: Tensor) -> Tensor:
    """Picture n by n mod 8 columns and n / 8 mod 8 rows; what leaves on one side comes in on the other."""
    place_B = torch.arange(len(x), device=x.device)
    rows_BH = (torch.arange(x.shape[2], device=x.device) + (place_B // MOVES % MOVES)[:, None]) % x.shape[2]
    columns_BW = (torch.arange(x.shape[3], device=x.device) + (place_B % MOVES)[:, None]) % x.shape[3]
    return x[place_B[:, None, None], :, rows_BH[:, :, None], columns_BW[:, None, :]].permute(0, 3, 1, 2)


@lru_cache
def _network(device: torch.device) -> nn.Module:
    return in_layout(load_efficientnet(SIZE), torch.channels_last, device=device)
