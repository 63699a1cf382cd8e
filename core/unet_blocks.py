"""The blocks of the U-Net: residual blocks with conditioning, attention, resampling, norms.

Where nothing is trained they work in place and, on a CPU, in bfloat16 from end to end: there it is memory traffic and
not arithmetic that norms, activations and sums cost.

Shapes: B pictures, C channels, H rows, W columns, E embedding width.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import CheckpointError
from core.network_base import zeroed
from core.packed import PackedConv2d

MANY_POSITIONS = 1024  # from here on torch's norm in bfloat16 is the quicker one on a CPU


def _lasting_bfloat16(x: Tensor) -> bool:
    """Whether x stays in bfloat16 from block to block: on a CPU, for inference."""
    return x.dtype == torch.bfloat16 and x.device.type == "cpu" and not x.requires_grad


def silu(x: Tensor) -> Tensor:
    """SiLU of a tensor that nobody else needs, in place where no gradient does."""
    return F.silu(x, inplace=not x.requires_grad)


def plus(x: Tensor, other: Tensor) -> Tensor:
    """x + other, into x where no gradient needs it and the type is its own; nobody else needs x."""
    in_place = x.dtype == other.dtype and not (x.requires_grad or other.requires_grad)
    return x.add_(other) if in_place else x + other


def conv_plus(conv: nn.Module, x: Tensor, other: Tensor) -> Tensor:
    """conv(x) + other, of conv(x)'s shape; in one pass where the convolution can."""
    if isinstance(conv, PackedConv2d) and x.dtype == other.dtype:
        return conv.plus(x, other)
    return plus(conv(x), other)


def _same_for_all(values_BC: Tensor) -> bool:
    """Whether all pictures have the same values, for inference on a CPU; elsewhere nobody waits for the answer, and the
    compiler cannot wait for one.
    """
    known = values_BC.device.type == "cpu" and not values_BC.requires_grad and not torch.compiler.is_compiling()
    return known and bool((values_BC[1:] == values_BC[:1]).all())


def conv_shifted(conv: nn.Module, x: Tensor, shift_BC: Tensor) -> Tensor:
    """conv(x) plus a number for each channel of each picture; in one pass where all pictures have the same."""
    if isinstance(conv, PackedConv2d) and _same_for_all(shift_BC):
        return conv.shifted(x, shift_BC[0])
    shift = shift_BC[:, :, None, None]
    return plus(conv(x), shift.to(x.dtype) if _lasting_bfloat16(x) else shift)


class GroupNorm(nn.GroupNorm):
    """Computed in float32, as published, or from bfloat16 to bfloat16 with sums in float32, on large grids and a CPU.

    32 groups; narrower layers get the largest number of groups that divides them. A group never is one channel: its
    norm would take away the conditioning that was added to that channel.
    """

    def __init__(self, channels: int):
        groups = next(g for g in (32, 16, 8, 4, 2, 1) if channels % g == 0 and channels > g)
        super().__init__(groups, channels, eps=1e-5)

    def forward(self, x: Tensor) -> Tensor:
        """x [B,C,H,W] normalised."""
        return self._normalised(x, self.weight, self.bias)

    def scaled_and_shifted(self, x: Tensor, scale_BC: Tensor, shift_BC: Tensor) -> Tensor:
        """The same by a scale and plus a shift for every picture's channels.

        Where the pictures' are the same, without a pass of its own.
        """
        if _same_for_all(scale_BC) and _same_for_all(shift_BC):
            return self._normalised(x, self.weight * scale_BC[0], self.bias * scale_BC[0] + shift_BC[0])
        if _lasting_bfloat16(x):
            scale_BC, shift_BC = scale_BC.to(x.dtype), shift_BC.to(x.dtype)
        return self(x) * scale_BC[:, :, None, None] + shift_BC[:, :, None, None]

    def _normalised(self, x: Tensor, weight_C: Tensor, bias_C: Tensor) -> Tensor:
        if not (_lasting_bfloat16(x) and x.shape[-2:].numel() >= MANY_POSITIONS):
            x = x.float()
        return F.group_norm(x, self.num_groups, weight_C, bias_C, self.eps)


class Linear(nn.Linear):
    """Computed in float32, as published: what says how noisy a picture is changes less between neighbouring levels of
    a fine grid than half precision rounds.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The map of x [..., in] to [..., out], float32 whatever surrounds it."""
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float())


