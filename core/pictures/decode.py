"""From a file without metadata to its pixels, by Pillow, and by OpenCV what Pillow cannot read or would cut."""

import io
import warnings
from functools import partial
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageFile

from core.errors import PictureError
from core.pictures.content import Content
from core.pictures.jpeg import END, begun_scans
from core.pictures.limits import MAX_PIXELS, PictureLimits
from core.pictures.partial import part_of

# Pillow's warnings about odd files tell a person nothing. Once for all: filters belong to all threads together.
warnings.filterwarnings("ignore", module=r"PIL\.")
Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow's own bound, which also holds inside files, is below a 12000 x 9000 photo

PARTLY_SHOWN = ("JPEG", "PNG", "BMP", "GIF")  # by browsers, when they are cut short; a WebP is not
NOISE = b"\xaa" * 254  # no marker is in it; it begins with other bits than nothing, which counts as zeros


class Decoded(NamedTuple):
    """Pixels as a decoder gives them, or values [H,W,C] of any depth where that is OpenCV."""

    pixels: Image.Image | np.ndarray
    missing: np.ndarray | None = None  # [H,W] bool: what a file that is cut short lacks; None for a whole file


def decoded(content: Content, limits: PictureLimits, at_least: int | None, *, whole: bool) -> Decoded:
    """The pixels of a file.

    at_least: the pixels of the shorter side that are asked for. A JPEG may come at a half, a quarter or an eighth of
    its size. whole: whether a file that is cut short raises an OSError; otherwise what is there is decoded
    (core/pictures/partial.py). Raises PictureError, before anything is decoded, for more pixels than the limits say.
    """
    if content.opencv_size:
        _check(content.opencv_size, limits)
        return Decoded(_by_opencv(content.data))
    picture = _opened(content.kind, content.data, at_least)
    _check(picture.size, limits)
    try:
        picture.load()
    except OSError:
        if content.kind == "JPEG":
            return _unfinished_jpeg(content.data, at_least, whole)
        if whole or content.kind not in PARTLY_SHOWN:
            raise
        return _part(content.kind, content.data, at_least)
    return Decoded(picture)


def _opened(kind: str, data: bytes, at_least: int | None) -> ImageFile.ImageFile:
    picture = Image.open(io.BytesIO(data), formats=(kind,))
    if at_least is not None:
        picture.draft(None, (at_least, at_least))
    return picture


def _check(size: tuple[int, int], limits: PictureLimits) -> None:
    width, height = size
    if width * height > limits.pixels:
        most = f"{limits.pixels // 1_000_000} million"
        raise PictureError(f"This picture has {width} x {height} pixels; up to {most} work.")
    if max(size) > limits.side:
        raise PictureError(f"This picture has {width} x {height} pixels; up to {limits.side} a side work.")


def _unfinished_jpeg(data: bytes, at_least: int | None, whole: bool) -> Decoded:
    """A JPEG that lacks its end marker, and perhaps pixels as well.

    If it does, what comes in their place shows: nothing once, and noise the second time.
    """
    begun, scans = begun_scans(data)
    first, second = (_opened("JPEG", begun + filler + END, at_least) for filler in (b"", NOISE))
    first.load()
    second.load()
    if len(begun) + 1 >= len(data) and not ImageChops.difference(first, second).getbbox():
        return Decoded(first)
    if whole:
        raise OSError("pixels are missing")
    if scans > 1:  # the first one went over the whole picture: it is coarse and has no gaps
        return Decoded(first, np.zeros((first.height, first.width), bool))
    return _part("JPEG", begun, at_least)


def _part(kind: str, data: bytes, at_least: int | None) -> Decoded:
    return Decoded(*part_of(partial(_opened, kind, data, at_least), kind))


def _by_opencv(data: bytes) -> np.ndarray:
    """RGB values [H,W,3] or [H,W,4] of the file's own depth. Raises OSError."""
    import cv2  # few files need it, and it is large

    cv2.utils.logging.setLogLevel(0)
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.ndim != 3:
        raise OSError("OpenCV cannot decode it")
    return values[..., [2, 1, 0, 3][: values.shape[2]]]
