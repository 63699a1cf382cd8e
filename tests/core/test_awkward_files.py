"""Files as people have them: each gives the right pixels, or a sentence."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from core import PictureError, read_image
from tests import tiny
from tests.picture_files import chunk, encoded, png, promising_png, rgb_profile, swapped_profile, tiff

COLOURS = np.array(
    [[[250, 10, 20], [30, 240, 40], [20, 30, 230]], [[200, 200, 10], [90, 90, 90], [10, 180, 200]]], np.uint8
)
BLOCKS = COLOURS.repeat(16, axis=0).repeat(16, axis=1)  # of 16 x 16: lossy formats leave their middles alone
WHITE_IS_ZERO = 0  # a value of the tag of a TIFF that says what its numbers mean
SENTENCE = r"^[A-Z].*\.$"


def read(data: bytes) -> np.ndarray:
    return np.asarray(read_image(data))


def middles(pixels: np.ndarray) -> np.ndarray:
    """The mean colour of the middle of every block of 16 x 16, [rows,columns,3]."""
    rows, columns = pixels.shape[0] // 16, pixels.shape[1] // 16
    return pixels.reshape(rows, 16, columns, 16, 3)[:, 6:10, :, 6:10].mean(axis=(1, 3))


TURNS = {
    1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud, 5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1), 7: lambda a: np.rot90(a, 2).swapaxes(0, 1), 8: np.rot90,
}  # fmt: skip


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", TURNS)
def test_a_photo_held_any_way_comes_upright(orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(BLOCKS), kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))
    assert np.abs(middles(read(data)) - middles(TURNS[orientation](BLOCKS))).max() <= 8


def test_a_print_ready_jpeg_in_cmyk_has_its_colours():
    data = encoded(Image.fromarray(BLOCKS).convert("CMYK"), "JPEG", quality=95)
    assert np.abs(middles(read(data)) - COLOURS).max() <= 12


def test_grey_of_16_bits_keeps_its_tones_in_png_and_in_tiff():
    deep = np.array([[0, 257 * 7, 256 * 100, 256 * 101 - 1, 65535]], np.uint16)
    for data in (png(deep, 0), tiff(deep), encoded(Image.fromarray(deep), "TIFF", compression="tiff_lzw")):
        assert read(data)[0, :, 0].tolist() == [0, 7, 100, 100, 255]


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_orders_of_bytes_give_the_same_tones(order):
    deep = np.arange(0, 65536, 7, dtype=np.uint16)[None]
    data, head = deep.astype(f"{order}u2").tobytes(), {"<": b"II*\0", ">": b"MM\0*"}[order]
    tags = {256: deep.size, 257: 1, 258: 16, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1, 279: len(data)}
    entries = b"".join(struct.pack(f"{order}HHII", tag, 4, 1, value) for tag, value in tags.items())
    at = struct.pack(f"{order}I", 8 + len(data))
    grey = read(head + at + data + struct.pack(f"{order}H", len(tags)) + entries + bytes(4))
    assert np.array_equal(grey[..., 0], deep >> 8)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_tiff_whose_white_is_zero_is_no_negative(depth):
    full = np.iinfo(depth).max
    assert read(tiff(np.array([[0, full // 255 * 100, full]], depth), WHITE_IS_ZERO))[0, :, 0].tolist() == [
        255,
        155,
        0,
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0.0, 0.4, 1.0]], np.float32), [0, 102, 255]),
        (np.array([[0.0, 100.0, 255.0]], np.float32), [0, 100, 255]),
        (np.array([[np.nan, 0.4, np.inf]], np.float32), [0, 102, 255]),
        (np.array([[0, 2**31, 2**32 - 1]], np.uint32), [0, 128, 255]),
        (np.array([[0, 25700, 65535]], np.int32), [0, 100, 255]),
    ],
)
def test_grey_of_floats_and_of_32_bits_keeps_its_tones(values, expected):
    assert read(tiff(values))[0, :, 0].tolist() == expected


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_colour_of_16_bits_keeps_its_tones(kind):
    deep = COLOURS.astype(np.uint16) * 257
    data = png(deep, 2) if kind == "PNG" else cv2.imencode(".tiff", deep[..., ::-1])[1].tobytes()
    assert np.array_equal(read(data), COLOURS)


def test_colour_of_16_bits_between_the_levels_of_8_is_off_by_less_than_one():
    deep = np.random.default_rng(0).integers(0, 65536, (20, 20, 3), dtype=np.uint16)
    assert np.abs(read(png(deep, 2)) - deep / 257).max() < 1


def test_transparent_pixels_of_16_bits_lie_over_white():
    grey_alpha = np.array([[[257 * 7, 0], [257 * 7, 65535]]], np.uint16)
    assert read(png(grey_alpha, 4))[0].tolist() == [[255] * 3, [7] * 3]
    colour_alpha = np.array([[[0, 0, 0, 0], [257 * 7, 0, 257 * 9, 65535]]], np.uint16)
    assert read(png(colour_alpha, 6))[0].tolist() == [[255] * 3, [7, 0, 9]]
    keyed = png(np.array([[257 * 7, 257 * 8]], np.uint16), 0, extra=chunk(b"tRNS", struct.pack(">H", 257 * 7)))
    assert read(keyed)[0].tolist() == [[255] * 3, [8] * 3]


def test_a_palette_with_half_transparent_entries_lies_over_white():
    palette = chunk(b"PLTE", bytes([200, 0, 0, 0, 100, 0, 0, 0, 50])) + chunk(b"tRNS", bytes([0, 128]))
    clear, half, solid = read(png(np.array([[0, 1, 2]], np.uint8), 3, extra=palette))[0]
    assert (clear.tolist(), solid.tolist()) == ([255] * 3, [0, 0, 50])
    assert np.abs(half.astype(int) - (127, 177, 127)).max() <= 1


def test_grey_with_alpha_lies_over_white():
    assert read(png(np.array([[[10, 0], [10, 255]]], np.uint8), 4))[0].tolist() == [[255] * 3, [10] * 3]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF", "PPM"])
def test_one_bit_a_pixel_is_black_and_white(kind):
    bits = np.array([[True, False, True], [False, False, True]])
    assert np.array_equal(read(encoded(Image.fromarray(bits), kind)), np.where(bits, 255, 0)[..., None].repeat(3, 2))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "MPO"])
def test_of_several_frames_the_first_is_read(kind):
    frames = [Image.new("RGB", (32, 16), colour) for colour in ("#c03020", "#2030c0", "#20c030")]
    options = {} if kind == "TIFF" else {"lossless": True} if kind == "WEBP" else {"quality": 95}
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert Image.open(io.BytesIO(data)).n_frames == 3
    assert np.abs(read(data)[8, 16].astype(int) - (0xC0, 0x30, 0x20)).max() <= 4


def test_a_single_pixel_is_a_picture():
    for kind in ("PNG", "GIF", "BMP", "TIFF", "PPM"):
        assert read(encoded(Image.new("RGB", (1, 1), (1, 2, 3)), kind)).tolist() == [[[1, 2, 3]]]


def test_a_photo_of_108_megapixels_is_read():
    picture = read_image(encoded(Image.new("L", (12_000, 9_000), 77), compress_level=1))
    assert picture.size == (12_000, 9_000)
    assert picture.crop((11_990, 8_990, 12_000, 9_000)).getcolors() == [(100, (77, 77, 77))]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_download_that_broke_off_is_told(kind, share):
    data = encoded(Image.fromarray(tiny.picture(0, 64, 64)), kind)
    with pytest.raises(PictureError, match=SENTENCE):
        read_image(data[: int(share * len(data))])


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"Dear diary, this is no picture at all.", "not a picture"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "SVG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "AVIF"),
        (b"%PDF-1.7\n", "not a picture"),
        (b"PK\x03\x04" + bytes(40), "not a picture"),
        (promising_png(0, 5), "not a picture"),
        (promising_png(5, 0), "not a picture"),
        (b"GIF89a" + bytes(7) + b",\0\0\0\0\0\0\0\0\0\x02\x02L\x01\0;", "not a picture"),
        (b"BM" + struct.pack("<IIIIiiHH", 54, 0, 54, 40, 0, 0, 1, 24) + bytes(24), "picture"),
        (b"P6 0 5 255 ", "not a picture"),
    ],
)
def test_what_only_looks_like_a_picture_is_told_by_its_kind_whatever_its_name(tmp_path, data, word):
    path = tmp_path / "holiday.png"
    path.write_bytes(data)
    with pytest.raises(PictureError, match=word) as told:
        read_image(path)
    assert str(told.value)[0].isupper() and str(told.value).endswith(".")


@pytest.mark.parametrize("side", [11_000, 20_000, 2**31 - 1])
def test_a_header_that_promises_too_much_is_refused_before_it_costs_anything(side):
    gif = b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b",\0\0\0\0" + struct.pack("<HHB", 65535, 65535, 0)
    for data in (promising_png(side, side), gif + b"\x02\x02L\x01\0;"):
        with pytest.raises(PictureError, match="million"):
            read_image(data)


def test_a_picture_that_is_smaller_than_its_header_promises_is_told():
    with pytest.raises(PictureError, match="damaged or cut short"):
        read_image(promising_png(3000, 3000))


def test_progressive_jpegs_are_read():
    assert (
        np.abs(middles(read(encoded(Image.fromarray(BLOCKS), "JPEG", progressive=True, quality=95))) - COLOURS).max()
        <= 8
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_colours_of_an_embedded_profile_become_srgb(kind):
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "JPEG" else {}
    data = encoded(Image.fromarray(BLOCKS), kind, icc_profile=swapped_profile(), **options)
    assert np.abs(middles(read(data)) - COLOURS[..., [1, 0, 2]]).max() <= (10 if kind == "JPEG" else 2)
    assert not read_image(data).info


def test_a_profile_leaves_alpha_alone():
    rgba = np.dstack([COLOURS, np.full(COLOURS.shape[:2], 255, np.uint8)])
    rgba[0, 0, 3] = 0
    pixels = read(encoded(Image.fromarray(rgba), icc_profile=swapped_profile()))
    assert pixels[0, 0].tolist() == [255] * 3
    assert np.abs(pixels[1].astype(int) - COLOURS[1][:, [1, 0, 2]]).max() <= 2


@pytest.mark.parametrize(
    "profile",
    [rgb_profile(), rgb_profile(name="mine"), b"no profile", rgb_profile()[:300], bytes(4000)],
    ids=["usual", "renamed", "text", "truncated", "zeros"],
)
def test_with_the_usual_profile_or_a_damaged_one_pixels_stay_as_they_are(profile):
    assert np.array_equal(read(encoded(Image.fromarray(COLOURS), icc_profile=profile)), COLOURS)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "CMYK"])
def test_a_profile_of_another_kind_than_the_pixels_does_no_harm(mode):
    picture = Image.fromarray(BLOCKS[..., [1, 1, 1]]).convert("L").convert(mode)
    kind = "JPEG" if mode == "CMYK" else "PNG"
    plain, odd = (read(encoded(picture, kind, **options)) for options in ({}, {"icc_profile": swapped_profile()}))
    assert np.abs(plain.astype(int) - odd).max() <= 2
