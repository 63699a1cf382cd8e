"""From the value that the page sends to a request. There is one form of value for every task, painting included.

    seq, visitor    who asks, and after which of their changes
    task            "paint", "inpaint", ...
    kind            one of KINDS
    settings        the controls' values by name
    image           PNG data URL: the painting, strokes over the photo, or the picture to vary
    photo, name     the id of an opened photo, and the name of its file
    mask            PNG data URL
    square, extend  [x, y, side] and [left, top, right, bottom] in pixels of the photo
    ends            two data URLs or nulls, of a way between pictures
    photos, names   the ids and file names of a batch, instead of `photo` and `name`

Only the first five are always there. Everything travels in one value, because Gradio may deliver two values at
different moments.
"""

from typing import Any

import numpy as np

from app.edits.base import Edit
from app.edits.data_url import layer_bytes, painting_bytes, picture_bytes
from app.edits.inpaint import square_side
from app.edits.inputs import read_number
from app.edits.material import Material
from app.edits.paint import PaintRequest
from app.edits.registry import INPAINT, PAINT
from app.edits.requests import edit_request
from app.store.photos import PhotoStore
from app.web.tickets import BAD_TICKET, read_visitor, task_of
from core.card import ModelCard
from core.errors import RequestError
from core.pictures.reader import PictureReader

KINDS = ("live", "refine", "variations", "batch")  # a painting in one evaluation, all steps, four seeds, several photos
DEFAULTS = {"look": None, "steps": 1, "seed": 0, "schedule": "default"}  # of tabs without such a control
PAGE_UNITS = 256  # the page measures widths in this part of a square's side


def kind_of(value: dict) -> str:
    """Raises RequestError for none of KINDS."""
    kind = value.get("kind")
    if kind not in KINDS:
        raise RequestError(BAD_TICKET)
    return kind


def read_request(value: dict, photos: PhotoStore, card: ModelCard, pictures: PictureReader) -> Edit:
    """The request of a value whose ticket has been read. Decodes the photo. Raises OnestrokeError."""
    photo, task, settings = value.get("photo"), task_of(value), value.get("settings")
    told: list[str] = []  # when the photo was opened
    pixels = None if photo is None else photos.find(photo, read_visitor(value)).decoded(pictures, told)
    material = read_material(value, pixels, pictures)
    settings = settings if isinstance(settings, dict) else {}
    if task == INPAINT.name and pixels is not None:
        settings = in_pixels(settings, square_side(material, card))
    common = {name: settings.get(name, default) for name, default in DEFAULTS.items()}
    if common["look"] not in card.classes:  # of another model: the page has not heard of the change yet
        common["look"] = None
    request = edit_request(task, material, settings=common, extra=settings, card=card)
    return _of_kind(request, kind_of(value))


def is_painting(value: Any) -> bool:
    """Whether no picture is decoded while this value is read: a painting is decoded in its turn."""
    return isinstance(value, dict) and task_of(value) == PAINT.name


def read_material(value: dict, photo: np.ndarray | None, pictures: PictureReader) -> Material:
    """The pictures and places of a value; photo: [H,W,3] uint8. Sizes are checked. Raises PictureError."""
    if is_painting(value):
        return Material(layer=painting_bytes(value.get("image")))
    mask, layer = (None if value.get(key) is None else layer_bytes(value[key]) for key in ("mask", "image"))
    ends = value.get("ends")
    ends = ends if isinstance(ends, list) and len(ends) == 2 else (None, None)
    first, last = (None if end is None else picture_bytes(end) for end in ends)
    square, frame = value.get("square"), value.get("extend")
    return Material(photo, mask, layer, square, frame, (first, last), pictures)


def in_pixels(settings: dict, side: int) -> dict:
    """The settings with "grow" and "feather" in pixels of the photo. The page sends them in 1/256 of the square's side.

    side: of that square, in pixels. Raises RequestError.
    """
    converted = dict(settings)
    for name, low in (("grow", -PAGE_UNITS), ("feather", 0)):
        if settings.get(name) is not None:
            width = read_number(settings[name], name.capitalize(), low, PAGE_UNITS)
            converted[name] = round(width * side / PAGE_UNITS)
    return converted


def _of_kind(request: Edit, kind: str) -> Edit:
    """Paint's live picture and its variations are other requests; other edits have neither."""
    if not isinstance(request, PaintRequest):
        return request
    return {"live": request.quick, "variations": request.variations}.get(kind, lambda: request)()
