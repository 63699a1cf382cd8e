"""Photos that visitors have opened, in memory for half an hour after their last use, each under a random id.

A photo is an uploaded file, a data URL, or a result of an edit. The photos of a batch are stored as files and decoded
when they are edited.
"""

import io
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

import core
from app.edits.data_url import to_data_url
from app.edits.previews import fitted
from app.store.fullness import too_much
from core.errors import PictureError
from core.pictures.reader import PictureReader

KEPT_S = 30 * 60  # seconds after the last use
MAX_BYTES = 1_200_000_000  # of all photos together, decoded or not
MAX_DECODED = 4  # decoded photos of one visitor
MAX_FILES = 32  # photos of one visitor that are stored as files: one batch
VIEW_SIDE = 1024  # pixels, at most, of the longer side of the view that the page shows
VIEW_QUALITY = 88
EXACT_SIDE = 256  # pixels of the longer side up to which the view is exact

GONE = "This photo is no longer here: photos are kept for half an hour. Open it again."


@dataclass(eq=False)
class Photo:
    """One photo: either `pixels` [H,W,3] uint8, or `data`, the bytes of its file.

    owner: the address that sent it. used: the time of its last use.
    """

    visitor: str
    pixels: np.ndarray | None = None
    data: bytes | None = None
    owner: str = ""
    used: float = 0.0

    @property
    def size(self) -> int:
        """Bytes of memory."""
        if self.pixels is not None:
            return self.pixels.nbytes
        assert self.data is not None  # one of both is there
        return len(self.data)

    def decoded(self, pictures: PictureReader, notes: list[str]) -> np.ndarray:
        """[H,W,3] uint8; a file is decoded at every call, and what is to be told of it is added to the notes.

        Raises PictureError for a bad file.
        """
        if self.pixels is not None:
            return self.pixels
        assert self.data is not None  # as above
        return pictures.image(self.data, notes=notes)


class PhotoStore:
    """Photos by id. A full one drops photos of whoever has most (fullness.py). May be called from any thread."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, clock: Callable[[], float] = time.monotonic):
        self.max_bytes, self.clock = max_bytes, clock
        self.photos: OrderedDict[str, Photo] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, photo: Photo) -> str:
        """Stores a photo and returns its id. Raises PictureError if it is larger than the whole store."""
        if photo.size > self.max_bytes:
            raise PictureError("This photo is too large to be kept here. A smaller copy works.")
        name = secrets.token_urlsafe(16)
        with self._lock:
            photo.used = self.clock()
            self.photos[name] = photo
            self._bound(photo.visitor)
        return name

    def find(self, name: Any, visitor: str) -> Photo:
        """The visitor's photo with this id. Raises PictureError if there is none, or it is another visitor's."""
        with self._lock:
            self._forget_old()
            photo = self.photos.get(name) if isinstance(name, str) else None
            if photo is None or photo.visitor != visitor:
                raise PictureError(GONE)
            photo.used = self.clock()
            self.photos.move_to_end(name)
            return photo

    def sweep(self) -> None:
        """Forget what was used more than half an hour ago."""
        with self._lock:
            self._forget_old()

    def _bound(self, visitor: str) -> None:
        self._forget_old()
        for limit, decoded in ((MAX_DECODED, True), (MAX_FILES, False)):
            own = [name for name, p in self.photos.items() if p.visitor == visitor and (p.data is None) == decoded]
            for name in own[:-limit]:
                del self.photos[name]
        for name in list(too_much(self.photos, self.max_bytes, lambda photo: photo.size)):
            del self.photos[name]

    def _forget_old(self) -> None:
        now = self.clock()
        for name in [name for name, photo in self.photos.items() if now - photo.used > KEPT_S]:
            del self.photos[name]


def view_url(pixels: np.ndarray) -> str:
    """The view of a photo [H,W,3] uint8 for the page: a JPEG data URL of at most VIEW_SIDE pixels a side.

    A photo of at most EXACT_SIDE pixels a side becomes a PNG data URL, which is exact.
    """
    if max(pixels.shape[:2]) <= EXACT_SIDE:
        return to_data_url(core.png_bytes(pixels), "png")
    stream = io.BytesIO()
    Image.fromarray(fitted(pixels, VIEW_SIDE)).save(stream, "JPEG", quality=VIEW_QUALITY)
    return to_data_url(stream.getvalue(), "jpeg")


def is_grey(pixels: np.ndarray) -> bool:
    """Whether the channels of [H,W,3] uint8 differ by at most 3 levels, as those of a grey JPEG do."""
    step = max(max(pixels.shape[:2]) // 512, 1)
    sample = pixels[::step, ::step].astype(np.int16)
    return bool(np.ptp(sample, axis=2).max() <= 3)
