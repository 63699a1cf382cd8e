"""JPEG files (ITU-T T.81): the segments that decide what is seen."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.errors import PictureError
from core.pictures.content import Content
from core.pictures.exif import orientation

SIGNATURE = b"\xff\xd8\xff"
START, END, SCAN_MARKER = b"\xff\xd8", b"\xff\xd9", b"\xff\xda"
ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})  # markers without a segment
MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # one that begins a segment, or ends the file
APPLICATION, COMMENT = range(0xE0, 0xF0), 0xFE
EXIF, ICC = b"Exif\0", b"ICC_PROFILE\0"  # before one byte of padding, and before number and total of the part
COLOUR_SPACE = (b"JFIF\0", b"Adobe")  # they say whether three channels are RGB or luminance and chroma


@dataclass
class Head:
    """What the segments before the first scan say. `end`: where they end in the file."""

    kept: list[bytes] = field(default_factory=lambda: [START])
    exif: bytes = b""
    profile: dict[bytes, bytes] = field(default_factory=dict)  # parts by their number and the total
    end: int = len(START)

    def take(self, marker: int, segment: bytes) -> None:
        """Note a segment that decides what is seen, and drop any other."""
        body = segment[4:]
        if (marker not in APPLICATION and marker != COMMENT) or body.startswith(COLOUR_SPACE):
            self.kept.append(segment)
        elif body.startswith(EXIF):
            self.exif = self.exif or body[len(EXIF) + 1 :]
        elif body.startswith(ICC):
            self.profile.setdefault(body[len(ICC) : len(ICC) + 2], body[len(ICC) + 2 :])


def jpeg_content(data: bytes, segments: int, scans: int) -> Content:
    """See core/pictures/content.py. Raises PictureError for more segments before the pixels, or more scans."""
    head = Head()
    for count, (marker, start, head.end) in enumerate(_segments(data)):
        if count == segments:
            raise PictureError(f"This JPEG is made of more than {segments} pieces. Save it anew as JPEG: that works.")
        head.take(marker, data[start : head.end])
    pixels = data[head.end :]
    if pixels.count(SCAN_MARKER) >= scans:  # the first one belongs to the head
        raise PictureError(f"This JPEG has more than {scans} scans. Save it anew as JPEG: that works.")
    return Content("JPEG", b"".join([*head.kept, pixels]), _joined(head.profile), orientation(head.exif))


def begun_scans(data: bytes) -> tuple[bytes, int]:
    """A JPEG that lacks its end, up to its last scan, and how many scans have begun.

    What belongs to a scan that has not begun is left out: half a table would make nonsense of the scans before it.
    Raises OSError for a file that has its end.
    """
    scans, end, at = 0, len(data), len(START)
    while found := MARKER.search(data, at):
        marker, start = found[0], found.start()
        if marker == END:
            raise OSError("it has its end")
        at = start + 2 + struct.unpack_from(">H", data.ljust(start + 4, b"\0"), start + 2)[0]
        if marker == SCAN_MARKER and at <= len(data):
            scans, end = scans + 1, len(data)
        else:
            end = min(end, start)
    return data[:end].rstrip(b"\xff"), scans  # the last byte may be the first half of a value or of a marker


def _joined(parts: dict[bytes, bytes]) -> bytes | None:
    """A profile of its parts; None if one is missing."""
    complete = [bytes([number, len(parts)]) for number in range(1, len(parts) + 1)] == sorted(parts)
    return b"".join(parts[key] for key in sorted(parts)) or None if complete else None


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of every segment up to the first scan. What lies between segments is passed over."""
    at = len(START)
    while (at := data.find(b"\xff", at)) >= 0 and at + 4 <= len(data):
        marker = data[at + 1]
        if marker == 0xFF or marker in ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + max(struct.unpack_from(">H", data, at + 2)[0], 2)
        yield marker, at, end
        if marker == SCAN_MARKER[1]:
            return
        at = end
