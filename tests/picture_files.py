"""Picture files written by hand, byte for byte as their specifications say."""

import io
import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageCms


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


# ---- PNG ----
def chunk(name: bytes, body: bytes, checksum: int | None = None) -> bytes:
    checksum = zlib.crc32(name + body) if checksum is None else checksum
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def packed_png(
    lines: Sequence[bytes], width: int, depth: int, colour_type: int, *, extra: bytes = b"", tail: bytes = b""
) -> bytes:
    """A PNG of lines whose samples are packed already. Chunks `extra` come before the pixels, `tail` after them."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(lines), depth, colour_type, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + line for line in lines)))
    return b"\x89PNG\r\n\x1a\n" + head + extra + pixels + tail + chunk(b"IEND", b"")


def png(values: np.ndarray, colour_type: int, *, extra: bytes = b"", tail: bytes = b"") -> bytes:
    """A PNG of 8 or 16 bits, as the array is."""
    lines = [line.astype(values.dtype.newbyteorder(">")).tobytes() for line in values]
    return packed_png(lines, values.shape[1], 8 * values.itemsize, colour_type, extra=extra, tail=tail)


def promising_png(width: int, height: int, colour_type: int = 2) -> bytes:
    """A PNG whose header promises that size; it has one pixel."""
    small = packed_png([b"\0\0\0"], 1, 8, colour_type)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0))
    return small[:8] + head + small[8 + len(head) :]


def shorts(*values: int) -> bytes:
    return struct.pack(f">{len(values)}H", *values)


def gamma(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(100_000 * value)))


def chromaticities(*xy: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(100_000 * number) for number in xy)))


def embedded(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"any\0\0" + zlib.compress(profile))


# ---- colour profiles ----
Q = struct.Struct(">i")


def xyz(*numbers: float) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(Q.pack(round(65536 * number)) for number in numbers)


def pure_gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(256 * value))


def text(words: str) -> bytes:
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", 2 * len(words), 28) + words.encode("utf-16-be")


def table_profile(tags: Mapping[bytes, bytes], space: bytes = b"RGB ") -> bytes:
    """An ICC profile of these tags, for monitors."""
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4sI", 128 + len(table) + len(body), b"test", 0x04000000) + b"mntr" + space + b"XYZ "
    return head.ljust(36, b"\0") + b"acsp" + bytes(28) + xyz(0.9642, 1, 0.8249)[8:] + bytes(48) + table + body


def srgb_tags() -> dict[bytes, bytes]:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    entries = [profile[at : at + 12] for at in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12)]
    places = {entry[:4]: struct.unpack(">II", entry[4:]) for entry in entries}
    return {name: profile[at : at + size] for name, (at, size) in places.items()}


def rgb_profile(curve: bytes | None = None, name: str = "sRGB", **primaries: bytes) -> bytes:
    """The profile of sRGB with another curve, another name or other primaries (rXYZ, gXYZ, bXYZ)."""
    tags = srgb_tags() | {b"desc": text(name)} | {key.encode(): value for key, value in primaries.items()}
    return table_profile(tags | {key: curve for key in (b"rTRC", b"gTRC", b"bTRC") if curve})


def grey_profile(curve: bytes) -> bytes:
    return table_profile({b"wtpt": xyz(0.9642, 1, 0.8249), b"kTRC": curve}, b"GRAY")


# As Apple's own profile of Display P3 has them.
P3 = {
    "rXYZ": xyz(0.51512, 0.2412, -0.00105),
    "gXYZ": xyz(0.29198, 0.69225, 0.04189),
    "bXYZ": xyz(0.1571, 0.06657, 0.78407),
}


def swapped_profile(name: str = "sRGB") -> bytes:
    """A profile whose red is our green and whose green is our red."""
    tags = srgb_tags()
    return rgb_profile(name=name, rXYZ=tags[b"gXYZ"], gXYZ=tags[b"rXYZ"])


# ---- JPEG ----
def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation: int, order: str = "<") -> bytes:
    """A block of EXIF with an orientation and nothing else."""
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HIH", 42, 8, 1)
    return head + entry + bytes(4)


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """A JPEG as Pillow writes it, with more segments behind its first one."""
    at = 4 + int.from_bytes(jpeg[4:6], "big")
    return jpeg[:at] + b"".join(segments) + jpeg[at:]


# ---- WebP ----
def webp_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


# ---- TIFF ----
def tiff(values: np.ndarray, photometric: int = 1, tags: Mapping[int, Sequence[int]] | None = None) -> bytes:
    """An uncompressed TIFF of the array's own depth and kind. tags: further ones, or others."""
    height, width = values.shape[:2]
    samples = values.shape[2] if values.ndim == 3 else 1
    data = values.astype(values.dtype.newbyteorder("<")).tobytes()
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    fields: dict[int, Sequence[int]] = {256: [width], 257: [height], 258: [8 * values.itemsize] * samples, 259: [1]}
    fields |= {262: [photometric], 273: [8], 277: [samples], 278: [height], 279: [len(data)], 339: [kind] * samples}
    fields |= tags or {}
    entries = b""
    for tag, numbers in sorted(fields.items()):
        content = struct.pack(f"<{len(numbers)}I", *numbers)
        if len(numbers) > 1:
            content, data = struct.pack("<I", 8 + len(data)), data + content
        entries += struct.pack("<HHI", tag, 4, len(numbers)) + content
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(fields)) + entries + bytes(4)