def pixel_norm(x: Tensor) -> Tensor:
    """x [B,C,...] divided by its root mean square over the channels (dimension 1), which is computed in float32."""
    return x * torch.rsqrt(x.float().square().mean(1, keepdim=True) + 1e-8).to(x.dtype)


class Resample(nn.Module):
    """Halve by 2x2 means ("down"), double by repetition ("up"), or nothing ("none")."""

    def __init__(self, direction: str):
        super().__init__()
        self.direction = direction

    def forward(self, x: Tensor) -> Tensor:
        """x [B,C,H,W] at half, twice or the same side."""
        if self.direction == "down":
            return F.avg_pool2d(x, 2)
        if self.direction == "up":
            return F.interpolate(x, scale_factor=2, mode="nearest")
        return x


class ResidualBlock(nn.Module):
    """GN, SiLU, (resample), conv; then the conditioning; then GN, SiLU, dropout, conv; added to the skip."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        embedding: int,
        *,
        scale_shift: bool,
        pixel_norm: bool = False,
        direction="none",
    ):
        super().__init__()
        self.scale_shift, self.pixel_norm = scale_shift, pixel_norm
        self.norm1 = GroupNorm(channels_in)
        self.resample = Resample(direction)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.condition = Linear(embedding, channels_out * (2 if scale_shift else 1))
        self.norm2 = GroupNorm(channels_out)
        self.conv2 = zeroed(nn.Conv2d(channels_out, channels_out, 3, padding=1))
        self.skip = nn.Conv2d(channels_in, channels_out, 1) if channels_in != channels_out else nn.Identity()
        self.channels_out = channels_out

    def forward(self, x: Tensor, embedding_BE: Tensor, mask_BC: Tensor | None) -> Tensor:
        """From x [B,C,H,W] to [B,channels_out,H',W'], H' and W' as the block resamples.

        embedding_BE: the embedding of noise level and conditions. mask_BC: this block's part of the dropout mask, or
        None.
        """
        h = self.resample(silu(self.norm1(x)).to(x.dtype))
        condition = self.condition(embedding_BE)
        if self.scale_shift:
            h = self.conv1(h)
            scale, shift = condition.chunk(2, dim=1)
            scale, shift = (pixel_norm(scale), pixel_norm(shift)) if self.pixel_norm else (1 + scale, shift)
            h = self.norm2.scaled_and_shifted(h, scale, shift)
        else:
            h = conv_shifted(self.conv1, h, condition)
            h = self.norm2(h)
        h = silu(h).to(x.dtype)
        if mask_BC is not None:
            h = h * mask_BC[:, :, None, None].to(h.dtype)
        return conv_plus(self.conv2, h, self.skip(self.resample(x)))


class Attention(nn.Module):
    """Self-attention over all positions of the grid; channels of q, k, v consecutive, heads consecutive inside."""

    def __init__(self, channels: int, head_channels: int):
        super().__init__()
        self.heads = max(channels // head_channels, 1)
        if channels % self.heads:
            raise CheckpointError(f"{channels} channels do not divide into {self.heads} heads of attention.")
        self.norm = GroupNorm(channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = zeroed(nn.Conv2d(channels, channels, 1))

    def forward(self, x: Tensor, perturbed: int = 0) -> Tensor:
        """x [B,C,H,W] plus what its positions learn from each other, the same shape.

        perturbed: in the last so many pictures every position sees itself alone.
        """
        batch, channels, height, width = x.shape
        qkv = self.qkv(self.norm(x).to(x.dtype)).flatten(2)
        q, k, v = qkv.reshape(batch, 3, self.heads, channels // self.heads, height * width).transpose(-1, -2).unbind(1)
        seeing = batch - perturbed
        h = F.scaled_dot_product_attention(q[:seeing], k[:seeing], v[:seeing])
        if perturbed:
            h = torch.cat([h, v[seeing:]])
        h = h.transpose(-1, -2).reshape(batch, channels, height, width)
        return conv_plus(self.out, h, x)


class Stage(nn.Module):
    """One residual block and, on the grids that attend, the attention behind it."""

    def __init__(self, block: ResidualBlock, attention: Attention | None):
        super().__init__()
        self.block = block
        self.attention = attention

    def forward(self, x: Tensor, embedding_BE: Tensor, mask_BC: Tensor | None, perturbed: int = 0) -> Tensor:
        """Arguments and result [B,C,H,W] as of `ResidualBlock` and `Attention`."""
        x = self.block(x, embedding_BE, mask_BC)
        return x if self.attention is None else self.attention(x, perturbed)
