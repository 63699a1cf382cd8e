"""What a picture file's own pixels mean: every depth, palette, transparency and colour space, as 8-bit sRGB."""

import io
from functools import cache

import numpy as np
from PIL import Image, ImageCms

ALPHA_MODES = ("RGBA", "RGBa", "LA", "La", "PA")
PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # colour space of a profile -> mode of its pixels
BITS, PHOTOMETRIC, SAMPLE_FORMAT = 258, 262, 339  # TIFF tags
WHITE_IS_ZERO, SIGNED = 0, 2  # values of the second and the third


def plain(picture: Image.Image) -> Image.Image:
    """A decoded picture as RGB, or as RGBA where it may be transparent, in sRGB and with 8 bits a channel."""
    colour, alpha = _deep(picture) if is_deep(picture) else _split(picture)
    if profile := picture.info.get("icc_profile"):
        colour = _in_srgb(colour, profile)
    if colour.mode != "RGB":
        colour = colour.convert("RGB")
    if alpha is not None:
        colour.putalpha(alpha)
    colour.info = {}  # a profile that went on with the pixels would be applied to them again
    return colour


def is_deep(picture: Image.Image) -> bool:
    """One channel of more than 8 bits. (Of three such channels Pillow keeps the upper bytes by itself.)"""
    return picture.mode.startswith("I") or picture.mode == "F"


def _split(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colour and, where there is any transparency, alpha."""
    if picture.mode not in ALPHA_MODES and "transparency" not in picture.info:
        return (picture.convert("RGB") if picture.mode == "P" else picture), None
    full = picture.convert("RGBA")
    colour = full.getchannel("R") if picture.mode in ("LA", "La") else full.convert("RGB")
    return colour, full.getchannel("A")


def _deep(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Grey of more than 8 bits, which Pillow's own conversion would cut at 255: (grey of 8 bits, alpha if any)."""
    values, tags = np.asarray(picture), getattr(picture, "tag_v2", {})
    full = _full_scale(values, tags)
    if values.dtype == np.int32 and full == 2**32 - 1:
        values = values.view(np.uint32)
    levels = np.nan_to_num(values.astype(np.float32), posinf=full, neginf=0)
    levels *= 255 / full
    np.clip(levels.round(out=levels), 0, 255, out=levels)
    if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO:
        np.subtract(255, levels, out=levels)
    clear = picture.info.get("transparency")
    alpha = Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)) if isinstance(clear, int) else None
    return Image.fromarray(levels.astype(np.uint8)), alpha


def _full_scale(values: np.ndarray, tags: dict) -> float:
    """The value of white. Floats and 32-bit integers hold several customs: the smallest that fits."""
    if values.dtype.kind == "f":
        greatest = np.max(values, initial=0, where=np.isfinite(values))
        return 1.0 if greatest <= 1 else 255.0 if greatest <= 255 else 65535.0
    bits, signed = tags.get(BITS, (16,))[0], tags.get(SAMPLE_FORMAT, (1,))[0] == SIGNED
    if bits > 16 and values.min(initial=0) >= 0 and values.max(initial=0) <= 65535:
        return 65535.0
    return 2.0 ** (bits - signed) - 1


def _in_srgb(colour: Image.Image, profile: bytes) -> Image.Image:
    """Colours of an embedded profile as sRGB; with a profile that is damaged or of another kind, as they are."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = PROFILE_MODES.get(source.profile.xcolor_space.strip())
        if mode == "RGB" and colour.mode == "L":
            colour = colour.convert("RGB")
        if mode != colour.mode or ImageCms.getProfileDescription(source).startswith("sRGB"):
            return colour
        converted = ImageCms.profileToProfile(colour, source, _srgb(), outputMode="RGB")
        assert converted is not None  # that is the answer of a conversion in place
        return converted
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return colour


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
