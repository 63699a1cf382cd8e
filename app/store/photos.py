"""Photographs that visitors have opened: kept for half an hour, found by an id that nobody can guess, and bounded.

A photo comes from an uploaded file, from a data URL or from a result that is here already. Those of a batch are kept as
files and decoded when their turn comes.
"""

import io
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

import core
from app.edits.data_url import to_data_url
from app.edits.inputs import read_photo
from app.edits.previews import fitted
from core.errors import PictureError

KEPT_S = 30 * 60
MAX_BYTES = 1_200_000_000  # of all photos together, decoded or not
MAX_DECODED = 4  # of one visitor
MAX_FILES = 32  # of one visitor, not decoded: one batch
VIEW_SIDE = 1024  # pixels of the longer side of what the page shows
VIEW_QUALITY = 88
EXACT_SIDE = 256  # pixels up to which it is shown exactly

GONE = "This photo is no longer here: photos are kept for half an hour. Open it again."


@dataclass(eq=False)
class Photo:
    """One photo: `pixels` [H,W,3] uint8, or `data` as the file came."""

    visitor: str
    pixels: np.ndarray | None = None
    data: bytes | None = None
    used: float = field(default=0.0)

    @property
    def size(self) -> int:
        """Bytes."""
        if self.pixels is not None:
            return self.pixels.nbytes
        assert self.data is not None  # one of both is there
        return len(self.data)

    def decoded(self) -> np.ndarray:
        """The pixels; those of a file are not kept. Raises PictureError."""
        return self.pixels if self.pixels is not None else read_photo(self.data)


class PhotoStore:
    """Photos by their id, the longest unused ones dropped first. May be called from any thread."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, clock: Callable[[], float] = time.monotonic):
        self.max_bytes, self.clock = max_bytes, clock
        self.photos: OrderedDict[str, Photo] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, photo: Photo) -> str:
        """The id under which it can be found. Raises PictureError for what is larger than the whole store."""
        if photo.size > self.max_bytes:
            raise PictureError("This photo is too large to be kept here. A smaller copy works.")
        name = secrets.token_urlsafe(16)
        with self._lock:
            photo.used = self.clock()
            self.photos[name] = photo
            self._bound(photo.visitor)
        return name

    def find(self, name: Any, visitor: str) -> Photo:
        """The visitor's photo of that id. Raises PictureError where there is none."""
        with self._lock:
            self._forget_old()
            photo = self.photos.get(name) if isinstance(name, str) else None
            if photo is None or photo.visitor != visitor:
                raise PictureError(GONE)
            photo.used = self.clock()
            self.photos.move_to_end(name)
            return photo

    def _bound(self, visitor: str) -> None:
        self._forget_old()
        for limit, decoded in ((MAX_DECODED, True), (MAX_FILES, False)):
            own = [name for name, p in self.photos.items() if p.visitor == visitor and (p.data is None) == decoded]
            for name in own[:-limit]:
                del self.photos[name]
        while sum(photo.size for photo in self.photos.values()) > self.max_bytes:
            self.photos.popitem(last=False)

    def _forget_old(self) -> None:
        now = self.clock()
        for name in [name for name, photo in self.photos.items() if now - photo.used > KEPT_S]:
            del self.photos[name]


def view_url(pixels: np.ndarray) -> str:
    """What the page shows of a photo: a JPEG data URL of at most VIEW_SIDE pixels a side; a small one as it is, PNG."""
    if max(pixels.shape[:2]) <= EXACT_SIDE:
        return to_data_url(core.png_bytes(pixels), "png")
    stream = io.BytesIO()
    Image.fromarray(fitted(pixels, VIEW_SIDE)).save(stream, "JPEG", quality=VIEW_QUALITY)
    return to_data_url(stream.getvalue(), "jpeg")


def is_grey(pixels: np.ndarray) -> bool:
    """Whether the three channels are equal everywhere, give or take what JPEG does to grey."""
    step = max(max(pixels.shape[:2]) // 512, 1)
    sample = pixels[::step, ::step].astype(np.int16)
    return bool(np.ptp(sample, axis=2).max() <= 3)
