"""The critic of an adversarial objective: tells pictures that a model made from real ones.

A projected discriminator (Sauer et al. 2021): small heads on the maps of a frozen ImageNet network, at four scales,
mixed at random across channels and from the coarse to the fine (section 3.2). It converges many times faster than one
that has to learn to see, on small sets too. Frozen maps are blind to fine grids, so one more head looks at pixels. All
convolutions that learn have unit gain (spectral.py). Classes come in by projection (Miyato & Koyama 2018), and
so do bands of noise levels: what was made of little noise is to be told from real pictures, not from what was made of
much.

Shapes: B pictures, H rows, W columns, P places of a map, K channels of one.
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

MIXED = (48, 64, 96, 128)  # channels of the mixed maps, from the fine one to the coarse one
HEAD = 64  # channels of a head
SLOPE = 0.2  # of the leaky ReLU


@dataclass(frozen=True)
class Sight:
    """What the critic sees of pictures: frozen maps [B,K,H',W'], the same mixed, and the pixels [B,3,H,W]."""

    maps: list[Tensor]
    mixed: list[Tensor]
    pixels: Tensor

    def detached(self) -> "Sight":
        """The same without gradients to the pictures."""
        return Sight([m.detach() for m in self.maps], [m.detach() for m in self.mixed], self.pixels.detach())


class Critic(nn.Module):
    """Scores of pictures: above 0 for what it takes as real."""

    def __init__(self, features: str, classes: int = 0, bands: int = 0):
        """features: the frozen network's name or file (metrics/efficientnet.py). Raises OnestrokeError without it.

        classes, bands: how many of each it is told one of; 0 for none.
        """
        super().__init__()
        self.precision: Callable[[], AbstractContextManager] = nullcontext  # what everything here runs under
        self._frozen = {"maps": frozen_maps(features)}  # not a child: neither trained nor saved
        widths = self._frozen["maps"].channels
        mixed = MIXED[: len(widths)]
        self.across = nn.ModuleList(nn.Conv2d(a, b, 1, bias=False) for a, b in zip(widths, mixed))
        self.down = nn.ModuleList(nn.Conv2d(b, a, 1, bias=False) for a, b in pairwise(mixed))
        for conv in (*self.across, *self.down):
            nn.init.kaiming_normal_(conv.weight, nonlinearity="linear").requires_grad_(False)
        last = len(mixed) - 1
        self.heads = nn.ModuleList(Head(width, last - n, (classes, bands)) for n, width in enumerate(mixed))
        self.pixel_head = _pixel_head()

    def look(self, x: Tensor) -> Sight:
        """What it sees of pictures [B,3,H,W] in [-1, 1]."""
        with self.precision():
            pixels = x.contiguous(memory_format=torch.channels_last)
            maps = self._frozen["maps"](pixels)
            mixed = [conv(m) for conv, m in zip(self.across, maps)]
            for n in reversed(range(len(self.down))):
                side = mixed[n].shape[-2:]
                coarse = F.interpolate(self.down[n](mixed[n + 1]), size=side, mode="bilinear", align_corners=False)
                mixed[n] = mixed[n] + coarse
        return Sight(maps, mixed, pixels)

    def scores(self, sight: Sight, labels: Tensor | None, band_B: Tensor | None = None) -> list[Tensor]:
        """One tensor [B,P] float32 from each head. band_B: of the noise that a made picture, or its pair, had."""
        with self.precision():
            scores = [head(m, (labels, band_B)) for head, m in zip(self.heads, sight.mixed)]
            scores.append(self.pixel_head(sight.pixels).flatten(1))
        return [values.float() for values in scores]

    @contextmanager
    def unmoved(self) -> Iterator[None]:
        """Inside, nothing that is asked of the critic gives it a gradient."""
        moving = [parameter for parameter in self.parameters() if parameter.requires_grad]
        for parameter in moving:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in moving:
                parameter.requires_grad_(True)

    def follow(self) -> None:
        """To be called after every optimiser step."""
        for module in self.modules():
            if isinstance(module, SpectralConv2d):
                module.follow()

    def _apply(self, function, recurse=True):
        self._frozen["maps"]._apply(function)  # `to` a device takes it along
        return super()._apply(function, recurse)


class Head(nn.Module):
    """A small discriminator on one mixed map: strided convolutions, then a score for every place."""

    def __init__(self, channels: int, halvings: int, kinds: tuple[int, ...]):
        super().__init__()
        layers = []
        for _ in range(halvings):
            layers += [SpectralConv2d(channels, HEAD, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE)]
            channels = HEAD
        self.body = nn.Sequential(*layers, SpectralConv2d(channels, HEAD, 3, padding=1), nn.LeakyReLU(SLOPE))
        self.out = SpectralConv2d(HEAD, 1, 1)
        self.told = nn.ModuleList(
            nn.Embedding(count, HEAD, _weight=torch.zeros(count, HEAD)) if count else nn.Identity() for count in kinds
        )

    def forward(self, x: Tensor, of: tuple[Tensor | None, ...]) -> Tensor:
        """Scores [B,P] of a map [B,K,H',W']; of: for each kind of condition which one each picture has, [B]."""
        h = self.body(x)
        scores = self.out(h)
        for embedding, which_B in zip(self.told, of):
            if isinstance(embedding, nn.Embedding):
                scores = scores + (h * embedding(which_B)[:, :, None, None]).sum(1, keepdim=True) / HEAD**0.5
        return scores.flatten(1)


def _pixel_head() -> nn.Sequential:
    """A discriminator of patches of 22 pixels (Isola et al. 2017)."""
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
