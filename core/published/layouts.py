"""The names that OpenAI's code and diffusers have for the tensors of a U-Net.

All three programs build the same parts in the same order, so a name translates by itself: which part, which place,
which layer inside. OpenAI's tensors have our shapes; diffusers has q, k and v of attention apart, as matrices.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.unet import TRUNK, UNetConfig

Shapes = Mapping[str, tuple[int, ...]]


class Origin(NamedTuple):
    """Where one of our tensors comes from: tensors of one shape, which lie in it one behind the other."""

    names: tuple[str, ...]
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """How a program names the parts of the network, and the layers inside residual blocks and attention."""

    program: str
    single: Mapping[str, str]  # layers outside of blocks
    block: Mapping[str, str]
    attention: Mapping[str, tuple[str, ...]]
    place: Callable[[UNetConfig, str, int, str], str]  # of "down", 3, "block" among its own
    matrices: bool = False  # whether attention has matrices instead of convolutions of one pixel

    def origins(self, config: UNetConfig, shapes: Shapes) -> dict[str, Origin]:
        """For each of our tensors, by its name and shape, where its values are."""
        return {name: self._origin(config, name, shape) for name, shape in shapes.items()}

    def _origin(self, config: UNetConfig, name: str, shape: tuple[int, ...]) -> Origin:
        part, *inside, kind = name.removeprefix(TRUNK).split(".")
        if not inside:
            return Origin((f"{self.single[part]}.{kind}",), shape)
        index, half, layer = inside
        place = self.place(config, part, int(index), half)
        if half == "block":
            return Origin((f"{place}.{self.block[layer]}.{kind}",), shape)
        layers = self.attention[layer]
        shape = (shape[0] // len(layers), *shape[1:])
        return Origin(tuple(f"{place}.{each}.{kind}" for each in layers), shape[:2] if self.matrices else shape)


def _openai_place(config: UNetConfig, part: str, index: int, half: str) -> str:
    second = int(half == "attention")
    if part == "down":
        return f"input_blocks.{index + 1}.{second}"
    if part == "middle":
        return f"middle_block.{2 * index + second}"
    if part == "up":
        return f"output_blocks.{index}.{second}"
    level = len(config.multipliers) - 1 - index // (config.blocks + 1)
    attends = config.grid >> level in config.attention_grids
    return f"output_blocks.{index}.{2 if attends else 1}"


def _diffusers_place(config: UNetConfig, part: str, index: int, half: str) -> str:
    if part == "middle":
        return f"mid_block.attentions.{index}" if half == "attention" else f"mid_block.resnets.{index}"
    level, number = divmod(index, config.blocks + 1)
    if part == "upsamplers":
        return f"up_blocks.{level}.upsamplers.0"
    if part == "down" and number == config.blocks:
        return f"down_blocks.{level}.downsamplers.0"
    return f"{part}_blocks.{level}.{'attentions' if half == 'attention' else 'resnets'}.{number}"


OPENAI = Layout(
    program="OpenAI's code",
    single={
        "time1": "time_embed.0", "time2": "time_embed.2", "classes": "label_emb", "conv_in": "input_blocks.0.0",
        "norm_out": "out.0", "conv_out": "out.2",
    },
    block={
        "norm1": "in_layers.0", "conv1": "in_layers.2", "condition": "emb_layers.1", "norm2": "out_layers.0",
        "conv2": "out_layers.3", "skip": "skip_connection",
    },
    attention={"norm": ("norm",), "qkv": ("qkv",), "out": ("proj_out",)},
    place=_openai_place,
)  # fmt: skip

DIFFUSERS = Layout(
    program="diffusers",
    single={
        "time1": "time_embedding.linear_1", "time2": "time_embedding.linear_2", "classes": "class_embedding",
        "conv_in": "conv_in", "norm_out": "conv_norm_out", "conv_out": "conv_out",
    },
    block={
        "norm1": "norm1", "conv1": "conv1", "condition": "time_emb_proj", "norm2": "norm2", "conv2": "conv2",
        "skip": "conv_shortcut",
    },
    attention={"norm": ("group_norm",), "qkv": ("to_q", "to_k", "to_v"), "out": ("to_out.0",)},
    place=_diffusers_place,
    matrices=True,
)  # fmt: skip

# Up to version 0.16 the layers of attention had these names in diffusers.
DIFFUSERS_OLD = Layout(
    program="diffusers",
    single=DIFFUSERS.single,
    block=DIFFUSERS.block,
    attention={"norm": ("group_norm",), "qkv": ("query", "key", "value"), "out": ("proj_attn",)},
    place=_diffusers_place,
    matrices=True,
)
