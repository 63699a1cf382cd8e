"""What a picture file's pixels mean: every depth, palette, transparency and colour space, as 8-bit sRGB.

Shapes: H rows, W columns, C channels (1 without an axis of their own, 3, or 4 with alpha).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from core.pictures.content import Content
from core.pictures.srgb import in_srgb
from core.pictures.tiff import BITS, PHOTOMETRIC, SAMPLE_FORMAT

ALPHA_MODES = ("RGBA", "RGBa", "LA", "La", "PA")
WHITE_IS_ZERO, SIGNED = 0, 2  # values of the tags PHOTOMETRIC and SAMPLE_FORMAT
BAND = 4_000_000  # values that are converted at a time: floats take four times the memory of levels

Planes = tuple[Image.Image, Image.Image | None]  # colour of 8 bits, and alpha where anything may be transparent


def plain(picture: Image.Image | np.ndarray, content: Content) -> Image.Image:
    """A decoded picture as RGB, or as RGBA where it may be transparent, in sRGB and with 8 bits a channel.

    picture: of any mode, or values [H,W,C] of any depth.
    """
    if isinstance(picture, np.ndarray):
        colour, alpha = _of_values(picture, {}, content.key)
    elif is_deep(picture) or content.key:
        values = np.asarray(picture.convert("L") if picture.mode == "1" else picture)
        colour, alpha = _of_values(values, getattr(picture, "tag_v2", {}), content.key)
    else:
        colour, alpha = _split(picture)
    if content.profile:
        colour = in_srgb(colour, content.profile)
    if colour.mode != "RGB":
        colour = colour.convert("RGB")
    if alpha is not None:
        colour.putalpha(alpha)
    colour.info = {}
    return colour


def is_deep(picture: Image.Image) -> bool:
    """One channel of more than 8 bits. (Of three such channels Pillow keeps the upper bytes by itself.)"""
    return picture.mode.startswith("I") or picture.mode == "F"


def _split(picture: Image.Image) -> Planes:
    if picture.mode not in ALPHA_MODES and "transparency" not in picture.info:
        return (picture.convert("RGB") if picture.mode == "P" else picture), None
    full = picture.convert("RGBA")
    colour = full.getchannel("R") if picture.mode in ("LA", "La") else full.convert("RGB")
    return colour, full.getchannel("A")


def _of_values(values: np.ndarray, tags: Mapping[int, Any], key: tuple[int, ...] | None) -> Planes:
    """Values of more than 8 bits, which Pillow's own conversion would cut at 255, and values with a transparent key."""
    clear = None if key is None else (values == (key[0] if values.ndim == 2 else key))
    levels = _levels(values, tags)
    if clear is not None:
        alpha = np.where(clear if clear.ndim == 2 else clear.all(-1), 0, 255).astype(np.uint8)
    elif levels.ndim == 3 and levels.shape[2] == 4:
        levels, alpha = levels[..., :3], levels[..., 3]
    else:
        return Image.fromarray(levels), None
    return Image.fromarray(np.ascontiguousarray(levels)), Image.fromarray(np.ascontiguousarray(alpha))


def _levels(values: np.ndarray, tags: Mapping[int, Any]) -> np.ndarray:
    """Values of any kind as levels of 8 bits."""
    if values.dtype == np.uint8:
        return values
    full, inverted = _full_scale(values, tags), tags.get(PHOTOMETRIC) == WHITE_IS_ZERO
    if values.dtype == np.int32 and full == 2**32 - 1:
        values = values.view(np.uint32)
    levels, rows = np.empty(values.shape, np.uint8), max(BAND * len(values) // max(values.size, 1), 1)
    for at in range(0, len(values), rows):
        levels[at : at + rows] = _scaled(values[at : at + rows], full, inverted)
    return levels


def _scaled(values: np.ndarray, full: float, inverted: bool) -> np.ndarray:
    if (
        values.dtype.kind == "u" and values.itemsize == 2 and full == 65535
    ):  # the upper byte, as browsers and, of three channels, Pillow
        return (values >> 8).astype(np.uint8) ^ np.uint8(255 * inverted)
    levels = np.nan_to_num(values.astype(np.float32), posinf=full, neginf=0)
    levels *= 255 / full
    np.clip(levels.round(out=levels), 0, 255, out=levels)
    return (255 - levels if inverted else levels).astype(np.uint8)


def _full_scale(values: np.ndarray, tags: Mapping[int, Any]) -> float:
    """The value of white. Floats and 32-bit integers hold several customs: the smallest that fits."""
    if values.dtype.kind == "f":
        greatest = np.max(values, initial=0, where=np.isfinite(values))
        return 1.0 if greatest <= 1 else 255.0 if greatest <= 255 else 65535.0
    bits = tags.get(BITS, (32 if values.dtype == np.uint32 else 16,))[0]
    signed = tags.get(SAMPLE_FORMAT, (1,))[0] == SIGNED
    if bits > 16 and values.min(initial=0) >= 0 and values.max(initial=0) <= 65535:
        return 65535.0
    return 2.0 ** (bits - signed) - 1
