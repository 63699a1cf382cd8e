"""Our models as diffusers folders, which `ConsistencyModelPipeline.from_pretrained` loads."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from core.card import ModelCard
from core.errors import CheckpointError
from core.files import write_parts, write_whole
from core.published.diffusers import unet_values
from core.published.folder import CONFIG, CONSISTENCY, SCHEDULER, STEM
from core.published.layouts import DIFFUSERS
from core.published.openai import GROUPS
from core.published.translated import InLayout
from core.safetensors_file import safetensors_parts
from core.unet import UNetConfig
from core.weights import Converted, Finite, Weights

WEIGHTS, UNET, INDEX = f"unet/{STEM}.safetensors", f"unet/{CONFIG}", "model_index.json"
FILES = (WEIGHTS, UNET, SCHEDULER, INDEX)  # the index last: without it the folder is no model
UNFINISHED = ".part"  # how the name of a folder ends that is being written; it begins with a dot


def export_folder(folder: Path, card: ModelCard, weights: Weights, *, dtype: torch.dtype | None) -> Path:
    """Write a model as a diffusers folder. A new folder is there whole or not at all; in an old one, each file is.

    weights: by our names. dtype: of all of them, None for their own. Raises CheckpointError for what diffusers cannot
    express and for weights that are not finite numbers in that precision, OSError.
    """
    config = exportable(card)
    theirs = InLayout(weights, config, DIFFUSERS)
    stored = Finite(Converted(theirs, {} if dtype is None else dict.fromkeys(theirs.infos, dtype)), card.name)
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".", suffix=UNFINISHED))
    try:
        os.chmod(unfinished, 0o755)
        _write(unfinished, card, config, stored)
        _move(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def exportable(card: ModelCard) -> UNetConfig:
    """The network of a model that diffusers can express. Raises CheckpointError, which says why it cannot."""
    config = card.network
    if card.parameterisation != "consistency":
        kind = card.parameterisation
        raise CheckpointError(f"{card.name} is of the kind {kind}; diffusers' pipeline runs consistency models only.")
    if not isinstance(config, UNetConfig):
        raise CheckpointError(f"The network of {card.name} is no U-Net, so diffusers cannot express it.")
    trouble = next(_inexpressible(config), None)
    if trouble:
        raise CheckpointError(f"diffusers cannot express the network of {card.name}: {trouble}.")
    return config


def _inexpressible(config: UNetConfig) -> Iterator[str]:
    """What diffusers' U-Net does not have."""
    if config.patch != 1:
        yield "it works on patches"
    if config.refine:
        yield "it has a refiner"
    if config.pixel_norm or config.augment_labels or config.step_counts:
        yield "it has conditions of its own"
    if (config.time_input, config.time_scale) != ("log", 1000.0):
        yield "it embeds the noise level otherwise"
    if config.width % GROUPS or config.width <= GROUPS:
        yield f"its norms have not {GROUPS} groups"
    sides = [config.grid >> level for level in range(len(config.multipliers))]
    widths = [m * config.width for m, side in zip(config.multipliers, sides) if side in config.attention_grids]
    if any(width % config.head_channels for width in [*widths, config.multipliers[-1] * config.width]):
        yield "its channels are no whole number of heads"


def _write(folder: Path, card: ModelCard, config: UNetConfig, weights: Weights) -> None:
    for name in ("unet", "scheduler"):
        (folder / name).mkdir()
    write_parts(folder / WEIGHTS, safetensors_parts(weights, {"format": "pt"}))
    _write_json(folder / UNET, {"_class_name": "UNet2DModel"} | unet_values(config))
    _write_json(folder / SCHEDULER, _scheduler_values(card))
    parts = {"scheduler": ["diffusers", CONSISTENCY], "unet": ["diffusers", "UNet2DModel"]}
    _write_json(folder / INDEX, {"_class_name": "ConsistencyModelPipeline"} | parts)


def _scheduler_values(card: ModelCard) -> dict[str, Any]:
    grid = card.training.get("grid")
    levels = {name: getattr(card, name) for name in ("sigma_min", "sigma_max", "sigma_data", "rho")}
    return {
        "_class_name": CONSISTENCY,
        "num_train_timesteps": grid if isinstance(grid, int) else 40,
        "s_noise": 1.0,
        "clip_denoised": card.sampling.clamp,
    } | levels


def _write_json(path: Path, values: dict[str, Any]) -> None:
    write_whole(path, (json.dumps(values, indent=2) + "\n").encode())


def _move(unfinished: Path, folder: Path) -> None:
    """To its name; into a folder that is there file by file."""
    if not folder.exists():
        os.rename(unfinished, folder)
        return
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        os.replace(unfinished / name, folder / name)
