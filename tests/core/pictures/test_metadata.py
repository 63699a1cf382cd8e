"""Metadata of any kind and any damage: the pixels are read."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core import PictureError, read_image
from tests import tiny
from tests.picture_files import (
    chunk,
    encoded,
    exif,
    packed_png,
    promising_png,
    riff,
    segment,
    tiff,
    webp_chunk,
    with_segments,
)

PIXEL = [10, 20, 30]
COLOURS = tiny.picture(0, 6, 9)
PHOTO = encoded(Image.fromarray(tiny.picture(0, 32, 48)), "JPEG", quality=95)
XMP = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF>'  # fmt: skip  # noqa: E501


def read(data: bytes) -> np.ndarray:
    return np.asarray(read_image(data))


PNG_CHUNKS = {
    "text of 2 MB": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * 2_000_000)),
    "profile of 2 MB": chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(2_000_000))),
    "profile, not compressed": chunk(b"iCCP", b"p\0\0abc"),
    "profile, no name": chunk(b"iCCP", b""),
    "text, wrong checksum": chunk(b"tEXt", b"a\0b", 0),
    "density, wrong checksum": chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1), 0),
    "density, too short": chunk(b"pHYs", b"\0\0"),
    "gamma, too short": chunk(b"gAMA", b"\0"),
    "gamma of 0": chunk(b"gAMA", bytes(4)),
    "colours of nothing": chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"cHRM", bytes(32)),
    "colours, too short": chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"cHRM", bytes(3)),
    "code points, too short": chunk(b"cICP", b"\x0c\x0d"),
    "code points, unknown": chunk(b"cICP", b"\xff\xff\0\1"),
    "transparency, too short": chunk(b"tRNS", b"\0"),
    "transparency, wrong checksum": chunk(b"tRNS", struct.pack(">3H", *PIXEL), 0),
    "text, unknown method": chunk(b"zTXt", b"x\0\1y"),
    "exif of nothing": chunk(b"eXIf", b"\0\x08\0\2\1\x12\0\3"),
    "animation of nothing": chunk(b"acTL", b"") + chunk(b"fcTL", b"\0"),
    "many": chunk(b"tEXt", b"") * 50_000,
}


@pytest.mark.parametrize("name", PNG_CHUNKS)
def test_the_chunks_of_a_png_never_keep_its_pixels(name):
    assert read(packed_png([bytes(PIXEL)], 1, 8, 2, extra=PNG_CHUNKS[name])).tolist() == [[PIXEL]]


@pytest.mark.parametrize("tail", [chunk(b"tEXt", b"a", 0), b"junk", chunk(b"gAMA", struct.pack(">I", 100_000))])
def test_what_follows_the_pixels_of_a_png_does_not_count(tail):
    whole = packed_png([bytes(PIXEL)], 1, 8, 2, tail=tail)
    assert read(whole).tolist() == [[PIXEL]]
    assert read(whole[: whole.index(tail)]).tolist() == [[PIXEL]]  # nor does the end


def test_a_png_with_a_damaged_header_is_told():
    whole = packed_png([bytes(PIXEL)], 1, 8, 2)
    with pytest.raises(PictureError, match="damaged"):
        read(whole[:20] + b"\1" + whole[21:])


JPEG_SEGMENTS = {
    "exif of nothing": segment(0xE1, b"Exif\0\0"),
    "exif, no such directory": segment(0xE1, b"Exif\0\0" + exif(6)[:4] + b"\xff" * 4),
    "exif, cut short": segment(0xE1, b"Exif\0\0" + exif(6)[:15]),
    "exif, orientation 9": segment(0xE1, b"Exif\0\0" + exif(9)),
    "xmp alone": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
    "photoshop": segment(0xED, b"Photoshop 3.0\0" + b"8BIM\xff\xff\xff\xff"),
    "several pictures": segment(0xE2, b"MPF\0MM\0*\xff\xff\xff\xff"),
    "a profile without its second half": segment(0xE2, b"ICC_PROFILE\0\1\2" + b"abc"),
    "a profile of nothing": segment(0xE2, b"ICC_PROFILE\0\1\1"),
    "a comment": segment(0xFE, b"\xff\xd9"),
    "fill bytes": b"\xff\xff\xff",
    "junk": b"junk",
    "a length of nothing": b"\xff\xe5\0\0",
    "many": segment(0xE5, b"") * 20_000,
}


@pytest.mark.parametrize("name", JPEG_SEGMENTS)
def test_the_segments_of_a_jpeg_never_keep_its_pixels(name):
    assert np.array_equal(read(with_segments(PHOTO, JPEG_SEGMENTS[name])), read(PHOTO))


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_end_marker_is_read_and_one_without_its_end_is_told(progressive):
    whole = encoded(Image.fromarray(tiny.picture(0, 64, 64)), "JPEG", progressive=progressive)
    assert np.array_equal(read(whole[:-2]), read(whole))
    for cut in (40, len(whole) // 4):
        with pytest.raises(PictureError, match="damaged or cut short"):
            read(whole[:-cut])


WEBP = encoded(Image.fromarray(COLOURS), "WEBP", lossless=True)
EXTENDED = webp_chunk(b"VP8X", struct.pack("<I", 0x2C) + bytes([8, 0, 0, 5, 0, 0]))  # says: profile, EXIF, XMP


@pytest.mark.parametrize(
    "data",
    [
        riff(EXTENDED, WEBP[12:]),
        riff(EXTENDED, webp_chunk(b"ICCP", b"nothing"), WEBP[12:], webp_chunk(b"EXIF", b"MM\0*")),
        riff(EXTENDED, WEBP[12:], webp_chunk(b"EXIF", bytes(50)))[:-20],
        riff(EXTENDED, *[webp_chunk(b"ABCD", b"x")] * 10_000, WEBP[12:]),
        WEBP[:4] + bytes(4) + WEBP[8:],
        WEBP + b"junk",
    ],
    ids=["promised and not there", "damaged", "cut short", "many", "no length", "junk behind it"],
)
def test_the_chunks_of_a_webp_never_keep_its_pixels(data):
    assert np.array_equal(read(data), COLOURS)


@pytest.mark.parametrize(
    "tags",
    [
        {282: [0, 0], 283: [0, 0], 296: [99]},
        {34665: [2**32 - 1], 34853: [7]},
        {700: [2**31] * 9, 33723: [1]},
        {34675: [2**32 - 1, 5]},
        {274: [99]},
        {tag: [0] for tag in range(40_000, 42_000)},
    ],
    ids=["density", "further directories", "xmp", "profile", "orientation", "many"],
)
def test_the_tags_of_a_tiff_never_keep_its_pixels(tags):
    assert np.array_equal(read(tiff(COLOURS, 2, tags)), COLOURS)


def test_a_big_tiff_is_read_without_its_metadata():
    data = COLOURS.tobytes()
    fields = {256: 9, 257: 6, 259: 1, 262: 2, 273: 16, 277: 3, 278: 6, 279: len(data), 274: 3, 282: 0}
    entries = [struct.pack("<HHQQ", tag, 4, 1, value) for tag, value in sorted(fields.items())]
    entries.insert(2, struct.pack("<HHQ4H", 258, 3, 3, 8, 8, 8, 0))
    head = b"II+\0" + struct.pack("<HHQ", 8, 0, 16 + len(data))
    big = head + data + struct.pack("<Q", len(entries)) + b"".join(entries) + bytes(8)
    assert np.array_equal(read(big), COLOURS[::-1, ::-1])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_orientation_that_only_xmp_states_is_ignored_as_in_browsers(kind):
    picture = Image.fromarray(COLOURS)
    options = {"xmp": XMP} if kind != "PNG" else {}
    data = encoded(picture, kind, **options)
    if kind == "PNG":
        data = data[:33] + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP) + data[33:]
    assert read(data).shape == COLOURS.shape


def test_a_webp_is_not_turned_as_in_browsers():
    data = riff(EXTENDED, WEBP[12:], webp_chunk(b"EXIF", exif(6)))
    assert np.array_equal(read(data), COLOURS)


def test_a_promise_of_pixels_is_no_metadata():
    with pytest.raises(PictureError, match="damaged or cut short"):
        read(promising_png(20, 20))
