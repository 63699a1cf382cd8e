"""How much a picture file may ask for. Everything is compared before pixels are decoded."""

from dataclasses import dataclass

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
MAX_PIXELS = 120_000_000  # a 12000 x 9000 photograph passes
MAX_BYTES = 60_000_000


@dataclass(frozen=True)
class PictureLimits:
    """What is read, and what decoding may cost where it has a process of its own (core/pictures/reader.py)."""

    formats: tuple[str, ...] = FORMATS
    pixels: int = MAX_PIXELS
    side: int = MAX_PIXELS  # pixels of the longer side
    bytes: int = MAX_BYTES  # of the file
    parts: int = 5_000_000  # chunks of a PNG or WebP, segments of a JPEG
    scans: int = 10_000  # of a JPEG: each goes over all pixels again
    seconds: float = 120.0  # that decoding may take
    memory: int = 6_000_000_000  # bytes of address space of the decoding process, where the system can bound it


# What the person at this computer opens: all that the command line reads.
LOCAL = PictureLimits()

# What strangers send. Formats whose memory follows from their headers, and the sizes of photographs: a panorama of
# 40 megapixels and 3:1 has 10,954 pixels a side. A PNG of 60 MB in the usual chunks of 8 kB has 7,300 of them; a
# progressive JPEG has about ten scans.
PUBLIC = PictureLimits(
    formats=("PNG", "JPEG", "WEBP"),
    pixels=40_000_000,
    side=12_000,
    parts=10_000,
    scans=100,
    seconds=20.0,
    memory=1_500_000_000,
)
