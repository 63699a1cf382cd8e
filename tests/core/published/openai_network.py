"""The network of the published models with the names of OpenAI's code, written from its description for the tests.

Plain modules in the order of cm/unet.py, so that a state dict has OpenAI's names. Nothing of core is used: what core
makes of such a state dict is compared with it.
"""

import math
from functools import cache

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    def __init__(self, channels: int, out: int, embedding: int, scale_shift: bool, direction: str = ""):
        super().__init__()
        self.scale_shift, self.direction = scale_shift, direction
        self.in_layers = nn.Sequential(nn.GroupNorm(32, channels), nn.SiLU(), nn.Conv2d(channels, out, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, 2 * out if scale_shift else out))
        layers = (nn.GroupNorm(32, out), nn.SiLU(), nn.Dropout(0.0), nn.Conv2d(out, out, 3, padding=1))
        self.out_layers = nn.Sequential(*layers)
        self.skip_connection = nn.Identity() if channels == out else nn.Conv2d(channels, out, 1)

    def resampled(self, x: Tensor) -> Tensor:
        if self.direction == "up":
            return x.repeat_interleave(2, -1).repeat_interleave(2, -2)
        return x if not self.direction else x.unflatten(-1, (-1, 2)).mean(-1).unflatten(-2, (-1, 2)).mean(-2)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        h = self.in_layers[2](self.resampled(self.in_layers[1](self.in_layers[0](x))))
        condition = self.emb_layers(embedding)[..., None, None]
        if self.scale_shift:
            scale, shift = condition.chunk(2, dim=1)
            h = self.out_layers[1:](self.out_layers[0](h) * (1 + scale) + shift)
        else:
            h = self.out_layers(h + condition)
        return self.skip_connection(self.resampled(x)) + h


