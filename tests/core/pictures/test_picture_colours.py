"""Transparent colours, depths and colour spaces, by closed forms. tests/browser/test_pictures.py asks a browser."""

import numpy as np
import pytest
from PIL import Image

from core import PictureError, read_image
from core.pictures.read import read_layer
from tests.picture_files import (
    P3,
    chromaticities,
    chunk,
    embedded,
    encoded,
    gamma,
    grey_profile,
    packed_png,
    png,
    pure_gamma,
    rgb_profile,
    shorts,
    swapped_profile,
    tiff,
)

COLOURS = np.array([[[250, 10, 20], [30, 240, 40]], [[20, 30, 230], [90, 90, 90]]], np.uint8)
GREY, RGB, PALETTE = 0, 2, 3
GREYS = np.arange(256, dtype=np.uint8)[None]


def read(data: bytes) -> np.ndarray:
    return np.asarray(read_image(data)).astype(int)


def as_srgb(light: np.ndarray) -> np.ndarray:
    """Linear light, 0 to 1, as levels of sRGB (IEC 61966-2-1)."""
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def key(*values: int) -> bytes:
    return chunk(b"tRNS", shorts(*values))


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_the_transparent_grey_is_exactly_one_at_every_depth(depth):
    most = 2**depth - 1
    values = np.array([0, 1, most // 2, most - 1, most])
    transparent = int(values[3])
    bits = "".join(f"{value:0{depth}b}" for value in values)
    line = int(bits.ljust(-len(bits) // 8 * -8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    layer = np.asarray(read_layer(packed_png([line], 5, depth, GREY, extra=key(transparent))))
    assert (layer[0, :, 3] == np.where(values == transparent, 0, 255)).all()
    opaque = layer[0, layer[0, :, 3] == 255, 0]
    assert np.abs(opaque - 255 * values[values != transparent] / most).max() <= 1


@pytest.mark.parametrize("depth", [8, 16])
def test_the_transparent_colour_is_compared_at_full_depth(depth):
    colour = (0x12, 0x56, 0x9A) if depth == 8 else (0x1234, 0x5678, 0x9ABC)
    nearly = [tuple(value + (k == channel) for k, value in enumerate(colour)) for channel in range(3)]
    values = np.array([[colour, *nearly]], np.uint8 if depth == 8 else np.uint16)
    layer = np.asarray(read_layer(png(values, RGB, extra=key(*colour))))
    assert layer[0, :, 3].tolist() == [0, 255, 255, 255]


def test_a_key_beyond_the_depth_is_no_colour_of_the_picture():
    assert np.asarray(read_layer(packed_png([b"\x1b"], 4, 2, GREY, extra=key(5))))[..., 3].min() == 255


def test_a_key_belongs_to_the_values_before_colours_are_converted():
    layer = np.asarray(read_layer(png(GREYS, GREY, extra=key(77) + gamma(1.0))))
    assert np.flatnonzero(layer[0, :, 3] == 0).tolist() == [77]


CURVES = {
    "gamma 1 in a profile": embedded(rgb_profile(pure_gamma(1.0), name="sRGB, says its name")),
    "gamma 1 in a grey profile": embedded(grey_profile(pure_gamma(1.0))),
    "gamma 1": gamma(1.0),
    "linear light by code points": chunk(b"cICP", bytes([1, 8, 0, 1])),
}


@pytest.mark.parametrize("name", CURVES)
def test_linear_light_becomes_srgb_however_it_is_stated(name):
    got = read(png(GREYS, GREY, extra=CURVES[name]))[0, :, 0]
    assert np.abs(got - as_srgb(GREYS[0] / 255)).max() <= 1


P3_PRIMARIES = (0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


def test_one_colour_space_gives_the_same_colours_however_it_is_stated():
    linear = (
        embedded(rgb_profile(pure_gamma(1.0), **P3)),
        gamma(1.0) + chromaticities(*P3_PRIMARIES),
        chunk(b"cICP", bytes([12, 8, 0, 1])),
    )
    first, *others = (read(png(COLOURS, RGB, extra=statement)) for statement in linear)
    assert np.abs(first - COLOURS).max() > 10
    assert all(np.abs(first - other).max() <= 1 for other in others)


def test_the_strongest_statement_counts():
    p3, sw, srgb = chunk(b"cICP", bytes([12, 13, 0, 1])), embedded(swapped_profile()), chunk(b"sRGB", b"\0")
    swapped = COLOURS[..., [1, 0, 2]].astype(int)
    assert np.abs(read(png(COLOURS, RGB, extra=srgb + gamma(1.0) + sw)) - swapped).max() <= 2
    assert np.array_equal(read(png(COLOURS, RGB, extra=sw + p3)), read(png(COLOURS, RGB, extra=p3)))
    assert np.array_equal(read(png(COLOURS, RGB, extra=gamma(1.0) + srgb)), COLOURS)
    assert np.array_equal(read(png(COLOURS, RGB, extra=chromaticities(*P3_PRIMARIES))), COLOURS)


def test_a_profile_that_moves_no_colour_leaves_the_pixels_whatever_its_name():
    every = np.stack(np.meshgrid(*[np.arange(0, 256, 5, dtype=np.uint8)] * 3), -1).reshape(-1, 52, 3)
    assert np.array_equal(read(png(every, RGB, extra=embedded(rgb_profile(name="Display P3")))), every)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.uint32, np.uint16])
@pytest.mark.parametrize("alpha", [False, True])
def test_deep_colours_of_a_tiff_keep_their_tones(kind, alpha):
    white = 1 if kind in (np.float32, np.float64) else np.iinfo(kind).max
    pixels = np.dstack([COLOURS, [[255, 255], [255, 0]]]) if alpha else COLOURS
    values = (pixels / 255 * white).astype(kind)
    got = read(tiff(values, 2, {338: [2]} if alpha else {}))
    want = np.where(pixels[..., 3:] > 0, COLOURS, 255) if alpha else COLOURS
    assert np.abs(got - want).max() <= 1


def test_luminance_and_chroma_of_a_tiff_become_rgb():
    values = np.asarray(Image.fromarray(COLOURS).convert("YCbCr"))
    assert np.abs(read(tiff(values, 6, {530: [1, 1]})) - COLOURS).max() <= 3


@pytest.mark.parametrize("kind", [np.uint16, np.uint8])
def test_kinds_of_tiff_that_no_decoder_knows_are_told(kind):
    samples = 2 if kind == np.uint16 else 5  # grey of 16 bits with alpha, CMYK with alpha
    with pytest.raises(PictureError, match=r"^This kind of TIFF .* that works\.$"):
        read(tiff(np.zeros((2, 2, samples), kind), 1 if samples == 2 else 5, {338: [2]}))


def test_a_large_grey_picture_of_16_bits_is_converted_in_bands(monkeypatch):
    deep = np.random.default_rng(0).integers(0, 65536, (50, 40), dtype=np.uint16)
    whole = read(png(deep, GREY))
    monkeypatch.setattr("core.pictures.pixels.BAND", 100)
    assert np.array_equal(read(png(deep, GREY)), whole)
    assert np.array_equal(whole[..., 0], deep >> 8)


def test_palettes_have_the_colours_of_their_profile():
    palette = chunk(b"PLTE", COLOURS.tobytes())
    indices = np.arange(4, dtype=np.uint8).reshape(2, 2)
    got = read(png(indices, PALETTE, extra=embedded(swapped_profile()) + palette))
    assert np.abs(got - COLOURS[..., [1, 0, 2]]).max() <= 2


def test_a_smaller_jpeg_is_not_below_the_size_that_is_asked_for():
    data = encoded(Image.fromarray(COLOURS).resize((801, 1000)), "JPEG")
    sizes = {ask: read_image(data, at_least=ask).size for ask in (50, 100, 101, 300, 801, 5000)}
    assert all(min(size) >= min(ask, 801) for ask, size in sizes.items())
    assert sizes[100] == (101, 125) and sizes[801] == (801, 1000)
