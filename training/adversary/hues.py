"""Turning the hues of pictures: a rotation of colours about the grey axis that keeps luma.

In YIQ luma is one axis and the two of chroma are another plane; a rotation of that plane by an angle turns every hue by
it and keeps luma and saturation.

Shapes: B pictures, H rows, W columns.
"""

import torch
from torch import Tensor

YIQ_FROM_RGB = ((0.299, 0.587, 0.114), (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))


def turn_hues(x: Tensor, angle_B: Tensor) -> Tensor:
    """Pictures [B,3,H,W] in any linear range with every hue turned by their angles in radians. Not cut to a range."""
    return torch.einsum("bij,bjhw->bihw", rotations(angle_B), x)


def rotations(angle_B: Tensor) -> Tensor:
    """The rotations as matrices on RGB, [B,3,3]."""
    yiq = torch.tensor(YIQ_FROM_RGB, device=angle_B.device)
    cos, sin, zero, one = angle_B.cos(), angle_B.sin(), torch.zeros_like(angle_B), torch.ones_like(angle_B)
    turn = torch.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], dim=-1).unflatten(-1, (3, 3))
    return torch.linalg.inv(yiq) @ turn @ yiq
