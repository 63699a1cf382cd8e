"""WebP files (RFC 9649): the chunks that decide what is seen."""

import struct
from collections.abc import Iterator

from core.errors import PictureError
from core.pictures.content import Content

EXTENDED, PROFILE, ANIMATION, FRAME = b"VP8X", b"ICCP", b"ANIM", b"ANMF"
SHOWN = (EXTENDED, ANIMATION, FRAME, b"ALPH", b"VP8 ", b"VP8L")
ALPHA_AND_ANIMATION = 0x12  # of the flags in the extended header


def is_webp(data: bytes) -> bool:
    """Whether the file begins as a WebP does."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def webp_content(data: bytes, most: int) -> Content:
    """See core/pictures/content.py. An animation keeps its first frame. Raises PictureError for more chunks.

    An orientation in EXIF does not count: browsers do not turn a WebP.
    """
    first: dict[bytes, bytes] = {}
    for kind, body in _chunks(data, most):
        first.setdefault(kind, body)
    if len(first.get(EXTENDED, b"")) == 10:
        first[EXTENDED] = bytes([first[EXTENDED][0] & ALPHA_AND_ANIMATION]) + first[EXTENDED][1:]
    chunks = b"".join(_chunk(kind, first[kind]) for kind in SHOWN if kind in first)
    return Content("WEBP", b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks, first.get(PROFILE))


def _chunks(data: bytes, most: int) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    for _ in range(most):
        if at + 8 > len(data):
            return
        end = at + 8 + struct.unpack_from("<I", data, at + 4)[0]
        yield data[at : at + 4], data[at + 8 : end]
        at = end + end % 2
    raise PictureError(f"This WebP is made of more than {most} pieces. Save it anew as JPEG or PNG: that works.")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
