"""A model is one file: NAME.safetensors, weights and a card in the header. Reading it executes nothing."""

from collections.abc import Mapping
from pathlib import Path

import torch

from core.card import ModelCard
from core.errors import CheckpointError, NotEnoughMemory
from core.files import write_parts
from core.freed_memory import lasting_blocks
from core.micro_batches import is_out_of_memory
from core.models import PARAMETERISATIONS, ScaledModel
from core.network_base import Network
from core.networks import class_of, empty_network
from core.runtime import choose_runtime, to_device
from core.safetensors_file import SafetensorsFile, safetensors_parts
from core.weights import Converted, Finite, HeldWeights, Weights, shapes_of

CARD_KEY = "onestroke"


def open_checkpoint(path: str | Path) -> tuple[ModelCard, SafetensorsFile]:
    """The card of a model file, and its weights, of which nothing is read yet. Raises CheckpointError."""
    if not Path(path).is_file():
        raise CheckpointError(f"There is no model file {path}.")
    file = SafetensorsFile(path)
    if not has_card(file):
        raise CheckpointError(f"{Path(path).name} has no Onestroke card, so its network is not known.")
    return card_of(file), file


def has_card(file: SafetensorsFile) -> bool:
    """Whether it is a model file of ours."""
    return CARD_KEY in file.metadata


def card_of(file: SafetensorsFile) -> ModelCard:
    """The card of a model file of ours. Raises CheckpointError."""
    return ModelCard.from_json(file.metadata[CARD_KEY])


def read_tensors(path: str | Path) -> dict[str, torch.Tensor]:
    """All tensors of a model file by name, on the CPU, each in its own shape as stored. Raises CheckpointError."""
    _, file = open_checkpoint(path)
    return {name: file.read(name) for name in file.infos}


def build(card: ModelCard, weights: Weights, device: str = "auto", dtype=None) -> ScaledModel:
    """A model from its card and the weights of its file, on the device, for inference.

    dtype: a name in core.runtime.DTYPES or a torch dtype, None for the best there. Raises CheckpointError if the
    tensors do not fit the card, RequestError for an unknown device or precision, NotEnoughMemory.
    """
    if card.parameterisation not in PARAMETERISATIONS:
        known = ", ".join(PARAMETERISATIONS)
        raise CheckpointError(f'{card.name} is a "{card.parameterisation}" model; this version runs {known}.')
    runtime = choose_runtime(device, dtype)
    try:
        with lasting_blocks():
            network = network_of(card, weights, runtime.dtype, runtime.memory_format)
        to_device(network, runtime)
    except Exception as error:
        if is_out_of_memory(error):
            raise NotEnoughMemory(f"There is not enough memory for {card.name}. Close other programs.") from None
        raise
    return PARAMETERISATIONS[card.parameterisation](network, card)


def network_of(
    card: ModelCard,
    weights: Weights,
    dtype: torch.dtype = torch.float32,
    memory_format: torch.memory_format = torch.contiguous_format,
) -> Network:
    """The network of a card with these weights, on the CPU. Raises CheckpointError if they do not fit.

    dtype, memory_format: of what the network names (`Network.reduced_modules`); everything else is float32. Weights are
    converted one by one, so at no time are all of them there in both precisions.
    """
    if len(card.classes) != card.network.classes:
        raise CheckpointError(
            f"The card of {card.name} names {len(card.classes)} classes, but its network has {card.network.classes}."
        )
    network = empty_network(card.network)  # sizes are compared before any memory is taken
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    found = shapes_of(weights)
    if expected != found:
        name = next(iter(sorted(expected.items() ^ found.items())))[0]
        raise CheckpointError(f"The weights of {card.name} do not fit its card, first at {name}.")
    reduced = _reduced_names(network)
    dtypes = {name: dtype if name in reduced else torch.float32 for name in expected}
    formats = {name: memory_format for name in reduced if len(expected[name]) == 4}  # layouts are of four dimensions
    usable = Finite(Converted(weights, dtypes, formats), card.name)
    network.load_state_dict({name: usable.read(name) for name in expected}, assign=True)
    return network


def _reduced_names(network: Network) -> set[str]:
    """The names of the weights that may have the runtime's precision."""
    reduced = set(network.reduced_modules())
    modules = [(path, module) for path, module in network.named_modules() if module in reduced]
    return {f"{path}.{name}" for path, module in modules for name, _ in module.named_parameters()}


def save_model(
    path: str | Path, card: ModelCard, tensors: Mapping[str, torch.Tensor], *, dtype: torch.dtype = torch.bfloat16
) -> Path:
    """Write card and tensors as one file, whole or not at all.

    What the network names (`Network.REDUCED_IN_FILES`) is stored in `dtype`, the rest as it is.
    """
    return _save(path, card, _stored(HeldWeights(tensors), card, dtype))


def save_weights(path: str | Path, card: ModelCard, weights: Weights, *, dtype: torch.dtype | None) -> Path:
    """As `save_model`, from weights that are read one by one. dtype None: everything is stored as it is.

    Raises CheckpointError for weights that are not finite numbers in that precision.
    """
    stored = weights if dtype is None else _stored(weights, card, dtype)
    return _save(path, card, Finite(stored, card.name))


def _stored(weights: Weights, card: ModelCard, dtype: torch.dtype) -> Weights:
    reduced = class_of(card.network).REDUCED_IN_FILES
    return Converted(weights, {name: dtype for name in weights.infos if name.startswith(reduced)})


def _save(path: str | Path, card: ModelCard, weights: Weights) -> Path:
    return write_parts(path, safetensors_parts(weights, {CARD_KEY: card.to_json()}))
