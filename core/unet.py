"""The network F of every model: an ADM U-Net (Dhariwal & Nichol 2021), optionally behind a pixel-unshuffle.

One class covers the bundled model and the published ones (OpenAI's ImageNet-64 and LSUN-256): resampling inside
residual blocks, additive or scale-shift conditioning, attention on chosen grid sizes, optional classes. Small models
work on patches: a pixel-unshuffle in front makes a 64-pixel picture a 16x16 grid of 48 numbers, the patch prior
(core/patch_prior.py) takes from the network what linear filtering does better, and a refiner (core/refiner.py) adds at
full resolution what patches leave out.

Shapes: B pictures, C channels, H rows, W columns, E embedding width.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import CheckpointError
from core.json_values import is_number
from core.network_base import Network, zeroed
from core.patch_prior import PatchPrior
from core.refiner import Refiner, clean_estimate
from core.scalings import angle_of
from core.unet_blocks import Attention, GroupNorm, Linear, ResidualBlock, Stage, silu

PRIOR_PATCHES = 400_000  # that the prior is fitted to: enough for 48x48 second moments to three digits
LARGEST = 1_000_000  # of any size
TRUNK = "trunk."  # how the names of all weights begin but those of a patch prior and a refiner
TIME_INPUTS = {"log": lambda sigma_B: 0.25 * sigma_B.log(), "angle": angle_of}


@dataclass(frozen=True)
class UNetConfig:
    """What a network is built from. Sizes named `grid` are in positions behind the pixel-unshuffle."""

    resolution: int = 64  # side of the picture in pixels
    channels: int = 3  # of the picture
    patch: int = 4  # pixel-unshuffle factor; 1 for none
    patch_prior: bool = True  # Wiener filter around the trunk, only with patch > 1
    refine: int = 0  # channels of the residual network at full resolution behind it (core/refiner.py); 0 for none
    width: int = 96  # channels of the finest level
    multipliers: tuple[int, ...] = (1, 2)  # channels of each level, as multiples of width
    blocks: int = 1  # residual blocks a level on the way down; one more on the way up
    attention_grids: tuple[int, ...] = (8,)  # sides of the levels that attend
    head_channels: int = 64
    scale_shift: bool = False  # conditioning by scale and shift of a norm, instead of by addition
    pixel_norm: bool = False  # of that scale and shift, for trained derivatives (Lu & Song 2024, section 4.1)
    classes: int = 0  # class labels; 0 for none
    augment_labels: int = 0  # numbers that say how a picture was varied (training/data/augment_nonleaky.py); 0 for none
    step_counts: tuple[int, ...] = ()  # of which one is an input of the network (core/segments.py); () for none
    time_scale: float = 16.0  # the embedding sees time_scale times the time input; published models: 1000
    time_input: str = "log"  # "log": ln(sigma) / 4; "angle": arctan(sigma / sigma_data), TrigFlow's time

    def __post_init__(self):
        """Raises CheckpointError for sizes that do not fit together or are beyond reason."""
        if not all(isinstance(each, tuple) for each in (self.multipliers, self.attention_grids, self.step_counts)):
            raise CheckpointError("The network's multipliers, attention_grids and step_counts must be lists.")
        sizes = [self.resolution, self.channels, self.patch, self.width, self.blocks, self.head_channels, self.classes]
        sizes += [self.refine, self.augment_labels, *self.multipliers, *self.attention_grids, *self.step_counts]
        if any(type(size) is not int or abs(size) > LARGEST for size in sizes):
            raise CheckpointError(f"The network's sizes must be whole numbers, of at most {LARGEST}.")
        if any(type(flag) is not bool for flag in (self.patch_prior, self.scale_shift, self.pixel_norm)):
            raise CheckpointError("The network's patch_prior, scale_shift and pixel_norm must be true or false.")
        if not (1 <= self.patch <= 16 and 1 <= self.resolution <= 4096 and self.resolution % self.patch == 0):
            raise CheckpointError(f"A {self.resolution} px picture does not divide into patches of {self.patch} px.")
        if not (1 <= len(self.multipliers) <= 8 and self.grid % 2 ** (len(self.multipliers) - 1) == 0):
            raise CheckpointError(f"A grid of {self.grid} cannot be halved {len(self.multipliers) - 1} times.")
        if not 0 <= self.refine <= 256:
            raise CheckpointError("The network's refine must be 0 to 256 channels.")
        if not (8 <= self.width <= 1024 and 1 <= self.blocks <= 8 and 0 <= self.classes <= 100_000):
            raise CheckpointError("The network's width, blocks or classes are outside what can be built.")
        if any(not 1 <= m <= 16 for m in self.multipliers) or not 1 <= self.channels <= 16:
            raise CheckpointError("The network's channel counts are outside what can be built.")
        if self.pixel_norm and not self.scale_shift:
            raise CheckpointError("The network's pixel_norm is one of its scale and shift: it needs scale_shift.")
        if self.head_channels < 1 or not is_number(self.time_scale, 1e-6, 1e6):
            raise CheckpointError("The network's head width and time scale must be positive.")
        if not 0 <= self.augment_labels <= 100:
            raise CheckpointError("The network's augment_labels must be 0 to 100.")
        if list(self.step_counts) != sorted(set(self.step_counts)) or any(not 1 <= n <= 1000 for n in self.step_counts):
            raise CheckpointError("The network's step counts must ascend, from 1 to at most 1000.")
        if self.time_input not in TIME_INPUTS:
            named = str(self.time_input)[:40]
            raise CheckpointError(f'The time input "{named}" is not known: {", ".join(TIME_INPUTS)} are.')

    @property
    def grid(self) -> int:
        """Side of the finest level."""
        return self.resolution // self.patch

    @property
    def patch_channels(self) -> int:
        """Numbers in one patch: channels of the trunk's input and output."""
        return self.channels * self.patch**2


