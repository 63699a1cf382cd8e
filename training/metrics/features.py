"""Features of pictures from an ImageNet network, for distances between sets of pictures.

The network is EfficientNet-Lite0, whose weights come as a package. These are not the Inception features of published
FID and KID figures: the distances can only be compared with each other, and every table says so.

Shapes: N pictures, H rows, W columns.
"""

import numpy as np
import torch
from torch.nn import functional as F

from training.metrics.efficientnet import DEPTHS, feature_maps, load_efficientnet, map_distance

NAME = "EfficientNet-Lite0"
SIDE = 224  # pixels, the side at which the network was trained
BATCH = 4  # pictures; on a CPU larger batches are slower, since they wait for new memory


class ImageNetFeatures:
    """The last feature map of EfficientNet-Lite0, averaged over positions: 1280 numbers for each picture."""

    def __init__(self, device: str | torch.device = "cpu"):
        """Raises OnestrokeError if the packages with the network and its weights are not installed."""
        self.network = load_efficientnet("lite0").to(device)
        self.device = device

    @torch.inference_mode()
    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """[N,1280] float64 of pictures [N,H,W,3] uint8."""
        parts = [self._features(pixels[i : i + BATCH]) for i in range(0, len(pixels), BATCH)]
        return np.concatenate(parts)

    @torch.inference_mode()
    def distances(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """[N] float64, the perceptual distances of pairs of pictures (training/metrics/efficientnet.py).

        a and b are [N,H,W,3] uint8.
        """
        parts = [self._distances(a[i : i + BATCH], b[i : i + BATCH]) for i in range(0, len(a), BATCH)]
        return np.concatenate(parts)

    def _distances(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        maps = (feature_maps(self.network, DEPTHS["lite0"], self._input(pixels)) for pixels in (a, b))
        return map_distance(*maps).double().cpu().numpy()

    def _features(self, pixels: np.ndarray) -> np.ndarray:
        maps = self.network.extract_features(self._input(pixels))
        return maps.mean(dim=(2, 3)).double().cpu().numpy()

    def _input(self, pixels: np.ndarray) -> torch.Tensor:
        x = torch.from_numpy(np.ascontiguousarray(pixels)).to(self.device).permute(0, 3, 1, 2).float()
        return (F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=False) - 127) / 128
