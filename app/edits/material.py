"""What a person brings to an edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from app.edits.inputs import read_photo

LAYERS = ("strokes", "dabs", "picture")  # what lies over a photo, or is painted over


@dataclass(frozen=True, eq=False)
class Material:
    """A decoded photo [H,W,3] uint8, and files that belong to it, not yet decoded."""

    photo: np.ndarray | None = None
    mask: bytes | None = None  # white = to be filled
    layer: bytes | None = None  # strokes or dabs of colour on nothing, over the whole photo; or a painting
    square: Any = None
    frame: Any = None
    ends: tuple[bytes | None, bytes | None] = (None, None)  # of a way between pictures

    @classmethod
    def of(cls, files: Mapping[str, Any], *, square: Any = None, frame: Any = None) -> Self:
        """From files by the names that edits have for them (app/edits/registry.py). Raises PictureError."""
        photo = files.get("photo")
        return cls(
            photo=None if photo is None else read_photo(photo),
            mask=files.get("mask"),
            layer=next((files[name] for name in LAYERS if files.get(name) is not None), None),
            square=square,
            frame=frame,
            ends=(files.get("picture_a"), files.get("picture_b")),
        )