class Attention(nn.Module):
    """All of q, then all of k, then all of v; inside each, head after head of 64 channels."""

    def __init__(self, channels: int):
        super().__init__()
        self.norm = nn.GroupNorm(32, channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        q, k, v = self.qkv(self.norm(x)).flatten(2).chunk(3, dim=1)
        heads = []
        for q64, k64, v64 in zip(q.split(64, 1), k.split(64, 1), v.split(64, 1)):
            weight = torch.softmax(q64.transpose(1, 2) @ k64 / 8, dim=-1)
            heads.append(v64 @ weight.transpose(1, 2))
        return x + self.proj_out(torch.cat(heads, 1).reshape(x.shape))


class Blocks(nn.Sequential):
    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        for layer in self:
            x = layer(x) if isinstance(layer, nn.Conv2d) else layer(x, embedding)
        return x


class OpenAIUNet(nn.Module):
    """F(c_in x, time): labels for a network with classes. attention: levels that attend, 0 the finest."""

    def __init__(self, width: int, multipliers, blocks: int, attention, *, scale_shift: bool, classes: int = 0):
        super().__init__()
        self.width, embedding = width, 4 * width
        self.time_embed = nn.Sequential(nn.Linear(width, embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        if classes:
            self.label_emb = nn.Embedding(classes, embedding)

        def attending(level, channels):
            return [Attention(channels)] if level in attention else []

        def residual(channels, out, direction=""):
            return Residual(channels, out, embedding, scale_shift, direction)

        inputs, widths, channels = [Blocks(nn.Conv2d(3, width, 3, padding=1))], [width], width
        for level, multiplier in enumerate(multipliers):
            for _ in range(blocks):
                inputs.append(Blocks(residual(channels, width * multiplier), *attending(level, width * multiplier)))
                widths.append(channels := width * multiplier)
            if level < len(multipliers) - 1:
                inputs.append(Blocks(residual(channels, channels, "down")))
                widths.append(channels)
        self.input_blocks = nn.ModuleList(inputs)
        self.middle_block = Blocks(residual(channels, channels), Attention(channels), residual(channels, channels))
        outputs = []
        for level, multiplier in list(enumerate(multipliers))[::-1]:
            for number in range(blocks + 1):
                out = width * multiplier
                layers = [residual(channels + widths.pop(), out), *attending(level, out)]
                channels = out
                if level and number == blocks:
                    layers.append(residual(channels, channels, "up"))
                outputs.append(Blocks(*layers))
        self.output_blocks = nn.ModuleList(outputs)
        self.out = nn.Sequential(nn.GroupNorm(32, channels), nn.SiLU(), nn.Conv2d(channels, 3, 3, padding=1))

    def forward(self, u: Tensor, sigma: Tensor, labels: Tensor | None = None) -> Tensor:
        frequencies = torch.exp(-math.log(10000) * torch.arange(self.width // 2) / (self.width // 2))
        angles = (1000 * 0.25 * torch.log(sigma + 1e-44))[:, None] * frequencies
        embedding = self.time_embed(torch.cat([angles.cos(), angles.sin()], dim=1))
        if labels is not None:
            embedding = embedding + self.label_emb(labels)
        skips, h = [], u
        for block in self.input_blocks:
            skips.append(h := block(h, embedding))
        h = self.middle_block(h, embedding)
        for block in self.output_blocks:
            h = block(torch.cat([h, skips.pop()], dim=1), embedding)
        return self.out(h)


def consistency(network: OpenAIUNet, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
    """f(x, sigma) with the boundary condition at 0.002, in double precision around the network."""
    norm = math.sqrt(sigma**2 + 0.25)
    output = network(x / norm, torch.full((len(x),), sigma), labels)
    return 0.25 / ((sigma - 0.002) ** 2 + 0.25) * x + (sigma - 0.002) * 0.5 / norm * output


def denoised(network: OpenAIUNet, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
    """The EDM denoiser D(x, sigma)."""
    norm = math.sqrt(sigma**2 + 0.25)
    output = network(x / norm, torch.full((len(x),), sigma), labels)
    return 0.25 / norm**2 * x + sigma * 0.5 / norm * output


def randomised(network: nn.Module, seed: int = 0) -> nn.Module:
    """Every parameter random, at a scale at which signals neither vanish nor grow: zero layers would hide errors."""
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            fan_in = parameter[0].numel() if parameter.ndim > 1 else 1
            values = torch.randn(parameter.shape, generator=rng) / math.sqrt(fan_in)
            parameter.copy_(0.3 * values + (1.0 if parameter.ndim == 1 and name.endswith("weight") else 0.0))
    return network.eval().requires_grad_(False)


# Both published architectures, shrunken: attention has one head where a level has 64 channels, two where it has 128.
SMALL = {
    "imagenet": {
        "width": 64,
        "multipliers": (1, 2),
        "blocks": 2,
        "attention": (1,),
        "scale_shift": True,
        "classes": 10,
    },
    "lsun": {"width": 64, "multipliers": (1, 1, 2), "blocks": 1, "attention": (1, 2), "scale_shift": False},
}
SIDES = {"imagenet": 16, "lsun": 32}
FULL: dict[str, dict] = {
    "imagenet": {"width": 192, "multipliers": (1, 2, 3, 4), "blocks": 3, "attention": (1, 2, 3), "scale_shift": True},
    "lsun": {
        "width": 256,
        "multipliers": (1, 1, 2, 2, 4, 4),
        "blocks": 2,
        "attention": (3, 4, 5),
        "scale_shift": False,
    },
}
FULL["imagenet"]["classes"] = 1000


@cache
def small(kind: str) -> OpenAIUNet:
    """A shrunken network of that kind with random weights, which must not be changed."""
    return randomised(OpenAIUNet(**SMALL[kind]))


def noisy(sigma: float, side: int, count: int = 2) -> Tensor:
    """Random pictures with noise of that level, [count,3,side,side]."""
    rng = torch.Generator().manual_seed(0)
    clean = torch.rand((count, 3, side, side), generator=rng) * 2 - 1
    return clean + sigma * torch.randn(clean.shape, generator=rng)


def labels_for(kind: str) -> Tensor | None:
    """Two different classes for a network that has some."""
    return torch.tensor([3, 7]) if kind == "imagenet" else None


def relative_error(found: Tensor, expected: Tensor) -> float:
    """The largest difference, as a part of the largest value."""
    return float((found - expected).detach().abs().max() / expected.detach().abs().max())
