"""Pictures in and out: every kind of file, or a sentence that says why not."""

import io
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core import PictureError, png_bytes, read_image, to_model, to_uint8, write_png
from core.pictures.limits import LOCAL
from tests import tiny
from tests.picture_files import encoded, promising_png

# core.pictures.decode silences Pillow for good; pytest sets the filters anew for every test.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning")

ROOT = Path(__file__).resolve().parents[2]
COLOURS = tiny.picture(0, 6, 9)


def read(data: bytes) -> np.ndarray:
    picture = read_image(data)
    assert picture.mode == "RGB"
    return np.asarray(picture)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_formats_return_every_pixel(kind):
    assert np.array_equal(read(encoded(Image.fromarray(COLOURS), kind)), COLOURS)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_lossy_formats_return_nearly_the_picture(kind):
    flat = np.full((16, 16, 3), (200, 90, 40), np.uint8)
    assert np.abs(read(encoded(Image.fromarray(flat), kind, quality=95)).astype(int) - flat).max() <= 4


# What a viewer does for each EXIF orientation, as operations on rows and columns.
ORIENTATIONS = {
    1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, -1), 7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: np.rot90,
}  # fmt: skip


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_pictures_are_turned_as_their_exif_says(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(COLOURS), exif=exif)
    assert np.array_equal(read(data), ORIENTATIONS[orientation](COLOURS))


def test_transparency_is_laid_over_white():
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[0, :, 0] = 200
    rgba[0, :, 3] = (0, 255, 128)
    clear, solid, half = read(encoded(Image.fromarray(rgba)))[0]
    assert (clear.tolist(), solid.tolist()) == ([255] * 3, [200, 0, 0])
    assert np.abs(half.astype(int) - (227, 127, 127)).max() <= 1


def test_grey_pictures_with_alpha_are_laid_over_white_too():
    picture = Image.new("LA", (2, 1), (10, 255))
    picture.putpixel((0, 0), (10, 0))
    assert read(encoded(picture))[0].tolist() == [[255] * 3, [10] * 3]


def test_a_transparent_palette_entry_becomes_white():
    picture = Image.new("P", (2, 1))
    picture.putpalette([9, 8, 7, 60, 50, 40])
    picture.putpixel((1, 0), 1)
    assert read(encoded(picture))[0].tolist() == [[9, 8, 7], [60, 50, 40]]
    assert read(encoded(picture, transparency=0))[0].tolist() == [[255] * 3, [60, 50, 40]]


def test_grey_and_black_and_white_pictures_get_three_equal_channels():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    assert np.array_equal(read(encoded(Image.fromarray(grey))), np.repeat(grey[..., None], 3, 2))
    bits = Image.fromarray(grey > 100)
    assert set(np.unique(read(encoded(bits)))) == {0, 255}


def test_pictures_of_16_bits_keep_their_tones():
    deep = np.array([[0, 257 * 100, 65535]], np.uint16)
    assert read(encoded(Image.fromarray(deep)))[0, :, 0].tolist() == [0, 100, 255]


def test_pictures_of_floats_keep_their_tones():
    unit = np.array([[0.0, 0.4, 1.0]], np.float32)
    assert read(encoded(Image.fromarray(unit), "TIFF"))[0, :, 0].tolist() == [0, 102, 255]


def test_cmyk_pictures_become_rgb():
    data = encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=95)
    assert np.abs(read(data).astype(int) - (255, 0, 0)).max() <= 8


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (4, 3), colour) for colour in ("#c03020", "#2030c0")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.abs(read(data).astype(int) - (0xC0, 0x30, 0x20)).max() <= 8


def test_the_smallest_picture_is_a_picture():
    assert read(encoded(Image.new("RGB", (1, 1), (1, 2, 3)))).tolist() == [[[1, 2, 3]]]


