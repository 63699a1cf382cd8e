"""Forward-mode derivatives: of a model along a path, together with its value, and of a distance's gradient.

torch.func.jvp goes through the networks of core/unet.py as they are, but for two operators, which are led around here:
fused attention has no forward derivative, the plain products have; and the derivative of a group norm takes contiguous
pictures only, while convolutions answer in channels_last.

Shapes: B pictures, C channels, H rows, W columns.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import group_norm
from torch.overrides import TorchFunctionMode


def value_and_tangent(
    function: Callable[..., Tensor], point: tuple[Tensor, ...], direction: tuple[Tensor, ...]
) -> tuple[Tensor, Tensor]:
    """function(*point) and its derivative along `direction`, which has a tensor for each argument.

    Under no_grad both are constants; else both can be differentiated for whatever the function depends on.
    """
    with sdpa_kernel(SDPBackend.MATH), _ContiguousNorms():
        value, derivative, *_ = torch.func.jvp(function, point, direction)
    return value, derivative


class _ContiguousNorms(TorchFunctionMode):
    """Gives group norms contiguous pictures. Always a copy: it brings the derivative into the same order."""

    def __torch_function__(self, function, types, arguments=(), options=None):
        if function is group_norm:
            x, *rest = arguments
            arguments = (x.clone(memory_format=torch.contiguous_format), *rest)
        return function(*arguments, **(options or {}))


def metric_product(distance: Callable[[Tensor, Tensor], Tensor], x: Tensor, direction: Tensor) -> Tensor:
    """H(x) v [B,C,H,W]: the Hessian of distance(y, x) by y at y = x, times `direction` (Song et al. 2023, theorem 5).

    That of distance(x, y) is the same, for any distance with its smallest value at y = x. Forward over reverse; where
    gradients are on, the product can be differentiated for x and the direction.
    """
    # Not torch.func.grad: a distance may build its network at its first call, which is not allowed inside of that.
    keeps_graph = torch.is_grad_enabled()
    with torch.enable_grad(), forward_ad.dual_level():
        y = forward_ad.make_dual(x if x.requires_grad else x.detach().requires_grad_(), direction)
        (slope,) = torch.autograd.grad(distance(y, x).sum(), y, create_graph=True)
        product = forward_ad.unpack_dual(slope).tangent
    return product if keeps_graph else product.detach()
