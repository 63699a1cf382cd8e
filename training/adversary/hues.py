"""Rotation of the hues of pictures about the grey axis, at the same luma.

In YIQ one axis is luma, and the other two are the plane of chroma. A rotation of this plane turns every hue by the same
angle and keeps luma and saturation.

Shapes: B pictures, H rows, W columns.
"""

import torch
from torch import Tensor

YIQ_FROM_RGB = (  # the NTSC matrix, no unit
    (0.299, 0.587, 0.114),
    (0.596, -0.274, -0.322),
    (0.211, -0.523, 0.312),
)


def turn_hues(x: Tensor, angle_B: Tensor) -> Tensor:
    """Pictures [B,3,H,W] with all hues rotated by the angle of each picture, [B] in radians.

    Values may have any linear range, such as [-1, 1]. The result is not clamped to it.
    """
    return torch.einsum("bij,bjhw->bihw", hue_rotations(angle_B), x)


def hue_rotations(angle_B: Tensor) -> Tensor:
    """[B,3,3] the rotations by the angles [B], in radians, as matrices that multiply RGB columns."""
    yiq = torch.tensor(YIQ_FROM_RGB, device=angle_B.device)
    cos, sin, zero, one = angle_B.cos(), angle_B.sin(), torch.zeros_like(angle_B), torch.ones_like(angle_B)
    turn = torch.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], dim=-1).unflatten(-1, (3, 3))
    return torch.linalg.inv(yiq) @ turn @ yiq
