"""Colours of an ICC profile as sRGB. A profile is judged by what it does to colours: names and versions lie."""

import io
from functools import cache

import numpy as np
from PIL import Image, ImageCms

MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # colour space of a profile -> mode of its pixels
SAME = 1  # levels of 255 by which a profile may move colours and yet be that of sRGB: a table's rounding


def in_srgb(colour: Image.Image, profile: bytes) -> Image.Image:
    """A picture of mode L, RGB or CMYK as L or RGB in sRGB.

    With a profile that is damaged, of another kind, or that of sRGB, the pixels stay as they are.
    """
    source = opened_profile(profile)
    if source is None:
        return colour
    try:
        mode = MODES.get(source.profile.xcolor_space.strip())
        if mode == "RGB" and colour.mode == "L":
            colour = colour.convert("RGB")
        if mode != colour.mode:
            return colour
        if mode == "L":
            return colour.point(_grey_table(source))
        transform = ImageCms.buildTransform(source, _srgb(), mode, "RGB")
        return colour if mode == "RGB" and _changes_nothing(transform) else _applied(transform, colour)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return colour


def opened_profile(profile: bytes) -> ImageCms.ImageCmsProfile | None:
    """The profile if it can be read."""
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (ImageCms.PyCMSError, OSError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    before = np.asarray(_samples(), np.int16)
    return int(np.abs(before - np.asarray(_applied(transform, _samples()))).max()) <= SAME


def _grey_table(source: ImageCms.ImageCmsProfile) -> list[int]:
    """The grey of sRGB for each of 256 greys. LittleCMS's shortcut for whole grey pictures is coarse in the dark."""
    unoptimised = ImageCms.buildTransform(source, _srgb(), "L", "RGB", flags=ImageCms.Flags.NOOPTIMIZE)
    greys = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    return np.asarray(_applied(unoptimised, greys))[0, :, 1].tolist()


def _applied(transform: ImageCms.ImageCmsTransform, picture: Image.Image) -> Image.Image:
    converted = ImageCms.applyTransform(picture, transform)
    assert converted is not None  # that is the answer of a conversion in place
    return converted


@cache
def _samples() -> Image.Image:
    """All greys, and a grid of nine levels a channel."""
    greys = np.repeat(np.arange(256)[:, None], 3, axis=1)
    grid = np.stack(np.meshgrid(*[np.linspace(0, 255, 9)] * 3), axis=-1).reshape(-1, 3)
    return Image.fromarray(np.concatenate([greys, grid]).astype(np.uint8)[None])


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
