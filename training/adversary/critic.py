"""The critic of an adversarial objective: a discriminator between real pictures and answers of a model.

It is a projected discriminator (Sauer et al. 2021): small trained heads on the feature maps of a frozen ImageNet
network, at four scales, mixed by fixed random convolutions across channels and from coarse to fine scales (section
3.2). It converges many times faster than a discriminator that must learn its features, also on small data sets. Frozen
maps do not show fine grids, so one more head sees the pixels. All trained convolutions have unit gain (spectral.py).

The heads get the class and the band of the noise level by projection (Miyato & Koyama 2018). So an answer to a slightly
noisy picture is compared with real pictures, not with the answers to very noisy ones.

Shapes: B pictures, H rows, W columns, P positions of a feature map, K channels of a map.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.adversary.spectral import SpectralConv2d
from training.metrics.efficientnet import frozen_maps

MIXED = (48, 64, 96, 128)  # channels of the mixed maps, from the finest to the coarsest
HEAD = 64  # channels of a head
SLOPE = 0.2  # slope of the leaky ReLU for negative values


@dataclass(frozen=True)
class CriticFeatures:
    """What the heads see of pictures: frozen maps [B,K,H',W'], the mixed maps, and the pixels [B,3,H,W]."""

    maps: list[Tensor]
    mixed: list[Tensor]
    pixels: Tensor

    def detached(self) -> "CriticFeatures":
        """The same features without a gradient to the pictures."""
        return CriticFeatures([m.detach() for m in self.maps], [m.detach() for m in self.mixed], self.pixels.detach())


class Critic(nn.Module):
    """Gives pictures scores: the higher, the more real the critic takes them to be."""

    def __init__(self, features: str, classes: int = 0, bands: int = 0):
        """features: the name of the frozen network (metrics/efficientnet.py). Raises OnestrokeError if it is missing.

        classes, bands: the number of classes and of bands of noise levels; 0 for no such input.
        """
        super().__init__()
        self.precision: Callable[[], AbstractContextManager] = (
            nullcontext  # the context in which everything is computed
        )
        self._pretrained = {"maps": frozen_maps(features)}  # in a dict, so that it is neither trained nor saved
        widths = self._pretrained["maps"].channels
        mixed = MIXED[: len(widths)]
        self.across = nn.ModuleList(nn.Conv2d(a, b, 1, bias=False) for a, b in zip(widths, mixed))
        self.down = nn.ModuleList(nn.Conv2d(b, a, 1, bias=False) for a, b in pairwise(mixed))
        for conv in (*self.across, *self.down):
            nn.init.kaiming_normal_(conv.weight, nonlinearity="linear").requires_grad_(False)
        last = len(mixed) - 1
        self.heads = nn.ModuleList(Head(width, last - n, (classes, bands)) for n, width in enumerate(mixed))
        self.pixel_head = _pixel_head()

    def extract(self, x: Tensor) -> CriticFeatures:
        """The features of pictures [B,3,H,W] in [-1, 1]."""
        with self.precision():
            pixels = x.contiguous(memory_format=torch.channels_last)
            maps = self._pretrained["maps"](pixels)
            mixed = [conv(m) for conv, m in zip(self.across, maps)]
            for n in reversed(range(len(self.down))):
                side = mixed[n].shape[-2:]
                coarse = F.interpolate(self.down[n](mixed[n + 1]), size=side, mode="bilinear", align_corners=False)
                mixed[n] = mixed[n] + coarse
        return CriticFeatures(maps, mixed, pixels)

    def scores(self, features: CriticFeatures, labels: Tensor | None, band_B: Tensor | None = None) -> list[Tensor]:
        """One tensor [B,P] float32 from each head, the last from the head on pixels.

        labels [B]: class numbers. band_B [B]: the band of the noise level of the answer, for a real picture that of the
        answer to it.
        """
        with self.precision():
            scores = [head(m, (labels, band_B)) for head, m in zip(self.heads, features.mixed)]
            scores.append(self.pixel_head(features.pixels).flatten(1))
        return [values.float() for values in scores]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """A context in which the critic's parameters get no gradient; its input does."""
        trained = [parameter for parameter in self.parameters() if parameter.requires_grad]
        for parameter in trained:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in trained:
                parameter.requires_grad_(True)

    def update_spectral_norms(self) -> None:
        """One power iteration in every convolution. The trainer calls it after each optimiser step."""
        for module in self.modules():
            if isinstance(module, SpectralConv2d):
                module.power_iteration()

    def _apply(self, function, recurse=True):
        self._pretrained["maps"]._apply(function)  # so that `to` moves it as well
        return super()._apply(function, recurse)


class Head(nn.Module):
    """A small discriminator on one mixed map: strided convolutions, then a score for each position."""

    def __init__(self, channels: int, halvings: int, conditions: tuple[int, ...]):
        """channels: of the map. halvings: convolutions of stride 2. conditions: the number of values of each."""
        super().__init__()
        layers = []
        for _ in range(halvings):
            layers += [SpectralConv2d(channels, HEAD, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE)]
            channels = HEAD
        self.body = nn.Sequential(*layers, SpectralConv2d(channels, HEAD, 3, padding=1), nn.LeakyReLU(SLOPE))
        self.out = SpectralConv2d(HEAD, 1, 1)
        self.told = nn.ModuleList(
            nn.Embedding(count, HEAD, _weight=torch.zeros(count, HEAD)) if count else nn.Identity()
            for count in conditions
        )  # "told" is its name in saved states

    def forward(self, x: Tensor, conditions: tuple[Tensor | None, ...]) -> Tensor:
        """Scores [B,P] of a map [B,K,H',W']. conditions: the index [B] of each, None for one of 0 values."""
        h = self.body(x)
        scores = self.out(h)
        for embedding, index_B in zip(self.told, conditions):
            if isinstance(embedding, nn.Embedding):
                scores = scores + (h * embedding(index_B)[:, :, None, None]).sum(1, keepdim=True) / HEAD**0.5
        return scores.flatten(1)


def _pixel_head() -> nn.Sequential:
    """A discriminator whose scores see patches of 22x22 pixels each (Isola et al. 2017)."""
    narrow, wide = HEAD // 2, HEAD
    return nn.Sequential(
        SpectralConv2d(3, narrow, 4, stride=2, padding=1),
        nn.LeakyReLU(SLOPE),
        SpectralConv2d(narrow, wide, 4, stride=2, padding=1),
        nn.LeakyReLU(SLOPE),
        SpectralConv2d(wide, wide, 3, padding=1),
        nn.LeakyReLU(SLOPE),
        SpectralConv2d(wide, 1, 3, padding=1),
    )
