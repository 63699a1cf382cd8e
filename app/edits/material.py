"""The pictures and boxes that a person gives to an edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from app.edits.inputs import read_photo

LAYERS = ("strokes", "dabs", "picture")  # names of files that become `Material.layer`


@dataclass(frozen=True, eq=False)
class Material:
    """A decoded photo [H,W,3] uint8, and picture files that belong to it and are not decoded yet.

    Boxes are untrusted here: app/edits/squares.py reads them.
    """

    photo: np.ndarray | None = None
    mask: bytes | None = None  # a PNG file, white = to be filled
    layer: bytes | None = None  # a file: strokes or dabs on transparency over the whole photo, or a painting
    square: Any = None  # [x, y, side] in pixels of the photo
    frame: Any = None  # [left, top, right, bottom], pixels by which the photo is extended
    ends: tuple[bytes | None, bytes | None] = (None, None)  # files of the first and the last picture of interpolate

    @classmethod
    def of(cls, files: Mapping[str, Any], *, square: Any = None, frame: Any = None) -> Self:
        """files: by the names in app/edits/registry.py, or None. Raises PictureError for a bad photo."""
        photo = files.get("photo")
        return cls(
            photo=None if photo is None else read_photo(photo),
            mask=files.get("mask"),
            layer=next((files[name] for name in LAYERS if files.get(name) is not None), None),
            square=square,
            frame=frame,
            ends=(files.get("picture_a"), files.get("picture_b")),
        )
