"""What a picture file says of its pixels, apart from its metadata.

Programs write metadata of every kind and every damage. Decoders stumble over it, so they do not get to see it: what
pixels mean (colour profile, orientation, transparent colour) is read here, and the rest is left out of the file.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Content:
    """A picture file without its metadata, and what that said of the pixels."""

    kind: str  # one of FORMATS in core/pictures/limits.py
    data: bytes
    profile: bytes | None = None  # an ICC profile
    orientation: int = 1  # as EXIF counts, 1 to 8
    key: tuple[int, ...] | None = None  # the transparent colour, in the values of the decoded pixels
    opencv_size: tuple[int, int] | None = None  # width and height, where Pillow loses depth or cannot read it
