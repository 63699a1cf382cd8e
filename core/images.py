"""Pictures at the border: 8-bit pixels in, float32 in [-1, 1] inside, files out. core/pictures/ reads files.

Shapes: B pictures, H rows, W columns.
"""

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from core.errors import PictureError
from core.files import write_whole


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
