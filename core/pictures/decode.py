"""From a file without metadata to its pixels, by Pillow, and by OpenCV what Pillow cannot read or would cut."""

import io
import warnings

import numpy as np
from PIL import Image, ImageChops

from core.errors import PictureError
from core.pictures.content import Content
from core.pictures.jpeg import END
from core.pictures.limits import MAX_PIXELS, PictureLimits

# Pillow's warnings about odd files tell a person nothing. Once for all: filters belong to all threads together.
warnings.filterwarnings("ignore", module=r"PIL\.")
Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow's own bound, which also holds inside files, is below a 12000 x 9000 photo

NOISE = bytes(range(1, 255))  # no marker is in it


def decoded(content: Content, limits: PictureLimits, at_least: int | None) -> Image.Image | np.ndarray:
    """The pixels of a file; values [H,W,C] of any depth where OpenCV decodes them.

    at_least: the pixels of the shorter side that are asked for. A JPEG may come at a half, a quarter or an eighth of
    its size. Raises PictureError, before anything is decoded, for more pixels than the limits say.
    """
    if content.opencv_size:
        _check(content.opencv_size, limits)
        return _by_opencv(content.data)
    picture = Image.open(io.BytesIO(content.data), formats=(content.kind,))
    _check(picture.size, limits)
    if at_least is not None:
        picture.draft(None, (at_least, at_least))
    try:
        picture.load()
    except OSError:
        if content.kind != "JPEG":
            raise
        return _without_end(content.data, at_least)
    return picture


def _check(size: tuple[int, int], limits: PictureLimits) -> None:
    width, height = size
    if width * height > limits.pixels:
        most = f"{limits.pixels // 1_000_000} million"
        raise PictureError(f"This picture has {width} x {height} pixels; up to {most} work.")
    if max(size) > limits.side:
        raise PictureError(f"This picture has {width} x {height} pixels; up to {limits.side} a side work.")


def _without_end(data: bytes, at_least: int | None) -> Image.Image:
    """A JPEG that lacks its end marker and nothing else. Raises OSError where pixels are missing as well.

    If they are, what comes in their place shows: nothing once, and noise the second time.
    """
    pictures = [Image.open(io.BytesIO(data + filler + END), formats=("JPEG",)) for filler in (b"", NOISE)]
    for picture in pictures:
        if at_least is not None:
            picture.draft(None, (at_least, at_least))
        picture.load()
    if ImageChops.difference(*pictures).getbbox():
        raise OSError("pixels are missing")
    return pictures[0]


def _by_opencv(data: bytes) -> np.ndarray:
    """RGB values [H,W,3] or [H,W,4] of the file's own depth. Raises OSError."""
    import cv2  # few files need it, and it is large

    cv2.utils.logging.setLogLevel(0)
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.ndim != 3:
        raise OSError("OpenCV cannot decode it")
    return values[..., [2, 1, 0, 3][: values.shape[2]]]
