"""Which network a state dict of OpenAI's code is for, from names and shapes alone.

Source: github.com/openai/consistency_models, cm/unet.py. Not to be seen in weights are the size of pictures and the
width of a head of attention. All networks of that family end at a grid of 8 positions a side, and all published ones
have heads of 64 channels.
"""

from core.errors import CheckpointError
from core.published.layouts import Shapes
from core.unet import UNetConfig

COARSEST = 8  # positions of the coarsest grid's side
GROUPS = 32  # of every norm
FIRST = "input_blocks.0.0.weight"
EXPECTED = "a state dict of OpenAI's consistency models was expected"


def is_openai(shapes: Shapes) -> bool:
    """Whether the tensors have the names of OpenAI's code."""
    return FIRST in shapes


def openai_config(shapes: Shapes, name: str) -> UNetConfig:
    """The network of tensors with these names and shapes.

    name: of the model, for messages. Raises CheckpointError for a network that is not of this family.
    """
    if any(each.endswith(".0.op.weight") for each in shapes):
        raise CheckpointError(
            f"{name} resamples by convolutions of their own; published models do it in residual blocks."
        )
    width, channels = _shape(shapes, FIRST, name)[:2]
    inputs = _count(shapes, "input_blocks.{}.0.in_layers.2.weight", 1)
    blocks = next((k for k in range(inputs) if _has_upsampler(shapes, k)), inputs)
    levels = (inputs + 1) // (blocks + 1) if blocks else 1
    firsts = [1 + level * (blocks + 1) for level in range(levels)]
    widths = [_shape(shapes, f"input_blocks.{first}.0.out_layers.3.weight", name)[0] for first in firsts]
    condition = _shape(shapes, "input_blocks.1.0.emb_layers.1.weight", name)[0]
    check_widths(width, widths, name)
    resolution = COARSEST * 2 ** (levels - 1)
    return UNetConfig(
        resolution=resolution,
        channels=channels,
        patch=1,
        patch_prior=False,
        width=width,
        multipliers=tuple(each // width for each in widths),
        blocks=blocks,
        attention_grids=tuple(
            resolution >> level for level, k in enumerate(firsts) if f"input_blocks.{k}.1.qkv.weight" in shapes
        ),
        head_channels=64,
        scale_shift=condition == 2 * widths[0],
        classes=_shape(shapes, "label_emb.weight", name)[0] if "label_emb.weight" in shapes else 0,
        time_scale=1000.0,
    )


def check_widths(width: int, widths: list[int], name: str) -> None:
    """Raises CheckpointError unless norms of 32 groups and whole multiples of the width are possible."""
    if width % GROUPS or width <= GROUPS or any(each % width for each in widths):
        listed = ", ".join(map(str, [width, *widths][:9]))
        raise CheckpointError(
            f"{name} has {listed} channels in its layers: multiples of the first were expected, itself 64, 96 or such."
        )


def _shape(shapes: Shapes, tensor: str, name: str) -> tuple[int, ...]:
    """The shape of a tensor of two dimensions or more. Raises CheckpointError if there is none."""
    shape = shapes.get(tensor, ())
    if len(shape) < 2 or 0 in shape:
        raise CheckpointError(f"{name} has no usable {tensor}: {EXPECTED}.")
    return shape


def _count(shapes: Shapes, pattern: str, first: int) -> int:
    """How many numbers from `first` on are in names."""
    number = first
    while pattern.format(number) in shapes:
        number += 1
    return number - first


def _has_upsampler(shapes: Shapes, block: int) -> bool:
    return any(f"output_blocks.{block}.{place}.in_layers.2.weight" in shapes for place in (1, 2))
