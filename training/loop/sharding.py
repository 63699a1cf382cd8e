"""A learner in shards: every process holds its part of each weight, gradient, optimiser state and average.

FSDP2: `fully_shard` gathers the weights of one block of the network at a time, just before it computes, and gives each
process its part of the mean gradient. Optimiser, clipping and averages work on the parts. What is written is whole, the
same files as of a run without shards, so a run may go on with them or without, on any number of processes.
The teacher stays whole in every process: a single one of them may have to ask it.
"""

import copy
from sys import float_info

import torch
from torch import Tensor, distributed, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from core.errors import ConfigError
from core.json_values import is_number
from core.network_base import Network
from core.networks import build_network
from core.runtime import in_layout

COUNT, MOMENTS = "step", ("exp_avg", "exp_avg_sq")  # what every kind of optimiser here keeps for a parameter
TANGENTS_FROM = (2, 12)  # torch 2.11 cannot gather weights inside torch.func.jvp


def tangents_pass() -> bool:
    """Whether this torch differentiates forward through shards."""
    return tuple(map(int, torch.__version__.split(".")[:2])) >= TANGENTS_FROM


def check(objective) -> None:
    """Raises ConfigError for an objective that this torch cannot train in shards."""
    if objective.uses_jvp and not tangents_pass():
        raise ConfigError(
            f"run.shard with an objective that differentiates forward needs a newer torch than {torch.__version__}:"
            f" {'.'.join(map(str, TANGENTS_FROM))} at least."
        )


def shard(root: nn.Module, device: torch.device) -> None:
    """Cut the parameters of a module on this device, in place, over all processes. Its `forward` makes them whole."""
    mesh = init_device_mesh(device.type, (distributed.get_world_size(),))
    in_layout(root, torch.contiguous_format)  # all that FSDP2 knows; pictures keep the faster layout
    units = [unit for module in root.modules() if isinstance(module, Network) for unit in module.shard_units()]
    # The root too parts with whole weights after use: what moves them finds shards even after a call without gradients.
    for module in [*units, root]:
        fully_shard(module, mesh=mesh, reshard_after_forward=True)


def gathered(values, *, here: bool = True):
    """The same dicts and lists, in which every sharded tensor [...] is a whole one on the CPU.

    Every process has to call it. One with `here` false gets None instead of the whole tensors.
    """
    if isinstance(values, dict):
        return {name: gathered(value, here=here) for name, value in values.items()}
    if isinstance(values, list):
        return [gathered(value, here=here) for value in values]
    if not isinstance(values, DTensor):
        return values
    whole = values.full_tensor()
    return whole.detach().cpu() if here else None


def cut_like(own: Tensor | None, whole: Tensor) -> Tensor:
    """A whole tensor [...], equal in all processes, sharded as `own` [...] is, or whole if that is no shard.

    Raises ValueError for another shape: copying would repeat its values until they fit.
    """
    if own is not None and own.shape != whole.shape:
        raise ValueError(f"A tensor has the shape {tuple(whole.shape)} instead of {tuple(own.shape)}.")
    if not isinstance(own, DTensor):
        return whole
    return distribute_tensor(whole.contiguous().to(own.device), own.device_mesh, own.placements, src_data_rank=None)


def load_weights(module: nn.Module, whole: dict[str, Tensor]) -> None:
    """Load whole tensors, by name, into a module whose weights of the same shapes [...] may be sharded."""
    own = module.state_dict()
    module.load_state_dict({name: cut_like(own.get(name), value) for name, value in whole.items()})


def load_optimiser(optimiser: torch.optim.Optimizer, whole: dict) -> None:
    """Load the state of an optimiser, whole tensors, where its parameters of the same shapes [...] may be sharded.

    Its settings stay those that it was built with, but for the rate. Raises ValueError, LookupError, TypeError or
    AttributeError for a state that is no optimiser's, or another's.
    """
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    state = {
        number: {name: _kept_for(parameters[number], name, values[name]) for name in (COUNT, *MOMENTS)}
        for number, values in whole["state"].items()
    }
    groups = optimiser.state_dict()["param_groups"]
    for own, group in zip(groups, whole["param_groups"], strict=True):
        own["lr"] = _finite(group["lr"])
    optimiser.load_state_dict({"state": state, "param_groups": groups})


def _kept_for(parameter: Tensor, name: str, value: Tensor) -> Tensor:
    """What an optimiser keeps for a parameter, as that lies in memory: fused ones never look at strides."""
    if name == COUNT:
        return torch.tensor(float(_finite(value.item())))
    return torch.empty_like(parameter).copy_(cut_like(parameter, value))


def _finite(number: float) -> float:
    """A rate or a count of steps. Raises ValueError for what is neither."""
    if not is_number(number, 0, float_info.max):
        raise ValueError("An optimiser has a rate or a count of steps that is no number.")
    return number


def whole_copy(network: Network) -> Network:
    """A copy that is not sharded. Every process has to call it."""
    if not any(isinstance(parameter, DTensor) for parameter in network.parameters()):
        return copy.deepcopy(network)
    whole = build_network(network.config)
    whole.load_state_dict(gathered(network.state_dict()))
    whole.precision, whole.memory_format = network.precision, network.memory_format
    return in_layout(whole, network.memory_format, device=next(network.parameters()).device)
