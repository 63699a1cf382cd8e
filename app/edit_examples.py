"""The photographs that the edit tabs can be tried with, each as the tab needs it: as it is, grey, small, noisy."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from app.dataurl import to_data_url

FOLDER = Path(__file__).parent.parent / "assets" / "photos"
SMALL_SIDE, NOISE = 16, 24  # pixels; standard deviation of 256 levels


@dataclass(frozen=True)
class ExamplePhotos:
    """Lists of {"name", "title", "src": data URL}."""

    plain: list[dict]
    grey: list[dict]
    small: list[dict]
    noisy: list[dict]


def load_photos(folder: Path = FOLDER) -> ExamplePhotos:
    """Every photograph, by file name; its name is its title."""
    found = [(path.stem, Image.open(path).convert("RGB")) for path in sorted(folder.glob("*.jpg"))]
    return ExamplePhotos(
        plain=[_example(name, photo) for name, photo in found],
        grey=[_example(name, photo.convert("L")) for name, photo in found],
        small=[_example(name, _small(photo), "png") for name, photo in found],
        noisy=[_example(name, _noisy(photo), "png") for name, photo in found],
    )


def _example(name: str, photo: Image.Image, kind: str = "jpeg") -> dict:
    stream = io.BytesIO()
    photo.save(stream, kind, **({"quality": 88} if kind == "jpeg" else {}))
    return {
        "name": name,
        "title": name.split("-", 1)[-1].replace("-", " "),
        "src": to_data_url(stream.getvalue(), kind),
    }


def _small(photo: Image.Image) -> Image.Image:
    return photo.resize((SMALL_SIDE, SMALL_SIDE), Image.Resampling.BOX)


def _noisy(photo: Image.Image) -> Image.Image:
    """At 64 pixels: made smaller, a picture would lose the noise again."""
    pixels = np.asarray(photo.resize((64, 64), Image.Resampling.BOX), np.float32)
    noise = np.random.default_rng(7).normal(0, NOISE, pixels.shape)
    return Image.fromarray((pixels + noise).clip(0, 255).round().astype(np.uint8))
