"""Convolutions whose weights are brought into the processor's own order once, instead of at every call.

On a CPU a convolution of few positions spends up to half of its time on reordering weights. oneDNN takes packed ones;
torch reaches that through the operators its own compiler uses. Where they are missing, nothing is changed.
"""

import torch
from torch import Tensor, nn


class PackedConv2d(nn.Module):
    """A Conv2d for inference on the CPU. The order is chosen for the first input's shape; any other works too.

    Its parameters have the Conv2d's names, so that a packed network can be saved; they must not change any more. The
    weight is held once: packed, from the first input on.
    """

    def __init__(self, conv: nn.Conv2d):
        super().__init__()
        self.weight, self.bias = conv.weight, conv.bias
        self.geometry = (conv.padding, conv.stride, conv.dilation, conv.groups)

    def forward(self, x: Tensor) -> Tensor:
        """What the Conv2d returns for x [B,C,H,W]."""
        return self._with_bias(x, self.bias)

    def shifted(self, x: Tensor, shift_C: Tensor) -> Tensor:
        """The same plus a number for every channel of the result, which is added as the bias is."""
        return self._with_bias(x, (shift_C if self.bias is None else self.bias + shift_C).to(x.dtype))

    def plus(self, x: Tensor, other: Tensor) -> Tensor:
        """The same plus `other`, of the result's shape, which is added before the result goes to memory."""
        operation = torch.ops.mkldnn._convolution_pointwise.binary
        return operation(x, other, self._packed_for(x), self.bias, *self.geometry, "add", 1.0, None, [], None)

    def _with_bias(self, x: Tensor, bias_C: Tensor | None) -> Tensor:
        return torch.ops.mkldnn._convolution_pointwise(x, self._packed_for(x), bias_C, *self.geometry, "none", [], "")

    def unpacked(self) -> nn.Conv2d:
        """A Conv2d that returns the same, in channels_last."""
        dense = self.weight.to_dense() if self.weight.is_mkldnn else self.weight
        (outputs, inputs, *kernel), (padding, stride, dilation, groups) = dense.shape, self.geometry
        sizes = (inputs * groups, outputs, kernel, stride, padding, dilation, groups)
        conv = nn.Conv2d(*sizes, bias=False, device="meta")  # type: ignore[arg-type]  # torch's types want pairs
        weight = dense.contiguous(memory_format=torch.channels_last)
        conv.weight, conv.bias = nn.Parameter(weight, requires_grad=False), self.bias
        return conv

    def _packed_for(self, x: Tensor) -> Tensor:
        weight = self.weight
        if not weight.is_mkldnn:
            packed = torch.ops.mkldnn._reorder_convolution_weight(weight, *self.geometry, list(x.shape))
            self.weight = weight = nn.Parameter(packed, requires_grad=False)
        return weight

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        super()._save_to_state_dict(destination, prefix, keep_vars)
        if self.weight.is_mkldnn:
            destination[f"{prefix}weight"] = self.weight.to_dense()


def pack_convolutions(network: nn.Module) -> None:
    """Replace every Conv2d of a network on the CPU, where the operators exist and take the weights' precision."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Conv2d) and can_pack(child.weight.dtype):
                setattr(module, name, PackedConv2d(child))


def unpack_convolutions(network: nn.Module) -> None:
    """The reverse: plain Conv2d with weights of their own, for torch's compiler, which cannot read packed ones."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, PackedConv2d):
                setattr(module, name, child.unpacked())


def can_pack(dtype: torch.dtype) -> bool:
    """oneDNN has no half precision for processors without AVX-512 or AVX-NE-CONVERT; torch's own convolution does."""
    if not (torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_reorder_convolution_weight")):
        return False
    checks = {torch.bfloat16: "_is_mkldnn_bf16_supported", torch.float16: "_is_mkldnn_fp16_supported"}
    return dtype not in checks or getattr(torch.ops.mkldnn, checks[dtype])()
