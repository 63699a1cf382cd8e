"""What a hostile visitor has made beforehand: bodies that cost a parser much, and pictures that cost a decoder much."""

import io
import struct
import zlib
from functools import cache

import numpy as np
from PIL import Image

from tests.picture_files import chunk, encoded, packed_png

WIDE = [
    b'{"data":[' + b"[]," * 100_000 + b"[]]}",
    b"{" + b",".join(b'"%d":0' % n for n in range(200_000)) + b"}",
    b'{"data":["' + b"[" * 3_900_000 + b'"]}',
    b'{"data":["' + b"\\u0041" * 600_000 + b'"]}',
]
DEEP = [b"[" * 2_900 + b"]" * 2_900, b'{"a":' * 100_000]
ODD = [
    b'{"data":[NaN]}',
    b'{"data":[-Infinity,1e999]}',
    b'{"data":[' + b"9" * 5_000 + b"]}",
    b'{"data":["\\ud800"]}',
    b'{"data":["\xff"]}',
    b'{"data":[',
]
LARGEST = b'{"data":["' + b"x" * 3_999_000 + b'"]}'  # passes every look at its shape


def grey16(side: int) -> bytes:
    """A black PNG of 16 bits a pixel. One of 119 megapixels has 300 kB."""
    return packed_png([bytes(2 * side)] * side, side, 16, 0)


def many_chunks(count: int) -> bytes:
    """A small PNG with so many empty chunks in front of its pixels."""
    return packed_png([b"\0\0\0"], 1, 8, 2, extra=chunk(b"teXt", b"") * count)


def endless_pixels(megabytes: int) -> bytes:
    """A PNG of 100 x 100 pixels with far more of them packed in it than it has."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 100, 100, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1_000_000 * megabytes)))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b"")


def many_scans(count: int) -> bytes:
    """A JPEG that goes over its pixels again and again."""
    return encoded(Image.new("RGB", (64, 64)), "JPEG")[:-2] + b"\xff\xda" * count + b"\xff\xd9"


@cache
def large_photo(side: int) -> bytes:
    """A JPEG as of a camera: every pixel is another one, and it fits into a data URL."""
    row = (np.arange(side) * 255 // side).astype(np.uint8)
    pixels = np.stack([*np.broadcast_arrays(row, row[:, None]), np.full((side, side), 90, np.uint8)], axis=2)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=70)
    return stream.getvalue()


@cache
def pictures() -> dict[str, bytes]:
    """All picture bombs, and two pictures that are only as large as they may be. The type that data URLs name."""
    return {
        "119 megapixels": grey16(10_900),
        "39 megapixels": grey16(6_240),
        "two million chunks": many_chunks(2_000_000),
        "hundred thousand chunks": many_chunks(100_000),
        "endless pixels": endless_pixels(50),
        "many scans": many_scans(5_000),
        "a large photo": large_photo(3_500),
        "no picture": b"\x89PNG\r\n\x1a\n" + bytes(1_000),
    }
