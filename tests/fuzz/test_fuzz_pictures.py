"""Damaged and invented picture files: a picture, or a PictureError."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import PictureError
from core.pictures.limits import LOCAL, PUBLIC, PictureLimits
from core.pictures.read import read_image, read_layer
from tests import tiny
from tests.fuzz.effort import usual
from tests.fuzz.mutations import changed_bytes
from tests.fuzz.sentences import check_sentence
from tests.picture_files import chunk, embedded, encoded, exif, gamma, png, rgb_profile, segment, tiff, with_segments

COLOURS = tiny.picture(0, 6, 9)
PICTURE = Image.fromarray(COLOURS)
DEEP = np.arange(54, dtype=np.uint16).reshape(6, 9) * 1200
TRANSPARENT = Image.fromarray(np.dstack([COLOURS, COLOURS[..., 0]]))
JPEG = encoded(PICTURE, "JPEG")
SAMPLES = {
    "PNG": [
        encoded(PICTURE), encoded(PICTURE.convert("P")), encoded(PICTURE.convert("1")), encoded(TRANSPARENT),
        png(DEEP, 0), png(COLOURS, 2, extra=gamma(1) + embedded(rgb_profile())),
        png(COLOURS, 2, extra=chunk(b"tRNS", bytes(6)) + chunk(b"eXIf", exif(6))),
    ],
    "JPEG": [
        JPEG, encoded(PICTURE, "JPEG", progressive=True), encoded(PICTURE.convert("L"), "JPEG"),
        encoded(PICTURE.convert("CMYK"), "JPEG"),
        with_segments(JPEG, segment(0xE1, b"Exif\0\0" + exif(6)), segment(0xE2, b"ICC_PROFILE\0\1\1" + rgb_profile())),
    ],
    "WEBP": [
        encoded(PICTURE, "WEBP"), encoded(TRANSPARENT, "WEBP", lossless=True),
        encoded(PICTURE, "WEBP", save_all=True, append_images=[TRANSPARENT]),
    ],
    "TIFF": [
        tiff(COLOURS, 2), tiff(DEEP), tiff(COLOURS.astype(np.float32)[..., 0]), encoded(PICTURE, "TIFF"),
        encoded(PICTURE, "TIFF", compression="tiff_lzw"), encoded(PICTURE, "TIFF", compression="jpeg"),
        encoded(PICTURE.convert("1"), "TIFF", compression="group4"),
    ],
    "GIF": [encoded(PICTURE, "GIF"), encoded(PICTURE, "GIF", save_all=True, append_images=[PICTURE.rotate(180)])],
    "BMP": [encoded(PICTURE, "BMP"), encoded(PICTURE.convert("P"), "BMP"), encoded(TRANSPARENT, "BMP")],
    "PPM": [encoded(PICTURE, "PPM"), b"P3 2 1 255 1 2 3 4 5 6", b"P5 2 1 65535 abcd", b"Pf 1 1 -1.0 abcd"],
}  # fmt: skip
EVERYTHING = [data for samples in SAMPLES.values() for data in samples]
SMALL = PictureLimits(pixels=1_000_000, side=20_000)  # what changed bytes promise is otherwise decoded: 120 megapixels


def test_the_samples_are_pictures():
    for data in EVERYTHING:
        assert read_image(data).mode == "RGB"


def check(data: bytes, limits: PictureLimits) -> None:
    """A picture within the limits, twice the same, or a sentence."""
    notes: list[str] = []
    try:
        picture = read_image(data, limits=limits, notes=notes)
    except PictureError as error:
        check_sentence(str(error))
        return
    assert picture.mode == "RGB" and picture.width * picture.height <= limits.pixels
    if notes:
        check_sentence(*notes)
        with pytest.raises(PictureError):
            read_image(data, limits=limits)
        return
    layer = read_layer(data, limits=limits)
    assert (layer.mode, layer.size) == ("RGBA", picture.size)


@pytest.mark.parametrize("kind", SAMPLES)
@usual
@given(st.data())
def test_changed_bytes_are_a_picture_or_a_sentence(kind, data):
    check(data.draw(changed_bytes(SAMPLES[kind])), SMALL)


@usual
@given(changed_bytes(EVERYTHING))
def test_changed_bytes_of_strangers_are_a_picture_or_a_sentence(data):
    check(data, PUBLIC if len(data) % 2 else LOCAL)


@usual
@given(st.sampled_from([sample[:12] for sample in EVERYTHING]), st.binary(max_size=300))
def test_noise_behind_a_true_beginning_is_a_picture_or_a_sentence(beginning, noise):
    check(beginning + noise, SMALL)
