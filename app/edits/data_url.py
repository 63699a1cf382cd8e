"""Data URLs: pictures as text, to a browser and from one. Nothing is decoded before its size is known."""

import base64
import binascii
from typing import Any

from core.errors import PictureError
from core.pictures.png import stated_size

MAX_CHARACTERS = 3_000_000  # of one data URL; a painting of 256x256 has 10,000 to 350,000
PICTURE_TYPES = ("png", "jpeg", "webp")
MAX_PAINTING_SIDE = 1024  # pixels; the page sends 256
MAX_LAYER_SIDE = 4096  # pixels of a mask or of strokes over a photo; the page draws a mask that large

UNREADABLE = "This file is not a picture. JPEG, PNG or WebP work."
UNREADABLE_PAINTING = "The painting could not be read. A PNG picture of 256 by 256 pixels works."
UNREADABLE_LAYER = f"The mask or the strokes could not be read. A PNG picture of up to {MAX_LAYER_SIDE} pixels works."
TOO_LARGE = "This picture is too large to send. A smaller copy works."


def to_data_url(data: bytes, kind: str) -> str:
    """A file as a data URL. kind: the subtype of image/, such as "png"."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def picture_bytes(url: Any) -> bytes:
    """The file inside a PNG, JPEG or WebP data URL of at most MAX_CHARACTERS. Raises PictureError for anything else."""
    if not isinstance(url, str):
        raise PictureError(UNREADABLE)
    if len(url) > MAX_CHARACTERS:
        raise PictureError(TOO_LARGE)
    head, _, body = url.partition(",")
    if head not in {f"data:image/{kind};base64" for kind in PICTURE_TYPES}:
        raise PictureError(UNREADABLE)
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:  # ValueError: letters outside ASCII
        raise PictureError(UNREADABLE) from error


def painting_bytes(url: Any) -> bytes:
    """The PNG file inside a painting's data URL. Raises PictureError if it is none, or above MAX_PAINTING_SIDE."""
    return _png_within(url, MAX_PAINTING_SIDE, UNREADABLE_PAINTING)


def layer_bytes(url: Any) -> bytes:
    """The PNG file of a mask or of strokes over a photo. Raises PictureError if it is none, or above MAX_LAYER_SIDE."""
    return _png_within(url, MAX_LAYER_SIDE, UNREADABLE_LAYER)


def _png_within(url: Any, side: int, unreadable: str) -> bytes:
    """Reads only the first 24 bytes: they state width and height, so no pixel is decoded before the size is known."""
    data = picture_bytes(url)
    size = stated_size(data)
    if size is None or not all(0 < each <= side for each in size):
        raise PictureError(unreadable)
    return data
