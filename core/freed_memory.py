"""What becomes of memory that torch frees: kept for the next evaluation, or given back when a model is gone."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import torch

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of glibc's settings, from its malloc.h
KEPT = 512 << 20  # bytes at the end of the heap that the process keeps
LARGEST = 128 << 20  # bytes of one block; larger ones are taken from the system and given back each time
LASTING = 1 << 20  # bytes from which on a block that lasts is taken from the system by itself


def keep_freed_memory() -> bool:
    """Let this process keep freed memory for what is allocated next. Returns whether it can: glibc can.

    Else every activation above 32 MB is given back and taken again as pages that the system first fills with zeros. An
    evaluation of the published 256-pixel networks waited a sixth of its time for that, one of 16 bundled pictures a
    tenth.
    """
    return _set_option(MMAP_THRESHOLD, LARGEST) and _set_option(TRIM_THRESHOLD, KEPT)


@contextmanager
def lasting_blocks() -> Iterator[None]:
    """What is allocated inside lasts, as weights do. Freed memory is kept afterwards (`keep_freed_memory`).

    Weights between activations leave holes that the next activations do not fit into: the published 256-pixel networks
    took 0.4 GB more. So each large one gets memory beside the heap.
    """
    _set_option(MMAP_THRESHOLD, LASTING)
    try:
        yield
    finally:
        keep_freed_memory()


def _set_option(option: int, value: int) -> bool:
    """Whether the C library took the setting: others than glibc have no `mallopt`, or one that returns 0."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return set_option is not None and bool(set_option(option, value))


def release_memory() -> None:
    """Give back to the system what was freed: glibc and CUDA keep gigabytes of a model that is gone for later."""
    with suppress(AttributeError, OSError, TypeError):  # another system, or another C library
        ctypes.CDLL(None).malloc_trim(0)
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
