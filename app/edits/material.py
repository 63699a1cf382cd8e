"""The pictures and boxes that a person gives to an edit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from core.masks import to_mask
from core.pictures.reader import DirectReader, PictureReader

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
    pictures: PictureReader = field(default_factory=DirectReader)  # decodes them
    notes: list[str] = field(default_factory=list)  # sentences about pictures that were decoded

    @classmethod
    def of(cls, files: Mapping[str, Any], pictures: PictureReader, *, square: Any = None, frame: Any = None) -> Self:
        """files: by the names in app/edits/registry.py, or None. Raises PictureError for a bad photo."""
        photo = files.get("photo")
        notes: list[str] = []
        return cls(
            photo=None if photo is None else pictures.image(photo, notes=notes),
            mask=files.get("mask"),
            layer=next((files[name] for name in LAYERS if files.get(name) is not None), None),
            square=square,
            frame=frame,
            ends=(files.get("picture_a"), files.get("picture_b")),
            pictures=pictures,
            notes=notes,
        )

    def read_picture(self, file: bytes, *, at_least: int | None = None) -> np.ndarray:
        """A picture to begin or to end with, [H,W,3] uint8. Raises PictureError for a bad file."""
        return self.pictures.image(file, at_least=at_least, notes=self.notes)

    def read_mask(self) -> np.ndarray | None:
        """The mask [H,W] uint8 of 0 and 255; transparent pixels are 0. Raises PictureError for a bad file."""
        return self._decoded_mask

    @cached_property
    def _decoded_mask(self) -> np.ndarray | None:
        return None if self.mask is None else to_mask(self.pictures.image(self.mask, background=(0, 0, 0)))

    def read_strokes(self) -> np.ndarray | None:
        """Strokes or dabs [h,w,4] uint8. Raises PictureError for a bad file."""
        return None if self.layer is None else self.pictures.layer(self.layer)
