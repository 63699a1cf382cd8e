"""Pictures that a visitor brings: opened as the photo of an edit, or turned into strokes. Work for other threads."""

import core
from app.edits.data_url import picture_bytes, to_data_url
from app.edits.inputs import read_photo
from app.store.photos import Photo, PhotoStore, is_grey, view_url
from app.store.results import ResultStore
from app.store.uploads import Uploads

PHOTO_SIDE = 256  # pixels of the strokes that a photo becomes: the page's paper
MAX_PHOTO_PIXELS = 40_000_000


def open_photo(visitor: str, message: dict, photos: PhotoStore, results: ResultStore, uploads: Uploads) -> dict:
    """Keep the photo that a message names. Returns its id, its size and a view of it. Raises PictureError.

    message: {"result": id}, {"image": data URL} or {"path": of an upload}, with "batch": True for one of several.
    """
    photo = _incoming(visitor, message, results, uploads)
    pixels = photo.decoded()
    height, width = pixels.shape[:2]
    about = {"width": width, "height": height, "view": view_url(pixels), "grey": is_grey(pixels)}
    named = {"name": message["name"]} if isinstance(message.get("name"), str) else {}
    return {"photo": photos.keep(photo), **about, **named}


def _incoming(visitor: str, message: dict, results: ResultStore, uploads: Uploads) -> Photo:
    if message.get("result") is not None:
        return Photo(visitor, pixels=results.find(message["result"]).pixels())
    given = message.get("image")
    data = uploads.take(message.get("path")) if given is None else picture_bytes(given)
    return Photo(visitor, data=data) if message.get("batch") is True else Photo(visitor, pixels=read_photo(data))


def photo_to_strokes(data: bytes) -> str:
    """The central square of a photo file as strokes, a PNG data URL of 256x256 pixels. Raises PictureError."""
    photo = core.to_model(core.read_image(data, max_pixels=MAX_PHOTO_PIXELS), resolution=PHOTO_SIDE)
    strokes = core.strokes_from_photo(core.to_uint8(photo)[0])
    return to_data_url(core.png_bytes(strokes), "png")
