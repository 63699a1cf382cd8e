"""From what a person brings (files, numbers, anything) to a request: where page, command line and API meet."""

from dataclasses import dataclass
from typing import Any

import numpy as np

import core
from app.edits.base import Edit, read_settings
from app.edits.colorize import colorize_request
from app.edits.denoise import denoise_request
from app.edits.generate import generate_request
from app.edits.inpaint import inpaint_request
from app.edits.interpolate import interpolate_request
from app.edits.super_resolve import super_resolve_request
from core.errors import RequestError
from core.masks import to_mask

EDIT_TASKS = ("inpaint", "colorize", "super-resolve", "denoise", "interpolate", "generate")
PHOTO_TASKS = EDIT_TASKS[:4]

NO_PHOTO = "There is no photo yet. Open one first."


@dataclass(frozen=True, eq=False)
class Material:
    """What a person brings: a decoded photo [H,W,3], and files that belong to it, not yet decoded."""

    photo: np.ndarray | None = None
    mask: bytes | None = None  # white = to be filled
    layer: bytes | None = None  # strokes or dabs of colour on nothing, over the whole photo
    square: Any = None
    frame: Any = None
    ends: tuple[bytes | None, bytes | None] = (None, None)  # of a way between pictures


def edit_request(task: Any, material: Material, *, settings: dict, extra: Any, card: core.ModelCard) -> Edit:
    """A request from untrusted values. Small pictures are decoded here. Raises OnestrokeError."""
    if task not in EDIT_TASKS:
        raise RequestError(f"The edits are {', '.join(EDIT_TASKS)}.")
    if task in PHOTO_TASKS and material.photo is None:
        raise RequestError(NO_PHOTO)
    fields = read_settings(card, **settings)
    extra = extra if isinstance(extra, dict) else {}
    return BUILDERS[task](material, fields, extra, card)


def _inpaint(material: Material, settings: dict, extra: dict, card: core.ModelCard) -> Edit:
    return inpaint_request(
        material.photo, mask=read_mask(material.mask), strokes=read_strokes(material.layer), square=material.square,
        frame=material.frame, extra=extra, settings=settings, card=card,
    )  # fmt: skip


def _colorize(material: Material, settings: dict, extra: dict, card: core.ModelCard) -> Edit:
    dabs = read_strokes(material.layer)
    return colorize_request(material.photo, dabs=dabs, square=material.square, settings=settings, card=card)


def _super_resolve(material: Material, settings: dict, extra: dict, card: core.ModelCard) -> Edit:
    return super_resolve_request(
        material.photo, square=material.square, extra=extra, settings=settings, card=card
    )  # fmt: skip


def _denoise(material: Material, settings: dict, extra: dict, card: core.ModelCard) -> Edit:
    return denoise_request(material.photo, square=material.square, extra=extra, settings=settings, card=card)


def _interpolate(material: Material, settings: dict, extra: dict, card: core.ModelCard) -> Edit:
    return interpolate_request(material.ends, extra=extra, settings=settings, card=card)


def _generate(material: Material, settings: dict, extra: dict, card: core.ModelCard) -> Edit:
    origin = material.photo if material.layer is None else read_photo(material.layer)
    return generate_request(origin, extra=extra, settings=settings, card=card)


BUILDERS = {
    "inpaint": _inpaint,
    "colorize": _colorize,
    "super-resolve": _super_resolve,
    "denoise": _denoise,
    "interpolate": _interpolate,
    "generate": _generate,
}


def read_photo(source: Any) -> np.ndarray:
    """A picture file (bytes or a path) of at most 120 megapixels as [H,W,3] uint8. Raises PictureError."""
    return np.asarray(core.read_image(source))


def read_mask(source: Any) -> np.ndarray | None:
    """A mask file as [H,W] of 0 and 255; what is transparent is kept."""
    return None if source is None else to_mask(core.read_image(source, background=(0, 0, 0)))


def read_strokes(source: Any) -> np.ndarray | None:
    """A layer of strokes as [h,w,4]."""
    return None if source is None else np.asarray(core.images.read_layer(source))
