"""What an edit starts from when it starts below the paper's 80: a plausible answer, smooth where nothing is known.

From sigma 80 the start does not matter (Song et al. 2023, Algorithm 4, takes the known part alone). From lower levels
the model sees its coarse content, and the known part alone misleads it: in the luminance basis a picture without
chroma is green, and a hole of zeros is a grey square.

Shapes: B pictures, H rows, W columns; pictures in model range [-1, 1].
"""

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.constraint import Colorize, SuperResolve
from core.images import to_model, to_uint8

FILL_RADIUS = 3  # pixels around a hole that its filling is made from


def filled(photo: Tensor, mask: Tensor) -> Tensor:
    """The photo [B,3,H,W] with its hole (mask [1 or B,1,H,W] = 1) filled smoothly from the border (Telea 2004).

    A hole without a border stays as it is.
    """
    masks = mask.expand(len(photo), 1, *photo.shape[-2:])
    pairs = zip(to_uint8(photo), masks[:, 0].cpu().numpy().astype(np.uint8), strict=True)
    smooth = torch.cat([to_model(_telea(pixels, hole)) for pixels, hole in pairs]).to(photo.device)
    return torch.where(masks.to(photo.device) != 0, smooth, photo)


def _telea(pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    return pixels if hole.all() else cv2.inpaint(pixels, hole, FILL_RADIUS, cv2.INPAINT_TELEA)


def grey(constraint: Colorize) -> Tensor:
    """The photo [B,3,H,W] without colour: three equal channels of the known luminance."""
    return (constraint.luma / constraint.weights.sum()).expand(-1, 3, -1, -1)


def enlarged(constraint: SuperResolve) -> Tensor:
    """The small picture enlarged smoothly, [B,C,H,W], with its block means exact and inside [-1, 1]."""
    smooth = F.interpolate(constraint.small, scale_factor=constraint.factor, mode="bicubic", align_corners=False)
    return constraint.project_in_range(smooth)
