"""Device, precision, memory layout and threads: decided once, here, with the reason as a sentence.

Judged against float32, a faster path must keep a PSNR above 40 dB; bf16 convolutions do on every model bundled so far
(`python -m benchmarks.model`).
"""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from core.errors import RequestError
from core.packed import pack_convolutions

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Runtime:
    """Where and how networks run. `reason` is shown to people and logged."""

    device: torch.device
    dtype: torch.dtype  # of the trunk's convolutions; everything else is float32
    memory_format: torch.memory_format
    reason: str


def choose_runtime(device: str = "auto", dtype: str | torch.dtype | None = None) -> Runtime:
    """The runtime for a device name ("auto", "cpu", "cuda", "cuda:1", "mps") and a precision (None: the best here).

    Raises RequestError for a device that is not there.
    """
    where = _device(device)
    chosen, reason = _precision(where)
    if dtype is not None:
        chosen = DTYPES.get(dtype, dtype) if isinstance(dtype, str) else dtype
        if not isinstance(chosen, torch.dtype):
            raise RequestError(f'The precision "{dtype}" is not known: {", ".join(DTYPES)} are.')
        reason = f"{str(chosen).removeprefix('torch.')}, as asked"
    layout = torch.contiguous_format if where.type == "mps" else torch.channels_last
    return Runtime(where, chosen, layout, f"{where}: {reason}")


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


def _precision(device: torch.device) -> tuple[torch.dtype, str]:
    if device.type == "cuda":
        if torch.cuda.get_device_capability(device) >= (8, 0):
            return torch.bfloat16, "bfloat16, the card's native half precision"
        return torch.float16, "float16, this card has no native bfloat16"
    if device.type == "cpu" and _cpu_multiplies_bfloat16():
        return torch.bfloat16, "bfloat16, this processor multiplies it natively"
    return torch.float32, "float32, this device has no faster precision"


def _cpu_multiplies_bfloat16() -> bool:
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in checks)


def place(network: nn.Module, runtime: Runtime) -> nn.Module:
    """Move a network there for inference: convolutions in the runtime's precision and layout, all else in float32.

    That costs nothing, and what embeds the noise level needs it (core.unet.Linear).
    """
    network = network.to(runtime.device).eval().requires_grad_(False)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.to(dtype=runtime.dtype, memory_format=runtime.memory_format)
    if runtime.device.type == "cpu":
        pack_convolutions(network)
    return network


def train_precision(network: nn.Module, runtime: Runtime) -> None:
    """Let the trunk of a float32 network compute in the runtime's precision (weights and gradients stay float32)."""
    network.to(device=runtime.device, memory_format=runtime.memory_format)
    if runtime.dtype != torch.float32:
        network.precision = lambda: torch.autocast(runtime.device.type, dtype=runtime.dtype)


def machine(device: torch.device | str = "cpu") -> str:
    """The name of the card, or of the processor with the number of its cores."""
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
    """Set torch's threads for this process and return them; by default all cores that this process may use."""
    count = count or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
    torch.set_num_threads(count)
    return count
