"""Device, precision, memory layout and threads: decided once, here, with the reason as a sentence.

Judged against float32, a faster path must keep a PSNR above 40 dB; bf16 convolutions do on every model bundled so far
(`python -m benchmarks.model`).
"""

import os
import platform
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from core.errors import RequestError
from core.freed_memory import lasting_blocks
from core.micro_batches import MicroBatches
from core.network_base import Network
from core.packed import pack_convolutions

M = TypeVar("M", bound=nn.Module)

MAX_THREADS = 1024
DTYPES = {"float32": torch.float32, "tf32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# How near, as 1 - s/t, noise levels t > s may lie for a loss to compare a network's answers at both: nearer ones differ
# by little more than rounding. Down to here the gradient's cosine with float32's is above 0.99, as measured on the
# bundled models and on tiny ones (tests/training/objectives/test_precision.py). TF32 rounds as float16, but less often.
NEAREST = {"bfloat16": 0.04, "float16": 0.008, "tf32": 0.002, "float32": 0.0}


@dataclass(frozen=True)
class Runtime:
    """Where and how networks run. `reason` is shown to people and logged."""

    device: torch.device
    dtype: torch.dtype  # of what the network names (`Network.reduced_modules`); everything else is float32
    memory_format: torch.memory_format
    reason: str
    tf32: bool = True  # whether training on CUDA may round what convolutions in float32 multiply to TF32


def choose_runtime(device: str = "auto", dtype: str | torch.dtype | None = None, *, level_gap: float = 1.0) -> Runtime:
    """The runtime for a device name ("auto", "cpu", "cuda", "cuda:1", "mps") and a precision (None: the best here).

    level_gap: how near the noise levels lie that a training loss compares (training/objectives/base.py).
    Raises RequestError for a device that is not there, or a precision that is not known.
    """
    where = _device(device)
    if dtype is None:
        name, reason = _precision(where, level_gap)
    else:
        name, reason = str(dtype).removeprefix("torch."), "as asked"
    if name not in DTYPES:
        raise RequestError(f'The precision "{name}" is not known: {", ".join(DTYPES)} are.')
    layout = torch.contiguous_format if where.type == "mps" else torch.channels_last
    return Runtime(where, DTYPES[name], layout, f"{where}: {name}, {reason}", tf32=name != "float32")


def _device(name: str) -> torch.device:
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise RequestError(f'The device "{name}" is not known: auto, cpu, cuda and mps are.') from error
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not present.get(device.type, False):
        raise RequestError(f"There is no {device.type} device on this machine; --device cpu works everywhere.")
    return device


def _precision(device: torch.device, level_gap: float) -> tuple[str, str]:
    """The fastest precision there that tells levels apart which lie so near, and why it was chosen."""
    names, reason = _precisions(device)
    chosen = next(name for name in names if level_gap >= NEAREST[name])
    if chosen != names[0]:
        reason = f"as the loss compares noise levels that differ by {100 * level_gap:.2g}%, too near for {names[0]}"
    return chosen, reason


def _precisions(device: torch.device) -> tuple[list[str], str]:
    """What it computes in, the fastest first, and why that is the fastest."""
    if device.type == "cuda":
        if torch.cuda.get_device_capability(device) >= (8, 0):
            return ["bfloat16", "float16", "tf32", "float32"], "the card's native half precision"
        return ["float16", "float32"], "this card has no native bfloat16"
    if device.type == "cpu" and _cpu_multiplies_bfloat16():
        return ["bfloat16", "float32"], "this processor multiplies it natively"  # its float16 is seldom native
    return ["float32"], "this device has no faster precision"


def _cpu_multiplies_bfloat16() -> bool:
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in checks)


def in_layout(
    module: M,
    memory_format: torch.memory_format,
    *,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> M:
    """The same module with its weights in that memory layout, on the device and in the precision that are given."""
    # torch's types of Module.to leave out the memory format.
    return module.to(device=device, dtype=dtype, memory_format=memory_format)  # type: ignore[call-overload]


def to_device(network: Network, runtime: Runtime) -> Network:
    """Move a network there for inference.

    Its reduced modules get the runtime's precision and layout, the rest is float32. It evaluates batches in parts that
    fit into the memory.
    """
    network = network.to(runtime.device).eval().requires_grad_(False)
    network.evaluate = MicroBatches(runtime.device)
    network.memory_format = runtime.memory_format
    for module in network.reduced_modules():
        in_layout(module, runtime.memory_format, dtype=runtime.dtype)
    if runtime.device.type == "cpu":
        pack_convolutions(network)
        _prepare_in_lasting_blocks(network)
    return network


def _prepare_in_lasting_blocks(network: Network) -> None:
    """The first evaluation brings weights into the processor's order and makes kernels, all of which last."""
    scope = ExitStack()

    def begin(*_) -> None:
        opening.remove()
        scope.enter_context(lasting_blocks())

    def end(*_) -> None:
        closing.remove()
        scope.close()

    opening = network.register_forward_pre_hook(begin)
    closing = network.register_forward_hook(end, always_call=True)


def train_precision(network: Network, runtime: Runtime) -> None:
    """Let a float32 network compute in the runtime's precision where it can (weights and gradients stay float32).

    Whether convolutions use TF32 is set for the whole process: their backward passes run outside of any context.
    """
    torch.backends.cudnn.allow_tf32 = runtime.tf32
    in_layout(network, runtime.memory_format, device=runtime.device)
    network.memory_format = runtime.memory_format
    if runtime.dtype != torch.float32:
        network.precision = lambda: torch.autocast(runtime.device.type, dtype=runtime.dtype)


def machine(device: torch.device | str = "cpu") -> str:
    """The name of the graphics card, or of the processor with its number of cores."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or "processor of unknown name"
    return f"{name}, {os.cpu_count()} cores"


def use_threads(count: int | None = None) -> int:
    """Set torch's threads for this process and return them; by default all cores that this process may use.

    Raises RequestError unless there are 1 to MAX_THREADS.
    """
    if count is not None and not 1 <= count <= MAX_THREADS:
        raise RequestError(f"{count} threads are not possible: choose 1 to {MAX_THREADS}.")
    count = count or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
    torch.set_num_threads(count)
    return count
