"""The process that decodes picture files for another one, which is described in core/pictures/process.py."""

import json
import os
import signal
import sys
from typing import Any

import numpy as np

from core.errors import PictureError
from core.pictures.limits import PictureLimits
from core.pictures.read import NOTES, WHITE, read_image, read_layer

NICE = 10  # less of the processor than those who wait for a stroke, where both want it


def main(limits: str) -> None:
    """Answers until its input ends, as it does with the process that started it. limits: as JSON."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for that process
    if hasattr(os, "nice"):
        os.nice(NICE)
    bounds = PictureLimits(**json.loads(limits))
    bound_memory(bounds.memory)
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        answer(sys.stdin.buffer.read(request["size"]), request, bounds)


def bound_memory(most: int) -> None:
    """Let this process have that many bytes of address space, where the system knows such a bound."""
    try:
        import resource
    except ImportError:  # Windows: there, what is read before decoding bounds it alone
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (OSError, ValueError):  # macOS
        return


def answer(data: bytes, request: dict[str, Any], limits: PictureLimits) -> None:
    """Write the pixels of a file, or the sentence that says why there are none, to standard output."""
    out = sys.stdout.buffer
    try:
        notes: list[str] = []
        pixels = np.asarray(_decoded(data, request, limits, notes))
    except PictureError as error:
        out.write(json.dumps({"error": str(error)}).encode() + b"\n")
    else:
        out.write(json.dumps({"shape": pixels.shape, "notes": [NOTES.index(note) for note in notes]}).encode() + b"\n")
        out.write(pixels.data)
    out.flush()


def _decoded(data: bytes, request: dict[str, Any], limits: PictureLimits, notes: list[str]):
    if request.get("layer"):
        return read_layer(data, limits=limits)
    background = tuple(request.get("background", WHITE))
    return read_image(
        data,
        limits=limits,
        background=background,
        at_least=request.get("at_least"),
        notes=notes if request.get("partial") else None,
    )
