"""A diffusers folder on this computer: which files of it are read."""

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from torch import Tensor

from core.card import ModelCard
from core.errors import CheckpointError
from core.files import read_regular
from core.json_values import read_json
from core.published.cards import kind_in_name, published_card
from core.published.diffusers import unet_config
from core.published.layouts import DIFFUSERS, DIFFUSERS_OLD
from core.published.torch_file import TorchFile
from core.published.translated import Translated
from core.safetensors_file import SafetensorsFile
from core.weights import TensorInfo, Weights

MAX_JSON = 2_000_000  # bytes of a configuration, or of the list of which tensor is in which file
MAX_FILES = 100
STEM = "diffusion_pytorch_model"
CONFIG, SCHEDULER = "config.json", "scheduler/scheduler_config.json"
CONSISTENCY = "CMStochasticIterativeScheduler"
USUAL = {"sigma_min": 0.002, "sigma_max": 80.0, "sigma_data": 0.5, "rho": 7.0}


class JoinedFiles(Weights):
    """The tensors of several files, as one."""

    def __init__(self, files: list[Weights]):
        self._files = {name: file for file in files for name in file.infos}

    @property
    def infos(self) -> Mapping[str, TensorInfo]:
        """Precision and shape of every tensor."""
        return {name: file.infos[name] for name, file in self._files.items()}

    def read(self, name: str) -> Tensor:
        """The tensor [...] of that name, from its file. Raises CheckpointError."""
        return self._files[name].read(name)


def unet_folder(folder: Path) -> Path | None:
    """Where the network of a model's folder is: in `unet`, or in the folder itself; None if it is no such folder."""
    return next((each for each in (folder / "unet", folder) if (each / CONFIG).is_file()), None)


def open_folder(folder: Path, name: str, parameterisation: str | None) -> tuple[ModelCard, Weights]:
    """The card of the model in a diffusers folder, and its weights by our names.

    name: what says which published model it is: the folder's path, or a Hub id. Raises CheckpointError.
    """
    unet = unet_folder(folder)
    if unet is None:
        raise CheckpointError(f"There is no model file {folder}, and as a folder it has no unet/config.json.")
    parts = [part for part in PurePath(name).parts[-4:] if part != "unet"]
    shown = parts[-1] if parts else "the model"
    config = unet_config(_json(unet / CONFIG), shown)
    scheduler = unet.parent / SCHEDULER if unet.name == "unet" else folder / SCHEDULER
    kind = parameterisation or kind_in_name(parts) or _kind_of_scheduler(scheduler)
    source = _weights(unet)
    old = any(".query." in each or ".proj_attn." in each for each in source.infos)
    card = published_card(config, parts or [shown], kind)
    return card, Translated(source, config, DIFFUSERS_OLD if old else DIFFUSERS, card.name)


def _kind_of_scheduler(path: Path) -> str | None:
    """The parameterisation that a scheduler is for; None without one. Raises CheckpointError for other noise levels."""
    if not path.exists():
        return None
    values = _json(path)
    if not isinstance(values, dict) or values.get("_class_name") != CONSISTENCY:
        return None
    for key, usual in USUAL.items():
        if values.get(key, usual) != usual:
            raise CheckpointError(
                f"The scheduler_config.json has another {key} than {usual:g}, which all published have."
            )
    return "consistency"


def _weights(unet: Path) -> Weights:
    """The weights of a network: safetensors if there are some, else PyTorch's; in one file, or in several."""
    for suffix, opened in (("safetensors", SafetensorsFile), ("bin", TorchFile)):
        path = unet / f"{STEM}.{suffix}"
        if path.exists():
            return opened(path)
        index = path.with_name(f"{path.name}.index.json")
        if index.exists():
            return JoinedFiles([opened(unet / name) for name in _listed(index)])
    raise CheckpointError(f"The folder {unet} has no {STEM}.safetensors and no {STEM}.bin.")


def _listed(index: Path) -> list[str]:
    """The files that an index names, all of its own folder. Raises CheckpointError."""
    values = _json(index)
    places = values.get("weight_map") if isinstance(values, dict) else None
    names = list(places.values()) if isinstance(places, dict) else []
    if not names or not all(
        isinstance(name, str) and name.startswith(STEM) and name == PurePath(name).name for name in names
    ):
        raise CheckpointError(f"{index.name} does not say in which files of its folder the tensors are.")
    if len(set(names)) > MAX_FILES:
        raise CheckpointError(f"{index.name} names more than {MAX_FILES} files.")
    return sorted(set(names))


def _json(path: Path) -> Any:
    try:
        return read_json(read_regular(path, MAX_JSON))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path.name} in {path.parent.name} is not JSON that can be read.") from error
