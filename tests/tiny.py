"""The smallest real things: networks, models, pictures and training runs that take milliseconds."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

import core
from core.models import PARAMETERISATIONS
from core.unet import UNet, UNetConfig
from training.config import CardConfig, Config, DataConfig, OptimiserConfig, RunConfig, Source
from training.objectives import OBJECTIVES
from training.objectives.adversarial import AdversarialConsistency

SIDE = 8


def network_config(**changes) -> UNetConfig:
    """A U-Net of two levels on patches of 2, with attention."""
    small = {"resolution": SIDE, "patch": 2, "width": 8, "multipliers": (1, 2)}
    small |= {"attention_grids": (2,), "head_channels": 8}
    return UNetConfig(**(small | changes))


def randomised(module: torch.nn.Module, seed: int = 0) -> torch.nn.Module:
    """The same module with every parameter random: layers that start at 0 hide what is wrong with them."""
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=rng))
    return module


def network(seed: int = 0, **changes) -> UNet:
    return randomised(UNet(network_config(**changes)), seed).eval()


def model(parameterisation: str = "consistency", seed: int = 0, **changes):
    """A model inside its scalings, with random weights."""
    card = core.ModelCard(name="tiny", parameterisation=parameterisation, network=network_config(**changes))
    return PARAMETERISATIONS[parameterisation](network(seed, **changes), card)


def teacher_file(folder: Path) -> Path:
    """The model file of a denoiser with random weights, for objectives that learn from a teacher."""
    made = model("edm")
    return core.save_model(folder / "teacher.safetensors", made.card, made.network.state_dict())


def picture(seed: int = 0, rows: int = SIDE, columns: int = SIDE) -> np.ndarray:
    """Random colours, [H,W,3] uint8."""
    return np.random.default_rng(seed).integers(0, 256, (rows, columns, 3), dtype=np.uint8)


def photos(count: int, rows: int = SIDE, columns: int = SIDE, seed: int = 0) -> torch.Tensor:
    """8-bit pictures of random colours in model range, [B,3,H,W]."""
    return torch.cat([core.to_model(picture(seed + i, rows, columns)) for i in range(count)])


def write_pictures(folder: Path, count: int) -> Path:
    """A folder of that many PNG files."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        core.write_png(folder / f"{i:03d}.png", picture(i, SIDE + 2, SIDE))
    return folder


def adversarial(**settings) -> AdversarialConsistency:
    """An adversarial objective whose critic sees with random maps, for pictures of that side."""
    return AdversarialConsistency(**({"features": "random", "scales": (1, 2, 4), "coarse": (2, 4)} | settings))


def run_config(pictures: Path, objective: str = "edm", **run) -> Config:
    """A run of 8 steps of 4 pictures over that folder."""
    settings = {"kimg": 0.032, "batch": 4, "dropout": 0.25, "device": "cpu", "precision": "float32"}
    settings |= {"save_kimg": 1.0, "validate_kimg": 1.0, "sample_kimg": 1.0}
    return Config(
        objective=OBJECTIVES[objective](),
        network=network_config(),
        data=DataConfig(root=str(pictures.parent), train=(Source(pictures.name),)),
        optimiser=OptimiserConfig(clip_norm=1.0, clip_median=3.0, ramp_kimg=0.008),
        run=replace(RunConfig(), **(settings | run)),
        card=CardConfig(name="tiny"),
    )
