"""Pictures that a visitor brings: opened as the photo of an edit, or turned into strokes. Work for other threads."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

import core
from app.edits.data_url import picture_bytes, to_data_url
from app.store.photos import Photo, PhotoStore, is_grey, view_url
from app.store.results import ResultStore
from app.store.uploads import Uploads
from core.pictures.reader import PictureReader

PHOTO_SIDE = 256  # pixels of the strokes that a photo becomes: the page's paper


def open_photo(
    address: str,
    visitor: str,
    message: dict,
    photos: PhotoStore,
    results: ResultStore,
    uploads: Uploads,
    pictures: PictureReader,
) -> dict:
    """Keep the photo that a message names. Returns its id, its size, a view and a note if a part of it became white.

    Raises PictureError. address: for whom it is kept.
    message: {"result": id}, {"image": data URL} or {"path": of an upload}, with "batch": True for one of several.
    """
    notes: list[str] = []
    photo = replace(_incoming(visitor, message, results, uploads, partial(pictures.image, notes=notes)), owner=address)
    pixels = photo.decoded(pictures, notes)
    height, width = pixels.shape[:2]
    about = {"width": width, "height": height, "view": view_url(pixels), "grey": is_grey(pixels)}
    about |= {"note": notes[0]} if notes else {}
    named = {"name": message["name"]} if isinstance(message.get("name"), str) else {}
    return {"photo": photos.keep(photo), **about, **named}


def _incoming(
    visitor: str, message: dict, results: ResultStore, uploads: Uploads, read: Callable[[bytes], np.ndarray]
) -> Photo:
    if message.get("result") is not None:
        return Photo(visitor, pixels=results.find(message["result"]).pixels())
    given = message.get("image")
    data = uploads.take(message.get("path")) if given is None else picture_bytes(given)
    return Photo(visitor, data=data) if message.get("batch") is True else Photo(visitor, pixels=read(data))


def square_of_photo(data: bytes, pictures: PictureReader) -> np.ndarray:
    """The central square of a photo file, [256,256,3] uint8. Raises PictureError."""
    return core.to_uint8(core.to_model(pictures.image(data, at_least=PHOTO_SIDE), resolution=PHOTO_SIDE))[0]


def strokes_of_photo(pixels: np.ndarray) -> str:
    """A photo [256,256,3] uint8 as strokes, a PNG data URL of the same size."""
    return to_data_url(core.png_bytes(core.strokes_from_photo(pixels)), "png")
