"""TIFF files (TIFF 6.0, and BigTIFF): the first directory, reduced to the tags that decide what is seen."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from core.pictures.content import Content

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, ORIENTATION, SAMPLES, EXTRA, SAMPLE_FORMAT, PROFILE = (
    256, 257, 258, 259, 262, 274, 277, 338, 339, 34675,
)  # fmt: skip
SHOWN = frozenset({
    254, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, 266, 273, SAMPLES, 278, 279, 280, 281, 284, 292, 293, 317, 320,
    322, 323, 324, 325, 332, EXTRA, SAMPLE_FORMAT, 347, *range(512, 522), 529, 530, 531, 532,
})  # fmt: skip
SHORT, LONG = 3, 4
YCBCR, FLOAT, STRAIGHT_ALPHA = 6, 3, 2
JPEG_COMPRESSIONS = (6, 7)


class Entry(NamedTuple):
    tag: int
    kind: int
    length: int  # how many values it has
    raw: bytes  # the entry as it lies in the file
    value: bytes  # its last field: the value itself if it is small enough, else where it is


class Directory:
    """The first directory of a TIFF file, or of EXIF, which is one. One that is no such thing has no entries."""

    def __init__(self, data: bytes):
        self.data = data
        self.order = "<" if data[:2] == b"II" else ">"
        self.big = data[:4] in SIGNATURES[2:]
        self.at = self._number(8, 8) if self.big else self._number(4, 4)
        self.entries = list(self._read()) if data[:4] in SIGNATURES else []

    def first(self, tag: int, default: int = 0) -> int:
        """The first number of a tag of whole numbers."""
        entry = self.find(tag)
        if entry is None or entry.kind not in (SHORT, LONG) or not entry.length:
            return default
        size = 2 if entry.kind == SHORT else 4
        inside = entry.length * size <= len(entry.value)
        return self._int(entry.value[:size]) if inside else self._number(self._int(entry.value), size)

    def find(self, tag: int) -> Entry | None:
        return next((entry for entry in self.entries if entry.tag == tag), None)

    def content_of(self, tag: int) -> bytes | None:
        """The bytes that a tag points at."""
        entry = self.find(tag)
        at = 0 if entry is None else self._int(entry.value)
        return None if entry is None else self.data[at : at + entry.length]

    def only(self, tags: frozenset[int]) -> bytes:
        """The file with no other tags than these in its first directory, and with no further directory."""
        kept = b"".join(entry.raw for entry in self.entries if entry.tag in tags)
        count = len(kept) // (20 if self.big else 12)
        number = struct.pack(self.order + ("Q" if self.big else "H"), count)
        directory = number + kept + bytes(8 if self.big else 4)
        return self.data[: self.at] + directory + self.data[self.at + len(directory) :]

    def _read(self) -> Iterator[Entry]:
        head, size, kinds = (8, 20, "HHQ8s") if self.big else (2, 12, "HHI4s")
        for k in range(min(self._number(self.at, head), 65535)):
            start = self.at + head + k * size
            raw = self.data[start : start + size]
            if len(raw) < size:
                return
            tag, kind, count, value = struct.unpack(self.order + kinds, raw)
            yield Entry(tag, kind, count, raw, value)

    def _number(self, at: int, size: int) -> int:
        return self._int(self.data[at : at + size])

    def _int(self, raw: bytes) -> int:
        return int.from_bytes(raw, "little" if self.order == "<" else "big")


def tiff_content(data: bytes) -> Content:
    """See core/pictures/content.py."""
    directory = Directory(data)
    turned = directory.first(ORIENTATION, 1)
    return Content(
        "TIFF",
        directory.only(SHOWN) if directory.entries else data,
        profile=directory.content_of(PROFILE),
        orientation=turned if 1 <= turned <= 8 else 1,
        opencv_size=(directory.first(WIDTH), directory.first(HEIGHT)) if _beyond_pillow(directory) else None,
    )


def _beyond_pillow(directory: Directory) -> bool:
    """Colours of floats or of 32 bits, and luminance with two chromas outside JPEG, which Pillow takes for RGB."""
    samples, deep = directory.first(SAMPLES, 1), directory.first(BITS, 1) >= 32
    if directory.first(PHOTOMETRIC) == YCBCR:
        return directory.first(COMPRESSION, 1) not in JPEG_COMPRESSIONS
    return deep and (samples == 3 or (samples == 4 and directory.first(EXTRA) == STRAIGHT_ALPHA))