def class_embedding(classes: int, width: int) -> nn.Embedding:
    """Given its weights, since its own initialisation on the meta device makes torch import its compiler (1.4 s)."""
    return nn.Embedding(classes, width, _weight=torch.randn(classes, width))


def sinusoids(values_B: Tensor, width: int) -> Tensor:
    """[B, width]: cosines, then sines, of frequencies 1 .. 1/10000 (OpenAI's order)."""
    half = width // 2
    frequencies = torch.exp(-log(10000) * torch.arange(half, device=values_B.device, dtype=torch.float32) / half)
    angles = values_B.float()[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], dim=1)


if TYPE_CHECKING:  # torch's types do not say what a list or a dictionary of modules holds

    class StageList(nn.ModuleList):
        def __iter__(self) -> Iterator[Stage]: ...

    class StageDict(nn.ModuleDict):
        def __getitem__(self, key: str) -> Stage: ...

else:
    StageList, StageDict = nn.ModuleList, nn.ModuleDict


class Trunk(nn.Module):
    """The U-Net proper, on patches: from [B,patch_channels,grid,grid] and noise levels [B] to the same shape.

    It returns the features behind the last norm as well, [B,width_out,grid,grid], for the refiner.
    """

    def __init__(self, config: UNetConfig):
        super().__init__()
        self.config = config
        width, embedding = config.width, 4 * config.width
        self.time1 = Linear(width, embedding)
        self.time2 = Linear(embedding, embedding)
        self.classes = class_embedding(config.classes, embedding) if config.classes else None
        # At first no step count differs from another, nor from the network without any.
        self.steps = zeroed(class_embedding(len(config.step_counts), embedding)) if config.step_counts else None
        varied = config.augment_labels
        self.augment = zeroed(Linear(varied, embedding, bias=False)) if varied else None
        self.conv_in = nn.Conv2d(config.patch_channels, width, 3, padding=1)

        def block(channels_in, channels_out, direction="none"):
            how = {"scale_shift": config.scale_shift, "pixel_norm": config.pixel_norm, "direction": direction}
            return ResidualBlock(channels_in, channels_out, embedding, **how)

        def stage(channels_in, channels_out, grid):
            attends = grid in config.attention_grids
            attention = Attention(channels_out, config.head_channels) if attends else None
            return Stage(block(channels_in, channels_out), attention)

        self.down, skips, channels, grid = StageList(), [width], width, config.grid
        for level, multiplier in enumerate(config.multipliers):
            for _ in range(config.blocks):
                self.down.append(stage(channels, width * multiplier, grid))
                channels = width * multiplier
                skips.append(channels)
            if level < len(config.multipliers) - 1:
                self.down.append(Stage(block(channels, channels, "down"), None))
                skips.append(channels)
                grid //= 2

        self.middle = StageList(
            [
                Stage(block(channels, channels), Attention(channels, config.head_channels)),
                Stage(block(channels, channels), None),
            ]
        )

        self.up = StageList()
        self.upsamplers = StageDict()
        for level, multiplier in reversed(list(enumerate(config.multipliers))):
            for _ in range(config.blocks + 1):
                self.up.append(stage(channels + skips.pop(), width * multiplier, grid))
                channels = width * multiplier
            if level > 0:
                self.upsamplers[str(len(self.up) - 1)] = Stage(block(channels, channels, "up"), None)
                grid *= 2

        self.width_out = channels
        self.norm_out = GroupNorm(channels)
        self.conv_out = zeroed(nn.Conv2d(channels, config.patch_channels, 3, padding=1))
        self.dropout_channels = sum(block.channels_out for block in self._blocks())

    @property
    def dropout_grids(self) -> list[int]:
        """The side of the grid on which each channel of the dropout mask lies, in the mask's order."""
        grid, grids = self.config.grid, []
        for block in self._blocks():
            grid = {"down": grid // 2, "none": grid, "up": 2 * grid}[block.resample.direction]
            grids += [grid] * block.channels_out
        return grids

    def _blocks(self) -> Iterator[ResidualBlock]:
        """In the order of the forward pass."""
        for stage in (*self.down, *self.middle):
            yield stage.block
        for index, stage in enumerate(self.up):
            yield stage.block
            if str(index) in self.upsamplers:
                yield self.upsamplers[str(index)].block

    def embed(
        self,
        sigma_B: Tensor,
        labels_B: Tensor | None,
        steps_B: Tensor | None = None,
        augmented_BA: Tensor | None = None,
    ) -> Tensor:
        """SiLU of the embedding of noise level and conditions, [B,E] float32: every block starts with that SiLU."""
        time_B = TIME_INPUTS[self.config.time_input](sigma_B.float())
        angles = sinusoids(self.config.time_scale * time_B, self.config.width)
        embedding = self.time2(F.silu(self.time1(angles)))
        if self.classes is not None:
            embedding = embedding + self.classes(labels_B)
        if self.steps is not None:
            embedding = embedding + (self.steps.weight[-1] if steps_B is None else self.steps(steps_B))
        if augmented_BA is not None:
            assert self.augment is not None, "the network has no augment_labels"
            embedding = embedding + self.augment(augmented_BA)
        return F.silu(embedding)

    def forward(
        self,
        x: Tensor,
        sigma_B: Tensor,
        labels_B: Tensor | None,
        mask_BC: Tensor | None,
        steps_B: Tensor | None = None,
        augmented_BA: Tensor | None = None,
        guidance: float = 0.0,
    ) -> tuple[Tensor, Tensor]:
        """The output [B,patch_channels,grid,grid] and the features before it, [B,width_out,grid,grid]."""
        embedding = self.embed(sigma_B, labels_B, steps_B, augmented_BA)
        next_mask = _slices(mask_BC)
        h = self.conv_in(x)
        skips = [h]
        for stage in self.down:
            h = stage(h, embedding, next_mask(stage.block.channels_out))
            skips.append(h)
        if guidance:  # from here on, every picture twice
            h, embedding, *skips = (twice.repeat(2, *[1] * (twice.ndim - 1)) for twice in (h, embedding, *skips))
        perturbed = len(x) if guidance else 0
        for stage in self.middle:
            h = stage(h, embedding, next_mask(stage.block.channels_out), perturbed)
        for index, stage in enumerate(self.up):
            skips[-1] = torch.cat([h, skips[-1]], dim=1)
            del h  # what nothing needs any more makes room: here is most in use
            h = stage(skips.pop(), embedding, next_mask(stage.block.channels_out), perturbed)
            if str(index) in self.upsamplers:
                upsampler = self.upsamplers[str(index)]
                h = upsampler(h, embedding, next_mask(upsampler.block.channels_out))
        h = silu(self.norm_out(h)).to(h.dtype)
        output = self.conv_out(h)
        if not guidance:
            return output, h
        better, worse = output.chunk(2)
        return _away_from(better, worse, guidance), h[: len(x)]


def _away_from(output: Tensor, worse: Tensor, guidance: float) -> Tensor:
    """Further from the worse one, by so many times their difference."""
    return output + guidance * (output - worse)


def _slices(mask_BC: Tensor | None) -> Callable[[int], Tensor | None]:
    """Hands out the dropout mask block by block, in the order of the forward pass."""
    position = 0

    def take(channels: int) -> Tensor | None:
        nonlocal position
        if mask_BC is None:
            return None
        position += channels
        return mask_BC[:, position - channels : position]

    return take


class UNet(Network):
    """F(u, sigma, labels): u = c_in x, [B,C,H,W] float32; the result has the same shape, float32.

    What the arguments mean is said in core/network_base.py; the dropout mask is [B, dropout_channels].

    `guidance` w > 0: F + w (F - F'), where F' is the same network with its attention, from the middle on, looking at no
    other position than its own (perturbed-attention guidance, Ahn et al. 2024). F' does not know how parts of a picture
    belong together, so the difference points to where they do. The scalings around F are affine: what holds for F holds
    for the clean estimate. Costs four fifths of an evaluation more. Not together with a dropout mask.
    """

    RETRAINABLE = frozenset({"time_input", "time_scale"})
    ADDABLE = frozenset({"step_counts", "refine"})
    REDUCED_IN_FILES = (TRUNK,)

    config: UNetConfig

    def __init__(self, config: UNetConfig):
        super().__init__(config)
        self.trunk = Trunk(config)
        self.prior = PatchPrior(config.patch_channels) if config.patch_prior and config.patch > 1 else None
        self.refiner = None
        if config.refine:
            self.refiner = Refiner(config.channels, config.refine, self.trunk.width_out, config.patch)

    @property
    def dropout_channels(self) -> int:
        """The width of the dropout mask: channels of all blocks together."""
        return self.trunk.dropout_channels

    @property
    def dropout_grids(self) -> list[int]:
        """See core/network_base.py."""
        return self.trunk.dropout_grids

    @property
    def prior_pictures(self) -> int:
        """How many pictures hold PRIOR_PATCHES patches, one at least; 0 without the prior."""
        return 0 if self.prior is None else max(PRIOR_PATCHES // self.config.grid**2, 1)

    def fit_prior(self, pictures: Tensor) -> None:
        """Fits the patch prior to all patches of pictures [N,C,R,R] in [-1, 1]."""
        if self.prior is not None:
            patches = F.pixel_unshuffle(pictures, self.config.patch)
            self.prior.fit(patches.permute(0, 2, 3, 1).flatten(0, 2))

    def reduced_modules(self) -> Iterable[nn.Module]:
        """The convolutions. What embeds the noise level needs float32 (`Linear`), and norms cost nothing in it."""
        return [module for module in self.modules() if isinstance(module, nn.Conv2d)]

    def compiled_modules(self) -> Iterable[nn.Module]:
        """The trunk and, if there is one, the refiner."""
        return [self.trunk] if self.refiner is None else [self.trunk, self.refiner]

    def shard_units(self) -> Iterable[nn.Module]:
        """Every residual block with its attention."""
        return [module for module in self.modules() if isinstance(module, Stage)]

    def forward(
        self,
        u: Tensor,
        sigma_B: Tensor,
        labels_B: Tensor | None = None,
        dropout_mask: Tensor | None = None,
        steps_B: Tensor | None = None,
        augmented_BA: Tensor | None = None,
        guidance: float = 0.0,
    ) -> Tensor:
        """F [B,C,R,R] float32; arguments as in core/network_base.py."""
        conditions = (sigma_B, labels_B, dropout_mask, steps_B, augmented_BA, guidance)
        patches = F.pixel_unshuffle(u, self.config.patch)
        if self.prior:
            coefficients, patches = self.prior.analyse(patches, sigma_B)
        with self.precision():  # the prior and the scalings stay float32
            output, hidden = self.trunk(self._as_weights(patches), *conditions)
        if self.prior:
            output = self.prior.synthesise(coefficients, output, sigma_B)
        answer = F.pixel_shuffle(output.float(), self.config.patch)
        if self.refiner is None:
            return answer
        estimate = clean_estimate(answer, u, sigma_B)
        with self.precision():
            return answer + self.refiner(self._as_weights(estimate), hidden).float()

    def _as_weights(self, x: Tensor) -> Tensor:
        """x in the precision of the weights and in the runtime's layout."""
        return x.to(self.trunk.conv_in.weight.dtype).contiguous(memory_format=self.memory_format)
