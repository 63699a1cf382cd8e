"""Pictures at the border: files and 8-bit arrays in, float32 in [-1, 1] inside, files out.

Shapes: B pictures, H rows, W columns.
"""

import io
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from core.errors import PictureError
from core.files import write_whole
from core.pixels import plain

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
MAX_PIXELS = 120_000_000  # before decoding: a 12000 x 9000 photograph passes
MAX_BYTES = 60_000_000
BACKGROUND = (255, 255, 255)  # behind transparent pixels

# Pillow's warnings about odd files tell a person nothing. Once for all: filters belong to all threads together.
warnings.filterwarnings("ignore", module=r"PIL\.")
Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow's own bound, which also holds inside files, is below a 12000 x 9000 photo


def read_image(
    source: str | Path | bytes, *, max_pixels: int = MAX_PIXELS, background: tuple[int, int, int] = BACKGROUND
) -> Image.Image:
    """A picture file as an upright RGB picture with 8 bits a channel.

    Turned as its EXIF says; transparency laid over the background, white by default; the first frame of an animation;
    16-bit, palette, grey and CMYK pictures and embedded colour profiles converted (core/pixels.py). Raises
    PictureError for files that are too large or are no picture.
    """
    return _read(source, max_pixels, lambda picture: _over(picture, background))


def read_layer(source: str | Path | bytes, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """A picture file as an upright RGBA picture: strokes on nothing. Otherwise as `read_image`."""
    return _read(source, max_pixels, lambda picture: picture.convert("RGBA"))


def _read(source: str | Path | bytes, max_pixels: int, convert: Callable[[Image.Image], Image.Image]) -> Image.Image:
    data = _bytes_of(source)
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > max_pixels:
            size = f"{picture.width} x {picture.height}"
            raise PictureError(f"This picture has {size} pixels; up to {max_pixels // 1_000_000} million work.")
        picture.load()
        ImageOps.exif_transpose(picture, in_place=True)
        return convert(plain(picture))
    except UnidentifiedImageError as error:
        raise PictureError(_refusal(data)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(
            f"This picture is too large; up to {max_pixels // 1_000_000} million pixels work."
        ) from error
    except PictureError:
        raise
    except Exception as error:  # Pillow raises a dozen kinds for what is malformed
        raise PictureError("This picture file is damaged or cut short, so it cannot be opened.") from error


def _bytes_of(source: str | Path | bytes) -> bytes:
    if isinstance(source, bytes):
        size, read = len(source), lambda: source
    else:
        path = Path(source)
        if not path.is_file():
            raise PictureError(f"There is no picture file {path}.")
        size, read = path.stat().st_size, path.read_bytes
    if size > MAX_BYTES:
        raise PictureError(f"This picture is larger than {MAX_BYTES // 1_000_000} MB. A smaller copy works.")
    return read()


def _refusal(data: bytes) -> str:
    """What to say of a file that is none of ours, as far as its first bytes tell what it is."""
    if not data:
        return "This file is empty. Choose a JPEG, PNG or WebP picture."
    if data[4:8] == b"ftyp":
        return "HEIC and AVIF photos and films cannot be opened. Save the photo as JPEG, PNG or WebP: those work."
    if b"<svg" in data[:4096].lower():
        return "SVG drawings cannot be opened. Save it as PNG: that works."
    return "This file is not a picture. JPEG, PNG or WebP work."


def _over(picture: Image.Image, background: tuple[int, int, int]) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, (*background, 255)), picture).convert("RGB")


def to_model(picture: Image.Image | np.ndarray, resolution: int | None = None) -> Tensor:
    """A picture as float32 [1,3,H,W] in [-1, 1]; with a resolution, its central square brought to that side.

    Made smaller by area means, larger by Lanczos. Raises PictureError for arrays that are not [H,W,3] of 8 bits.
    """
    if isinstance(picture, np.ndarray):
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise PictureError("A picture array must be [rows, columns, 3] with 8 bits a channel.")
        picture = Image.fromarray(picture)
    if resolution is not None:
        smaller = min(picture.size) > resolution
        method = Image.Resampling.BOX if smaller else Image.Resampling.LANCZOS
        picture = ImageOps.fit(picture.convert("RGB"), (resolution, resolution), method)
    pixels = torch.from_numpy(np.array(picture.convert("RGB")))
    return pixels.permute(2, 0, 1).float().div(127.5).sub(1)[None]


def to_uint8(x: Tensor) -> np.ndarray:
    """Pictures [B,3,H,W] in [-1, 1] as [B,H,W,3] uint8, rounded to the nearest level."""
    levels = (x.detach().float().cpu() + 1).mul(127.5).round().clamp(0, 255)
    return levels.to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()


def png_bytes(pixels: np.ndarray, *, texts: dict[str, str] | None = None, compress_level: int = 6) -> bytes:
    """[H,W,3] or [H,W] uint8 as a PNG file; `texts` become iTXt chunks."""
    info = PngInfo()
    for key, text in (texts or {}).items():
        info.add_itxt(key, text)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", pnginfo=info, compress_level=compress_level)
    return stream.getvalue()


def write_png(path: str | Path, pixels: np.ndarray, *, texts: dict[str, str] | None = None) -> Path:
    """Write [H,W,3] or [H,W] uint8 as a PNG file, whole or not at all."""
    return write_whole(path, png_bytes(pixels, texts=texts))
