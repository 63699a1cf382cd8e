"""PNG files (PNG specification, third edition): the chunks that decide what is seen."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from core.errors import PictureError
from core.pictures.content import Content
from core.pictures.exif import orientation
from core.pictures.png_colour import profile_of

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE = 0, 2, 3  # colour types without an alpha channel
SHOWN = frozenset({b"IHDR", b"PLTE", b"tRNS", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf"})

DAMAGED = "This picture file is damaged or cut short, so it cannot be opened."


class Chunk(NamedTuple):
    kind: bytes
    body: memoryview
    checksum: memoryview

    @property
    def intact(self) -> bool:
        return zlib.crc32(self.body, zlib.crc32(self.kind)) == int.from_bytes(self.checksum, "big")


def png_content(data: bytes, most: int) -> Content:
    """See core/pictures/content.py. Raises PictureError for a damaged header and for more than `most` chunks."""
    shown, pixels = _gather(data, most)
    header = shown.get(b"IHDR", b"")
    if len(header) != 13:
        raise PictureError(DAMAGED)
    width, height, depth, colour_type = struct.unpack_from(">IIBB", header)
    key = _key(shown.get(b"tRNS", b""), depth, colour_type)
    kept = (b"IHDR", b"PLTE", b"tRNS") if colour_type == PALETTE else (b"IHDR", b"PLTE")
    parts = [_chunk(kind, shown[kind]) for kind in kept if kind in shown]
    return Content(
        "PNG",
        b"".join([SIGNATURE, *parts, _chunk(b"IDAT", b"".join(pixels)), _chunk(b"IEND", b"")]),
        profile=profile_of(shown),
        orientation=orientation(shown.get(b"eXIf", b"")),
        key=key,
        opencv_size=(width, height) if key and (depth, colour_type) == (16, RGB) else None,
    )


def stated_size(data: bytes) -> tuple[int, int] | None:
    """Width and height as the first bytes of a PNG file state them; None for another file."""
    if not data.startswith(SIGNATURE) or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gather(data: bytes, most: int) -> tuple[dict[bytes, bytes], list[memoryview]]:
    """The first intact chunk before the pixels of every kind that is shown, and the pixels, compressed."""
    shown: dict[bytes, bytes] = {}
    pixels: list[memoryview] = []
    for chunk in _chunks(data, most):
        if chunk.kind == b"IDAT":
            pixels.append(chunk.body)
        elif chunk.kind == b"IEND":
            break
        elif not pixels and chunk.kind in SHOWN and chunk.kind not in shown and _counts(chunk, shown):
            shown[chunk.kind] = bytes(chunk.body)
    return shown, pixels


def _counts(chunk: Chunk, shown: dict[bytes, bytes]) -> bool:
    """Whether the chunk counts. Browsers pass over a damaged one, unless there is no picture without it."""
    if chunk.kind in (b"IHDR", b"PLTE") and not chunk.intact:
        raise PictureError(DAMAGED)
    too_early = chunk.kind == b"tRNS" and shown.get(b"IHDR", b"")[9:10] == bytes([PALETTE]) and b"PLTE" not in shown
    return not too_early and chunk.intact


def _chunks(data: bytes, most: int) -> Iterator[Chunk]:
    view, at = memoryview(data), len(SIGNATURE)
    for _ in range(most):
        if at + 8 > len(data):
            return
        end = at + 8 + int.from_bytes(view[at : at + 4], "big")
        yield Chunk(bytes(view[at + 4 : at + 8]), view[at + 8 : end], view[end : end + 4])
        at = end + 4
    raise PictureError(
        f"This picture file is made of more than {most} pieces. Save it anew as PNG or JPEG: that works."
    )


def _key(body: bytes, depth: int, colour_type: int) -> tuple[int, ...] | None:
    """The transparent colour in the values that decoders give: grey of less than 8 bits is stretched to 8."""
    channels = {GREY: 1, RGB: 3}.get(colour_type, 0)
    if not channels or len(body) < 2 * channels:
        return None
    key = struct.unpack_from(f">{channels}H", body)
    if depth == 16:
        return key
    if depth == 8:
        return tuple(value & 255 for value in key)
    return (key[0] * 255 // (2**depth - 1),) if key[0] < 2**depth else None


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))
