"""What becomes of memory that torch frees: kept for the next evaluation, or given back when a model is gone."""

import ctypes
import sys
from contextlib import suppress

import torch

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of glibc's settings, from its malloc.h
KEPT = 512 << 20  # bytes at the end of the heap that the process keeps
LARGEST = 128 << 20  # bytes of one block; larger ones are taken from the system and given back each time


def keep_freed_memory() -> bool:
    """Let this process keep freed memory for what is allocated next. Returns whether it can: glibc can.

    Else every activation above 32 MB is given back and taken again as pages that the system first fills with zeros. An
    evaluation of the published 256-pixel networks waited a sixth of its time for that, one of 16 bundled pictures a
    tenth.
    """
    if sys.platform != "linux":
        return False
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none, or one that returns 0
    return set_option is not None and bool(set_option(MMAP_THRESHOLD, LARGEST) and set_option(TRIM_THRESHOLD, KEPT))


def release_memory() -> None:
    """Give back to the system what was freed: glibc and CUDA keep gigabytes of a model that is gone for later."""
    with suppress(AttributeError, OSError, TypeError):  # another system, or another C library
        ctypes.CDLL(None).malloc_trim(0)
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
