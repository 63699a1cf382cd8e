"""A published model by its path or id: which layout it has, and its card and weights by our names."""

from pathlib import Path

from core.card import ModelCard
from core.errors import CheckpointError
from core.published.cards import published_card
from core.published.folder import open_folder
from core.published.hub import hub_folder, is_hub_id
from core.published.layouts import OPENAI
from core.published.openai import EXPECTED, is_openai, openai_config
from core.published.torch_file import TorchFile, is_torch_file
from core.published.translated import Translated
from core.safetensors_file import SafetensorsFile
from core.weights import Weights, shapes_of


def open_published(source: str | Path, parameterisation: str | None = None) -> tuple[ModelCard, Weights]:
    """The card of a model, and its weights by our names, of which nothing is read yet.

    source: a state dict of OpenAI's code, a diffusers folder, or the id of one on the Hugging Face Hub.
    parameterisation: "consistency" or "edm", where names do not say it. Raises CheckpointError.
    """
    path = Path(source)
    if path.is_file():
        return _open_state_dict(path, parameterisation)
    if path.is_dir():
        return open_folder(path, str(path.resolve()), parameterisation)
    model = path.as_posix()
    if path.exists() or not is_hub_id(model):
        raise CheckpointError(f"There is no model file {source}.")
    return open_folder(hub_folder(model), model, parameterisation)


def _open_state_dict(path: Path, parameterisation: str | None) -> tuple[ModelCard, Weights]:
    weights: Weights = TorchFile(path) if is_torch_file(path) else SafetensorsFile(path)
    shapes = shapes_of(weights)
    if not is_openai(shapes):
        raise CheckpointError(f"{path.name} has no Onestroke card, so its network is not known; else {EXPECTED}.")
    config = openai_config(shapes, path.name)
    card = published_card(config, path.resolve().with_suffix("").parts[-3:], parameterisation)
    return card, Translated(weights, config, OPENAI, path.name)