@pytest.mark.parametrize("data", [b"", b"hello, I am no picture", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"<svg></svg>"])
def test_what_is_no_picture_is_refused_whatever_its_name(tmp_path, data):
    path = tmp_path / "renamed.png"
    path.write_bytes(data)
    with pytest.raises(PictureError):
        read_image(path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_a_picture_cut_short_is_refused(kind):
    data = encoded(Image.fromarray(tiny.picture(0, 64, 64)), kind)
    with pytest.raises(PictureError, match=r"damaged or cut short|not a picture"):
        read_image(data[: len(data) // 2])


def test_formats_that_are_not_listed_stay_closed():
    with pytest.raises(PictureError, match="not a picture"):
        read_image(encoded(Image.fromarray(COLOURS), "PDF"))
    with pytest.raises(PictureError, match="not a picture"):
        read_image(encoded(Image.fromarray(COLOURS), "EPS"))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(PictureError, match="There is no picture file"):
            read_image(path)


@pytest.mark.parametrize("side", [11_000, 100_000])
def test_pixels_are_counted_before_anything_is_decoded(side, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(PictureError, match="million"):
        read_image(promising_png(side, side))


def test_the_bound_on_pixels_is_the_callers():
    data = encoded(Image.fromarray(COLOURS))
    assert read_image(data, limits=replace(LOCAL, pixels=54)).size == (9, 6)
    with pytest.raises(PictureError, match="9 x 6 pixels"):
        read_image(data, limits=replace(LOCAL, pixels=53))


def test_files_beyond_the_bound_are_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "big.png"
    with path.open("wb") as file:
        file.truncate(60_000_001)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda self: pytest.fail("read"))
    with pytest.raises(PictureError, match="larger than 60 MB"):
        read_image(path)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_picture_or_a_picture_error(data):
    try:
        assert read_image(data).mode == "RGB"
    except PictureError as error:
        assert str(error).endswith((".", "work."))


def test_odd_files_leave_nothing_on_the_terminal(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = bytearray(encoded(Image.fromarray(COLOURS), "TIFF", exif=exif))
    data[8] += 4  # more entries than there are
    (tmp_path / "odd.tif").write_bytes(data)
    code = f"import core; print(core.read_image({str(tmp_path / 'odd.tif')!r}).size)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("(6, 9)\n", "")


def samples() -> list[bytes]:
    picture, exif = Image.fromarray(COLOURS), Image.Exif()
    exif[0x0112] = 6
    files = [encoded(picture, kind) for kind in ("PNG", "BMP", "TIFF", "PPM", "GIF", "WEBP", "JPEG")]
    files += [encoded(picture, kind, exif=exif) for kind in ("JPEG", "PNG", "TIFF", "WEBP")]
    files += [encoded(picture.convert("P"), transparency=0), encoded(picture.convert("CMYK"), "TIFF")]
    files += [encoded(picture, "TIFF", compression=c) for c in ("tiff_lzw", "tiff_deflate", "packbits", "jpeg")]
    return files


SAMPLES = samples()


@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=300)
def test_damaged_files_give_a_picture_or_a_picture_error(data, damage):
    broken = bytearray(data)
    for place, value in damage:
        broken[int(place * len(broken))] = value
    with suppress(PictureError):
        assert read_image(bytes(broken), limits=replace(LOCAL, pixels=100_000)).mode == "RGB"


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 100))
def test_8_bit_pictures_return_unchanged_from_model_range(rows, columns, seed):
    pixels = tiny.picture(seed, rows, columns)
    x = to_model(pixels)
    assert x.shape == (1, 3, rows, columns)
    assert x.abs().max() <= 1
    assert np.array_equal(to_uint8(x)[0], pixels)
    assert np.array_equal(read(png_bytes(pixels)), pixels)


def test_the_ends_of_model_range_are_black_and_white_and_beyond_is_cut():
    levels = to_uint8(torch.tensor([-3.0, -1.0, 0.0, 1.0, 3.0]).reshape(1, 1, 1, 5).expand(1, 3, 1, 5))
    assert levels[0, 0, :, 0].tolist() == [0, 0, 128, 255, 255]


@pytest.mark.parametrize(("rows", "columns"), [(40, 16), (16, 40), (3, 8), (8, 8), (1, 1)])
def test_with_a_resolution_the_central_square_is_brought_to_that_side(rows, columns):
    assert to_model(tiny.picture(0, rows, columns), 8).shape == (1, 3, 8, 8)
    flat = np.full((rows, columns, 3), 77, np.uint8)
    assert (to_uint8(to_model(flat, 8)) == 77).all()


def test_what_lies_outside_the_central_square_is_not_seen():
    pixels = np.full((8, 16, 3), 200, np.uint8)
    pixels[:, 4:12] = 50
    assert (to_uint8(to_model(pixels, 8)) == 50).all()


def test_smaller_is_by_means_of_areas():
    pixels = tiny.picture(0, 16, 16)
    means = pixels.reshape(8, 2, 8, 2, 3).mean(axis=(1, 3))
    assert np.abs(to_uint8(to_model(pixels, 8))[0] - means).max() <= 1  # rows and columns are each rounded


@pytest.mark.parametrize("array", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3))])
def test_arrays_that_are_no_8_bit_pictures_are_refused(array):
    with pytest.raises(PictureError, match="8 bits"):
        to_model(array)


@given(
    st.dictionaries(
        st.sampled_from(["onestroke", "Title"]), st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"))
    )
)
def test_texts_of_a_png_return_in_every_language(texts):
    assert Image.open(io.BytesIO(png_bytes(COLOURS, texts=texts))).text == texts


def test_a_written_png_is_readable_by_others_and_returns_its_pixels(tmp_path):
    path = write_png(tmp_path / "a.png", COLOURS)
    assert np.array_equal(np.asarray(read_image(path)), COLOURS)
    assert path.stat().st_mode & 0o777 == 0o644
    assert write_png(tmp_path / "grey.png", COLOURS[..., 0]).is_file()
