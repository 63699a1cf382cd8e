"""The configuration of a U-Net in a diffusers folder: read, and written.

The networks are `UNet2DModel`s whose levels resample in residual blocks. Everything else that such a configuration can
say must be as it was published (github.com/huggingface/diffusers, scripts/convert_consistency_to_diffusers.py).
"""

from collections.abc import Mapping
from reprlib import repr as shortened
from typing import Any

from core.errors import CheckpointError
from core.published.openai import GROUPS, check_widths
from core.unet import UNetConfig

# Levels with and without attention.
DOWN = {True: "AttnDownBlock2D", False: "ResnetDownsampleBlock2D"}
UP = {True: "AttnUpBlock2D", False: "ResnetUpsampleBlock2D"}
# What diffusers takes where a key is missing.
DEFAULTS: dict[str, Any] = {
    "sample_size": None, "in_channels": 3, "out_channels": 3, "center_input_sample": False,
    "time_embedding_type": "positional", "time_embedding_dim": None, "freq_shift": 0, "flip_sin_to_cos": True,
    "down_block_types": None, "mid_block_type": "UNetMidBlock2D", "up_block_types": None,
    "block_out_channels": [224, 448, 672, 896], "layers_per_block": 2, "mid_block_scale_factor": 1,
    "downsample_type": "conv", "upsample_type": "conv", "act_fn": "silu", "attention_head_dim": 8,
    "norm_num_groups": GROUPS, "attn_norm_num_groups": None, "norm_eps": 1e-5, "resnet_time_scale_shift": "default",
    "add_attention": True, "class_embed_type": None, "num_class_embeds": None,
}  # fmt: skip
WITHOUT_EFFECT = {"dropout", "downsample_padding", "num_train_timesteps"}  # dropout is for training
MOST_LEVELS, LARGEST = 8, 1_000_000


def unet_config(values: Any, model: str) -> UNetConfig:
    """The network of a configuration.

    model: its name, for messages. Raises CheckpointError, which names the first key that does not fit.
    """
    if not isinstance(values, dict):
        raise CheckpointError(f"The unet/config.json of {model} is no JSON object.")
    said = {key: value for key, value in values.items() if not key.startswith("_") and key not in WITHOUT_EFFECT}
    config = _sizes(DEFAULTS | said, model)
    written = unet_values(config)
    for key, value in (said | DEFAULTS | said).items():  # in the order of the file
        if not _fits(key, value, written.get(key), config):
            raise _misfit(key, value, model)
    return config


def unet_values(config: UNetConfig) -> dict[str, Any]:
    """The configuration of a network, with every key."""
    attends = [config.grid >> level in config.attention_grids for level in range(len(config.multipliers))]
    return DEFAULTS | {
        "sample_size": config.resolution,
        "in_channels": config.channels,
        "out_channels": config.channels,
        "down_block_types": [DOWN[each] for each in attends],
        "up_block_types": [UP[each] for each in reversed(attends)],
        "block_out_channels": [config.width * multiplier for multiplier in config.multipliers],
        "layers_per_block": config.blocks,
        "downsample_type": "resnet",
        "upsample_type": "resnet",
        "attention_head_dim": config.head_channels,
        # Without it, a network with scale and shift has no norm in front of the middle's attention.
        "attn_norm_num_groups": GROUPS,
        "resnet_time_scale_shift": "scale_shift" if config.scale_shift else "default",
        "num_class_embeds": config.classes or None,
    }


def _fits(key: str, value: Any, written: Any, config: UNetConfig) -> bool:
    """Whether a key says what we would write, or the same otherwise."""
    if key == "attn_norm_num_groups" and not config.scale_shift and value is None:
        return True  # with conditions that are added, diffusers takes the norms' groups then
    if key == "time_embedding_dim" and value == 4 * config.width:
        return True
    if key not in DEFAULTS:
        return value is None or value is False  # a later version's key, which is off
    return value == written and isinstance(value, bool) == isinstance(written, bool)


def _sizes(values: Mapping[str, Any], model: str) -> UNetConfig:
    """The network of the keys that say sizes. Raises CheckpointError for values of another kind."""
    side = _number(values, "sample_size", model)
    widths = _list(values, "block_out_channels", model)
    if not all(_is_size(each) for each in widths):
        raise _misfit("block_out_channels", widths, model)
    check_widths(widths[0], widths, model)
    types = _list(values, "down_block_types", model)
    if len(types) != len(widths) or not all(each in DOWN.values() for each in types):
        raise _misfit("down_block_types", types, model)
    head = _number(values, "attention_head_dim", model)
    if any(width % head for width, kind in zip([*widths, widths[-1]], [*types, DOWN[True]]) if kind == DOWN[True]):
        raise _misfit("attention_head_dim", head, model)
    return UNetConfig(
        resolution=side,
        channels=_number(values, "in_channels", model),
        patch=1,
        patch_prior=False,
        width=widths[0],
        multipliers=tuple(width // widths[0] for width in widths),
        blocks=_number(values, "layers_per_block", model),
        attention_grids=tuple(side >> level for level, kind in enumerate(types) if kind == DOWN[True]),
        head_channels=head,
        scale_shift=values["resnet_time_scale_shift"] == "scale_shift",
        classes=0 if values["num_class_embeds"] is None else _number(values, "num_class_embeds", model),
        time_scale=1000.0,
    )


def _number(values: Mapping[str, Any], key: str, model: str) -> int:
    if not _is_size(values[key]):
        raise _misfit(key, values[key], model)
    return values[key]


def _list(values: Mapping[str, Any], key: str, model: str) -> list:
    if not (isinstance(values[key], list) and 1 <= len(values[key]) <= MOST_LEVELS):
        raise _misfit(key, values[key], model)
    return values[key]


def _is_size(value: Any) -> bool:
    return type(value) is int and 1 <= value <= LARGEST


def _misfit(key: str, value: Any, model: str) -> CheckpointError:
    return CheckpointError(
        f"The unet/config.json of {model} is not that of a published consistency model: {shortened(key)} is"
        f" {shortened(value)}."
    )
