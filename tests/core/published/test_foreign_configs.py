"""Configurations in diffusers' folders: published ones are read, others refused by their first key that differs."""

import json

import pytest

import core
from core.published.diffusers import unet_config, unet_values
from tests.core.published.test_openai_files import IMAGENET, LSUN

ARCHITECTURES = [IMAGENET, LSUN]
# As the published folders have them, with what older versions of diffusers wrote.
PUBLISHED = {
    "_class_name": "UNet2DModel", "_diffusers_version": "0.18.0.dev0", "act_fn": "silu", "add_attention": True,
    "attention_head_dim": 64, "block_out_channels": [256, 256, 512, 512, 1024, 1024], "center_input_sample": False,
    "class_embed_type": None, "down_block_types": ["ResnetDownsampleBlock2D"] * 3 + ["AttnDownBlock2D"] * 3,
    "downsample_padding": 1, "downsample_type": "resnet", "flip_sin_to_cos": True, "freq_shift": 0, "in_channels": 3,
    "layers_per_block": 2, "mid_block_scale_factor": 1, "norm_eps": 1e-05, "norm_num_groups": 32,
    "num_class_embeds": None, "out_channels": 3, "resnet_time_scale_shift": "default", "sample_size": 256,
    "time_embedding_type": "positional", "up_block_types": ["AttnUpBlock2D"] * 3 + ["ResnetUpsampleBlock2D"] * 3,
    "upsample_type": "resnet",
}  # fmt: skip


@pytest.mark.parametrize("config", ARCHITECTURES, ids=["ImageNet", "LSUN"])
def test_what_is_written_is_read(config):
    assert unet_config(json.loads(json.dumps(unet_values(config))), "x") == config


def test_a_published_configuration_is_read():
    assert unet_config(PUBLISHED, "x") == LSUN


def test_a_later_key_that_is_off_changes_nothing():
    assert unet_config(PUBLISHED | {"later": None, "other": False, "time_embedding_dim": 1024}, "x") == LSUN


def test_without_groups_scale_and_shift_would_lose_the_norm_of_the_middle():
    """diffusers then has no norm in front of the middle's attention (unet_2d_blocks.py): another network."""
    values = unet_values(IMAGENET) | {"attn_norm_num_groups": None}
    with pytest.raises(core.CheckpointError, match="attn_norm_num_groups"):
        unet_config(values, "x")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("flip_sin_to_cos", False), ("freq_shift", 1), ("act_fn", "gelu"), ("norm_eps", 1e-6), ("norm_num_groups", 16),
        ("downsample_type", "conv"), ("upsample_type", "conv"), ("time_embedding_type", "fourier"), ("later", 3),
        ("mid_block_scale_factor", 2), ("add_attention", False), ("class_embed_type", "timestep"), ("sample_size", 0),
        ("sample_size", [256, 256]), ("sample_size", True), ("block_out_channels", []), ("down_block_types", []),
        ("block_out_channels", "256"), ("down_block_types", ["DownBlock2D"] * 6), ("layers_per_block", 2.5),
        ("up_block_types", ["AttnUpBlock2D"] * 6), ("out_channels", 6), ("attention_head_dim", None),
        ("attention_head_dim", 100), ("resnet_time_scale_shift", "spatial"), ("center_input_sample", True),
        ("time_embedding_dim", 512), ("freq_shift", False), ("num_class_embeds", -1), ("attention_head_dim", 10**9),
        ("encoder_hid_dim", 768), ("in_channels", 10**12),
    ],
    ids=str,
)  # fmt: skip
def test_any_other_configuration_is_refused_by_its_key(key, value):
    with pytest.raises(core.CheckpointError, match=f"'{key}'") as error:
        unet_config(PUBLISHED | {key: value}, "theirs")
    assert "unet/config.json of theirs" in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("values", [[], None, "text", 3])
def test_what_is_no_object_is_refused(values):
    with pytest.raises(core.CheckpointError, match="no JSON object"):
        unet_config(values, "theirs")


@pytest.mark.parametrize("widths", [[224, 448], [32, 64], [64, 100], [64, 96]])
def test_channels_that_norms_of_32_groups_cannot_have_are_refused(widths):
    values = PUBLISHED | {"block_out_channels": widths} | {
        "down_block_types": ["ResnetDownsampleBlock2D"] * 2, "up_block_types": ["ResnetUpsampleBlock2D"] * 2,
    }  # fmt: skip
    if widths == [224, 448]:
        assert unet_config(values | {"attention_head_dim": 64}, "x").multipliers == (1, 2)
        return
    with pytest.raises(core.CheckpointError, match="channels"):
        unet_config(values, "theirs")
