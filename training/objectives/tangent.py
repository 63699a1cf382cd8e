"""Forward-mode derivatives: of a model along a path, and of the gradient of a distance (a Hessian-vector product).

torch.func.jvp differentiates the networks of core/unet.py with two exceptions, which this module works around. Fused
attention has no forward derivative, so plain matrix products are used. The derivative of a group norm needs contiguous
tensors, but convolutions return channels_last.

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
    """The value of function(*point) and its derivative along `direction`, both of the value's shape, as [B,C,H,W].

    direction has a tensor for each argument, of the same shape. Under no_grad both results are constants; otherwise
    gradients flow through both to everything that the function depends on.
    """
    with sdpa_kernel(SDPBackend.MATH), _ContiguousNorms():
        value, derivative, *_ = torch.func.jvp(function, point, direction)
    return value, derivative


class _ContiguousNorms(TorchFunctionMode):
    """Gives group norms contiguous tensors. It always copies, since the copy also reorders the derivative."""

    def __torch_function__(self, function, types, arguments=(), options=None):
        if function is group_norm:
            x, *rest = arguments
            arguments = (x.clone(memory_format=torch.contiguous_format), *rest)
        return function(*arguments, **(options or {}))


def metric_product(distance: Callable[[Tensor, Tensor], Tensor], x: Tensor, direction: Tensor) -> Tensor:
    """H(x) v [B,C,H,W]: the Hessian of distance(y, x) in y at y = x, times `direction` (Song et al. 2023, theorem 5).

    x and direction are [B,C,H,W]; distance returns [B]. The Hessian of distance(x, y) is the same, since a distance is
    smallest at y = x. The product is computed by forward over reverse differentiation. Where gradients are enabled, it
    can itself be differentiated in x and in the direction.
    """
    # Not torch.func.grad: a distance may build its network at its first call, which that function does not allow.
    keeps_graph = torch.is_grad_enabled()
    with torch.enable_grad(), forward_ad.dual_level():
        y = forward_ad.make_dual(x if x.requires_grad else x.detach().requires_grad_(), direction)
        (slope,) = torch.autograd.grad(distance(y, x).sum(), y, create_graph=True)
        product = forward_ad.unpack_dual(slope).tangent
    return product if keeps_graph else product.detach()
