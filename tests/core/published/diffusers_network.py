"""diffusers' own network and pipeline, as judges of what core makes of its folders."""

import warnings
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from tests.core.published.openai_network import randomised
from training.metrics.torchvision_shim import import_torchvision

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what diffusers says of other packages when it is imported
    import_torchvision()
    from diffusers import CMStochasticIterativeScheduler, ConsistencyModelPipeline, UNet2DModel

__all__ = ["CMStochasticIterativeScheduler", "ConsistencyModelPipeline", "UNet2DModel"]

SMALL = {
    "imagenet": {
        "sample_size": 16, "block_out_channels": (64, 128), "layers_per_block": 2, "num_class_embeds": 10,
        "down_block_types": ("ResnetDownsampleBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "ResnetUpsampleBlock2D"),
        "resnet_time_scale_shift": "scale_shift", "attn_norm_num_groups": 32,
    },
    "lsun": {
        "sample_size": 32, "block_out_channels": (64, 64, 128), "layers_per_block": 1,
        "down_block_types": ("ResnetDownsampleBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D"),
    },
}  # fmt: skip
SHARED = {"attention_head_dim": 64, "downsample_type": "resnet", "upsample_type": "resnet"}


@cache
def small_unet(kind: str) -> UNet2DModel:
    """A shrunken network of that kind with random weights, which must not be changed."""
    return randomised(UNet2DModel(**SMALL[kind], **SHARED))


def small_folder(folder: Path, kind: str, **saving) -> UNet2DModel:
    """Writes a model with random weights as diffusers does, and returns its network."""
    unet = small_unet(kind)
    unet.save_pretrained(folder / "unet", **saving)
    CMStochasticIterativeScheduler().save_pretrained(folder / "scheduler")
    return unet


class AsReference(nn.Module):
    """diffusers' network called as that of OpenAI's code is."""

    def __init__(self, unet: UNet2DModel):
        super().__init__()
        self.unet = unet

    def forward(self, u: Tensor, sigma: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.unet(u, 250 * torch.log(sigma + 1e-44), class_labels=labels).sample


def old_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same weights with the names that attention had up to version 0.16."""
    new = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    renamed = {}
    for name, value in state.items():
        for now, before in new.items():
            name = name.replace(f".{now}.", f".{before}.")
        renamed[name] = value
    return renamed
