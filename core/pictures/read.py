"""Picture files as a browser shows them: upright, in sRGB, with 8 bits a channel."""

from collections.abc import Callable
from errno import EFBIG
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from core.errors import PictureError
from core.files import read_regular
from core.pictures.decode import decoded
from core.pictures.exif import upright
from core.pictures.kinds import content_of, refusal
from core.pictures.limits import LOCAL, MAX_BYTES, PictureLimits
from core.pictures.pixels import plain
from core.pictures.png import DAMAGED

Colour = tuple[int, int, int]  # levels of red, green and blue, 0 to 255

WHITE: Colour = (255, 255, 255)
# What is missing is as the ground that transparent pixels lie over: a browser, too, leaves it transparent.
CUT_SHORT = "The rest of this picture file is missing: what it does not show is white."
TRANSPARENT = "Transparent parts of this picture became white."
NOTES = (CUT_SHORT, TRANSPARENT)


def read_image(
    source: str | Path | bytes,
    *,
    limits: PictureLimits = LOCAL,
    background: Colour = WHITE,
    at_least: int | None = None,
    notes: list[str] | None = None,
) -> Image.Image:
    """A picture file as an upright RGB picture with 8 bits a channel.

    Turned as its EXIF says; transparency laid over the background, white by default; the first frame of an animation;
    16-bit, palette, grey and CMYK pictures and colour profiles converted (core/pictures/). With `at_least`, a number of
    pixels, a JPEG may come smaller, but not below that number a side.

    With `notes`, a file that is cut short is read as far as browsers show one: what is missing is white. One of NOTES
    is added to the notes where a part of the picture became white. Raises PictureError for files outside the limits,
    for what is no picture, and for a file that is cut short: without `notes`, of other formats, or with less than a
    tenth of its pixels.
    """
    return _read(source, limits, at_least, lambda picture: _over(picture, background), notes)


def read_layer(source: str | Path | bytes, *, limits: PictureLimits = LOCAL) -> Image.Image:
    """A picture file as an upright RGBA picture: strokes on nothing. Otherwise as `read_image`."""
    return _read(source, limits, None, lambda picture: picture.convert("RGBA"), None)


def _read(
    source: str | Path | bytes,
    limits: PictureLimits,
    at_least: int | None,
    convert: Callable[[Image.Image], Image.Image],
    notes: list[str] | None,
) -> Image.Image:
    data = picture_bytes(source, limits.bytes)
    try:
        content = content_of(data, limits)
        pixels, missing = decoded(content, limits, at_least, whole=notes is None)
        shown = plain(pixels, content)
        picture = convert(shown)
        if missing is not None:
            picture.paste(WHITE, mask=Image.fromarray(missing))
            if notes is not None:  # they are there: without them nothing may be missing
                notes.append(CUT_SHORT)
        elif notes is not None and _is_transparent(shown):
            notes.append(TRANSPARENT)
        return upright(picture, content.orientation)
    except UnidentifiedImageError as error:
        raise PictureError(refusal(data)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        most = limits.pixels // 1_000_000
        raise PictureError(f"This picture is too large; up to {most} million pixels work.") from error
    except MemoryError as error:
        raise PictureError("This picture takes more memory than there is. A smaller copy works.") from error
    except PictureError:
        raise
    except Exception as error:  # Pillow raises a dozen kinds for what is malformed
        raise PictureError(DAMAGED) from error


def picture_bytes(source: str | Path | bytes, most: int = MAX_BYTES) -> bytes:
    """The content of a picture file, of at most `most` bytes. Raises PictureError.

    What is no regular file, such as a pipe, is not read: it may have no end.
    """
    too_large = f"This picture is larger than {most // 1_000_000} MB. A smaller copy works."
    if isinstance(source, bytes):
        if len(source) > most:
            raise PictureError(too_large)
        return source
    try:
        return read_regular(source, most)
    except OSError as error:
        if error.errno == EFBIG:
            raise PictureError(too_large) from error
        if not Path(source).is_file():
            raise PictureError(f"There is no picture file {source}.") from error
        raise PictureError(f"The picture file {source} cannot be read: {error.strerror}.") from error


def _is_transparent(picture: Image.Image) -> bool:
    return picture.mode == "RGBA" and picture.getchannel("A").getextrema() != (255, 255)


def _over(picture: Image.Image, background: Colour) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, (*background, 255)), picture).convert("RGB")
