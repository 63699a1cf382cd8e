"""Any model by its path or its Hub id: a file of ours, or a published model in its own layout (core/published/)."""

from pathlib import Path

import torch

from core.card import ModelCard
from core.checkpoint import build, card_of, has_card
from core.models import ScaledModel
from core.published.sources import open_published
from core.published.torch_file import is_torch_file
from core.safetensors_file import SafetensorsFile
from core.weights import Weights


def load_model(
    source: str | Path,
    device: str = "auto",
    dtype: str | torch.dtype | None = None,
    *,
    parameterisation: str | None = None,
) -> ScaledModel:
    """The model of a file, a folder or a Hub id, ready to sample on that device. dtype None: the runtime chooses.

    parameterisation: for a published model whose name does not say it, "consistency" or "edm". Raises CheckpointError
    for what is no model, or whose tensors do not fit its card; RequestError for an unknown device or precision;
    NotEnoughMemory.
    """
    return build(*open_model(source, parameterisation), device, dtype)


def read_card(source: str | Path) -> ModelCard:
    """The card alone, without the weights. Raises CheckpointError."""
    return open_model(source)[0]


def open_model(source: str | Path, parameterisation: str | None = None) -> tuple[ModelCard, Weights]:
    """The card of a model, and its weights by our names, of which nothing is read yet. Arguments as in `load_model`."""
    path = Path(source)
    if not path.is_file() or is_torch_file(path):
        return open_published(source, parameterisation)
    file = SafetensorsFile(path)
    return (card_of(file), file) if has_card(file) else open_published(source, parameterisation)
