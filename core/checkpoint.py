"""A model is one file: NAME.safetensors, weights and a card in the header. Reading it executes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import safetensors
import torch
from safetensors.torch import load as tensors_of
from safetensors.torch import save as safetensors_bytes

from core.card import ModelCard
from core.errors import CheckpointError
from core.files import write_whole
from core.models import PARAMETERISATIONS, ScaledModel
from core.network_base import Network
from core.networks import class_of, empty_network
from core.runtime import choose_runtime, to_device

CARD_KEY = "onestroke"


def read_card(path: str | Path) -> ModelCard:
    """The card alone, without the weights. Raises CheckpointError."""
    with _opened(path) as file:
        metadata = file.metadata() or {}
    if CARD_KEY not in metadata:
        raise CheckpointError(f"{Path(path).name} has no Onestroke card, so its network is not known.")
    return ModelCard.from_json(metadata[CARD_KEY])


def load_model(path: str | Path, device: str = "auto", dtype: str | torch.dtype | None = None) -> ScaledModel:
    """The model of a file, ready to sample on that device. dtype None: the runtime chooses.

    Raises CheckpointError for files that are not ours, or whose tensors do not fit their card.
    """
    return build(read_card(path), read_tensors(path), device, dtype)


def read_tensors(path: str | Path) -> dict[str, torch.Tensor]:
    """All tensors of a model file by name, on the CPU, each in its own shape as stored. Raises CheckpointError.

    The file is read and not mapped into memory: a program that uses a mapped file ends when the file is cut short.
    """
    with _opened(path):
        content = Path(path).read_bytes()
    with _refusing(path):
        return dict(sorted(tensors_of(content).items()))


def build(card: ModelCard, tensors: dict[str, torch.Tensor], device: str = "auto", dtype=None) -> ScaledModel:
    """A model from its card and the tensors of its file, on the device, for inference.

    dtype: a name in core.runtime.DTYPES or a torch dtype, None for the best there. Raises CheckpointError if the
    tensors do not fit the card, RequestError for an unknown device or precision.
    """
    if card.parameterisation not in PARAMETERISATIONS:
        known = ", ".join(PARAMETERISATIONS)
        raise CheckpointError(f'{card.name} is a "{card.parameterisation}" model; this version runs {known}.')
    network = network_of(card, tensors)
    to_device(network, choose_runtime(device, dtype))
    return PARAMETERISATIONS[card.parameterisation](network, card)


def network_of(card: ModelCard, tensors: dict[str, torch.Tensor]) -> Network:
    """The network of a card with these weights, in float32 on the CPU. Raises CheckpointError if they do not fit."""
    if len(card.classes) != card.network.classes:
        raise CheckpointError(
            f"The card of {card.name} names {len(card.classes)} classes, but its network has {card.network.classes}."
        )
    network = empty_network(card.network)  # sizes are compared before any memory is taken
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in tensors.items()}
    if expected != found:
        name = next(iter(sorted(expected.items() ^ found.items())))[0]
        raise CheckpointError(f"The weights of {card.name} do not fit its card, first at {name}.")
    weights = {name: value.float() for name, value in tensors.items()}
    for name, value in weights.items():
        if not value.isfinite().all():
            raise CheckpointError(f"The weights of {card.name} are not finite numbers, first at {name}.")
    network.load_state_dict(weights, assign=True)
    return network


def save_model(
    path: str | Path, card: ModelCard, tensors: dict[str, torch.Tensor], *, dtype: torch.dtype = torch.bfloat16
) -> Path:
    """Write card and tensors as one file, whole or not at all.

    What the network names (`Network.REDUCED_IN_FILES`) is stored in `dtype`, the rest as it is.
    """
    reduced = class_of(card.network).REDUCED_IN_FILES
    stored = {
        name: _stored(value, dtype if name.startswith(reduced) else value.dtype) for name, value in tensors.items()
    }
    return write_whole(path, safetensors_bytes(stored, metadata={CARD_KEY: card.to_json()}))


def _stored(value: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return value.detach().cpu().to(dtype).contiguous()


def _opened(path: str | Path):
    if not Path(path).is_file():
        raise CheckpointError(f"There is no model file {path}.")
    with _refusing(path):
        return safetensors.safe_open(str(path), framework="pt")


@contextmanager
def _refusing(path: str | Path) -> Iterator[None]:
    """Inside, every error becomes a CheckpointError: safetensors raises several kinds for what is malformed."""
    try:
        yield
    except Exception as error:
        raise CheckpointError(f"{Path(path).name} is not a safetensors file, or is cut short.") from error
