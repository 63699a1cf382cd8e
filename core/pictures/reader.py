"""Who decodes picture files: this process, or processes of their own for what strangers send.

A file may be made so that its decoder takes all memory, never ends, or ends the process. In a process of its own that
costs the file alone.

Shapes: H rows, W columns.
"""

import queue
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.errors import PictureError
from core.pictures.limits import LOCAL, PictureLimits
from core.pictures.png import stated_size
from core.pictures.process import DecodingProcess
from core.pictures.read import WHITE, Colour, picture_bytes, read_image, read_layer

PROCESSES = 2  # that decode at the same time; each is started when it is first needed
SMALL_SIDE, SMALL_BYTES = 1024, 1_000_000  # of a PNG without a profile: it decodes in milliseconds


class PictureReader(Protocol):
    """Reads picture files, given as bytes or as a path. Both functions raise PictureError."""

    def image(
        self,
        source: str | Path | bytes,
        *,
        background: Colour = WHITE,
        at_least: int | None = None,
        notes: list[str] | None = None,
    ) -> np.ndarray:
        """[H,W,3] uint8, as `read_image` in core/pictures/read.py."""

    def layer(self, source: str | Path | bytes) -> np.ndarray:
        """[H,W,4] uint8, as `read_layer` in core/pictures/read.py."""


class DirectReader:
    """Decodes in this process."""

    def __init__(self, limits: PictureLimits = LOCAL):
        self.limits = limits

    def image(
        self,
        source: str | Path | bytes,
        *,
        background: Colour = WHITE,
        at_least: int | None = None,
        notes: list[str] | None = None,
    ) -> np.ndarray:
        """See PictureReader."""
        picture = read_image(source, limits=self.limits, background=background, at_least=at_least, notes=notes)
        return np.asarray(picture)

    def layer(self, source: str | Path | bytes) -> np.ndarray:
        """See PictureReader."""
        return np.asarray(read_layer(source, limits=self.limits))


class IsolatedReader:
    """Decodes in processes of its own, which are replaced when a file overruns the limits of time or memory.

    What is as small as a painting on the page is decoded in this process, for speed. May be called from any thread; a
    caller waits while all processes are busy.
    """

    def __init__(self, limits: PictureLimits, processes: int = PROCESSES):
        self.limits = limits
        self._direct = DirectReader(limits)
        self._free: queue.LifoQueue[DecodingProcess | None] = queue.LifoQueue()  # None: not started yet
        for _ in range(processes):
            self._free.put(None)

    def image(
        self,
        source: str | Path | bytes,
        *,
        background: Colour = WHITE,
        at_least: int | None = None,
        notes: list[str] | None = None,
    ) -> np.ndarray:
        """See PictureReader."""
        data = picture_bytes(source, self.limits.bytes)
        if _is_small(data):
            return self._direct.image(data, background=background, at_least=at_least, notes=notes)
        pixels, told = self._decode(data, background=background, at_least=at_least, partial=notes is not None)
        if notes is not None:
            notes.extend(told)
        return pixels

    def layer(self, source: str | Path | bytes) -> np.ndarray:
        """See PictureReader."""
        data = picture_bytes(source, self.limits.bytes)
        return self._direct.layer(data) if _is_small(data) else self._decode(data, layer=True)[0]

    def _decode(self, data: bytes, **wishes: Any) -> tuple[np.ndarray, list[str]]:
        process = self._free.get()
        try:
            process = process if process and process.alive else DecodingProcess(self.limits)
            return process.decode(data, wishes)
        except OSError as error:  # no process can be started
            raise PictureError("This picture cannot be opened at the moment. Try once more.") from error
        finally:
            self._free.put(process)


def _is_small(data: bytes) -> bool:
    """Whether no decoder but that of PNG comes to see this file, and only little of it."""
    size = stated_size(data)
    return size is not None and max(size) <= SMALL_SIDE and len(data) <= SMALL_BYTES and b"iCCP" not in data
