"""This side of a process that decodes picture files (core/pictures/worker.py is the other).

A request is a line of JSON and the bytes of the file; an answer is a line of JSON and the pixels. Nothing that comes
back is trusted to be more than that: who takes over the decoder gets no further.
"""

import json
import os
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from dataclasses import asdict
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from core.errors import PictureError
from core.pictures.limits import PictureLimits
from core.pictures.read import NOTES

# Without core/__init__.py, which loads torch: 40 MB of memory and a quarter of a second instead of 300 MB and seconds.
START = """
import sys, types
core = sys.modules["core"] = types.ModuleType("core")
core.__path__ = [sys.argv[1]]
from core.pictures.worker import main
main(sys.argv[2])
"""
CORE = Path(__file__).resolve().parents[1]
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # each thread reserves memory, and none is needed
BROKEN = (OSError, ValueError, TypeError, LookupError)  # the pipe broke, or what came through it is no answer
LONGEST_LINE = 10_000  # bytes of an answer's first line

TOO_LONG = "This picture takes too long to open. A smaller copy works, or the same saved anew as JPEG or PNG."
ENDED = "This picture takes more than there is to open it. A smaller copy works, or the same saved anew as JPEG or PNG."


class DecodingProcess:
    """A process that decodes one file after another. For one thread at a time."""

    def __init__(self, limits: PictureLimits):
        """Raises OSError if no process can be started."""
        self.limits = limits
        arguments = [sys.executable, "-P", "-c", START, str(CORE), json.dumps(asdict(limits))]
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | ONE_THREAD,
        )
        weakref.finalize(self, _end, self._process)

    @property
    def alive(self) -> bool:
        """Whether it can take a file."""
        return self._process.poll() is None

    def decode(self, data: bytes, wishes: dict[str, Any]) -> tuple[np.ndarray, list[str]]:
        """The pixels [H,W,C] uint8 of a file, and the NOTES (core/pictures/read.py) on it.

        Raises PictureError; after one for time or memory it is not alive. wishes: "layer", "background" and "at_least",
        as in core/pictures/reader.py, and "partial": whether a file whose rest is missing is read, too.
        """
        overran = threading.Event()
        timer = threading.Timer(self.limits.seconds, self._overrun, [overran])
        timer.daemon = True
        timer.start()
        try:
            return self._exchange(data, wishes)
        except PictureError:  # a whole answer
            raise
        except BaseException as error:  # half an answer may be left in the pipe: nobody else is to get it
            _end(self._process)
            if isinstance(error, BROKEN):
                raise PictureError(TOO_LONG if overran.is_set() else ENDED) from error
            raise
        finally:
            timer.cancel()

    def _overrun(self, overran: threading.Event) -> None:
        overran.set()
        self._process.kill()

    def _exchange(self, data: bytes, wishes: dict[str, Any]) -> tuple[np.ndarray, list[str]]:
        to, of = cast(BinaryIO, self._process.stdin), cast(BufferedReader, self._process.stdout)
        to.write(json.dumps(wishes | {"size": len(data)}).encode() + b"\n")
        to.write(data)
        to.flush()
        answer = json.loads(of.readline(LONGEST_LINE))
        if "error" in answer:
            raise PictureError(str(answer["error"]))
        rows, columns, channels = map(int, answer["shape"])
        if rows * columns > self.limits.pixels or channels != (4 if wishes.get("layer") else 3):
            raise ValueError("not the pixels that were asked for")
        pixels = np.empty((rows, columns, channels), np.uint8)
        if of.readinto(pixels.data) < pixels.nbytes:
            raise ValueError("the pixels ended early")
        return pixels, [NOTES[number] for number in answer.get("notes", [])]


def _end(process: subprocess.Popen) -> None:
    process.kill()
    for pipe in filter(None, (process.stdin, process.stdout)):
        with suppress(OSError):
            pipe.close()
    process.wait()
