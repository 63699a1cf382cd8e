"""The example photographs of the edit tabs, prepared as each tab needs them: as they are, grey, small, ..."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from app.edits.data_url import to_data_url

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "photos"
SMALLER, NOISE = 4, 24  # times, than the model's side; standard deviation of 256 levels
BLUR = 1.5  # pixels


@dataclass(frozen=True)
class ExamplePhotos:
    """Lists of {"name", "title", "src": data URL}."""

    plain: list[dict]
    grey: list[dict]
    small: list[dict]
    noisy: list[dict]
    blurred: list[dict]


def load_photos(side: int, folder: Path = FOLDER) -> ExamplePhotos:
    """Every photograph, in the order of file names; the name is the title. side: of the model's pictures, in pixels."""
    found = [(path.stem, Image.open(path).convert("RGB")) for path in sorted(folder.glob("*.jpg"))]
    return ExamplePhotos(
        plain=[_example(name, photo) for name, photo in found],
        grey=[_example(name, photo.convert("L")) for name, photo in found],
        small=[_example(name, _resized(photo, side // SMALLER), "png") for name, photo in found],
        noisy=[_example(name, _noisy(photo, side), "png") for name, photo in found],
        blurred=[_example(name, _blurred(photo, side), "png") for name, photo in found],
    )


def _example(name: str, photo: Image.Image, kind: str = "jpeg") -> dict:
    stream = io.BytesIO()
    photo.save(stream, kind, **({"quality": 88} if kind == "jpeg" else {}))
    return {
        "name": name,
        "title": name.split("-", 1)[-1].replace("-", " "),
        "src": to_data_url(stream.getvalue(), kind),
    }


def _resized(photo: Image.Image, side: int) -> Image.Image:
    return photo.resize((side, side), Image.Resampling.BOX)


def _blurred(photo: Image.Image, side: int) -> Image.Image:
    """Blurred at the model's size, for the same reason as a noisy one."""
    return _resized(photo, side).filter(ImageFilter.GaussianBlur(BLUR))


def _noisy(photo: Image.Image, side: int) -> Image.Image:
    """With noise added at the model's size: when a picture is made smaller, it loses noise."""
    pixels = np.asarray(_resized(photo, side), np.float32)
    noise = np.random.default_rng(7).normal(0, NOISE, pixels.shape)
    return Image.fromarray((pixels + noise).clip(0, 255).round().astype(np.uint8))
