"""The weights that a run starts from, and its teacher, both from model files.

A configuration that is named instead of a model file has been trained before (training/loop/chain.py).
"""

from hashlib import sha256
from reprlib import repr as shortened

from core.checkpoint import network_of
from core.errors import ConfigError
from core.models import PARAMETERISATIONS, ScaledModel
from core.network_base import Network
from core.networks import build_network, kind_of
from core.open_model import open_model
from core.runtime import Runtime, train_precision
from training.config import Config

FROM_TEACHER = "teacher"  # as `start`: the teacher's weights


def load_teacher(path: str, config: Config, runtime: Runtime) -> ScaledModel:
    """The frozen denoiser of a model file, on the run's device.

    Raises ConfigError if its pictures have another size or its classes are others than the run's, CheckpointError if
    the file does not open.
    """
    card, weights = open_model(path)
    if (card.resolution, card.network.channels) != (config.network.resolution, config.network.channels):
        raise ConfigError(f"The teacher {path} makes pictures of another size than this run's network.")
    if card.classes != config.classes:
        raise ConfigError(f"The teacher {path} has the classes {list(card.classes)}, this run {list(config.classes)}.")
    network = network_of(card, weights)
    train_precision(network, runtime)
    return PARAMETERISATIONS[card.parameterisation](network.eval().requires_grad_(False), card)


def fingerprint(model: ScaledModel) -> str:
    """16 hexadecimal digits that follow from the weights."""
    digest = sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def network_from(path: str, config: Config) -> Network:
    """The run's network with the weights of a model file.

    Settings in `RETRAINABLE` may differ, and those in `ADDABLE` if the file's network has none of what they add. Raises
    ConfigError for any other difference, CheckpointError if the file does not open.
    """
    card, weights = open_model(path)
    network = build_network(config.network)
    if type(card.network) is not type(config.network):
        raise ConfigError(
            f"{path} has another network than the configuration asks for: {kind_of(card.network)},"
            f" not {kind_of(config.network)}."
        )
    mine, its = (dict(vars(each)) for each in (config.network, card.network))
    usable = network.RETRAINABLE | {name for name in network.ADDABLE if not its[name]}
    different = [name for name in mine if mine[name] != its[name] and name not in usable]
    if different:
        raise ConfigError(
            f"{path} has another network than the configuration asks for: {different[0]} is"
            f" {shortened(its[different[0]])}, not {mine[different[0]]!r}."
        )
    network.load_state_dict(network_of(card, weights).state_dict(), strict=False)  # without the added ones
    return network
