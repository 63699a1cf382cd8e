"""Picture files have here the colours and the orientation that Chromium shows."""

import base64
import struct

import numpy as np
import pytest
from PIL import Image

from core import PictureError, read_image
from tests import tiny
from tests.picture_files import (
    P3,
    chromaticities,
    chunk,
    embedded,
    encoded,
    exif,
    gamma,
    grey_profile,
    packed_png,
    png,
    pure_gamma,
    rgb_profile,
    riff,
    segment,
    shorts,
    swapped_profile,
    webp_chunk,
    with_segments,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TOLERANCE = 2  # levels of 255
DRAW = """async (urls) => Promise.all(urls.map(async (url) => {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  const context = canvas.getContext('2d');
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0);
  const { width, height, data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return [height, width, btoa(String.fromCharCode(...data))];
}))"""
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6

COLOURS = np.array([[[128, 128, 128], [200, 40, 40], [40, 200, 40]], [[10, 10, 60], [255, 255, 255], [60, 90, 30]]])
COLOURS = COLOURS.astype(np.uint8)
GREYS = np.array([[0, 1, 5, 20, 50, 128, 200, 254, 255]], np.uint8)
DEEP = np.array([[[0x1234, 0x5678, 0x9ABC], [0x1234, 0x5678, 0x9ABD], [300, 40_000, 65_535]]], np.uint16)
BLOCKS = tiny.picture(3, 3, 4).repeat(8, 0).repeat(8, 1)
SRGB, P3_XY = (
    (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06),
    (0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
)


def code_points(*values: int) -> bytes:
    return chunk(b"cICP", bytes(values))


COLOUR_CHUNKS = {
    "nothing": b"",
    "sRGB in a profile": embedded(rgb_profile()),
    "Display P3 in a profile": embedded(rgb_profile(name="Display P3", **P3)),
    "gamma 1.8 in a profile": embedded(rgb_profile(pure_gamma(1.8))),
    "linear light in a profile that says sRGB": embedded(rgb_profile(pure_gamma(1.0), name="sRGB-elle-V2-g10.icc")),
    "swapped primaries in a profile that says sRGB": embedded(swapped_profile()),
    "a grey profile": embedded(grey_profile(pure_gamma(1.8))),
    "a profile of nothing, gamma 1": embedded(b"nothing") + gamma(1.0),
    "a profile, sRGB": embedded(swapped_profile()) + chunk(b"sRGB", b"\0"),
    "a profile, Display P3 in code points": embedded(swapped_profile()) + code_points(12, 13, 0, 1),
    "gamma 1": gamma(1.0),
    "gamma 1/1.8": gamma(1 / 1.8),
    "gamma 1/2": gamma(0.5),
    "gamma 1/2.2": gamma(0.45455),
    "gamma 1/2.2, primaries of sRGB": gamma(0.45455) + chromaticities(*SRGB),
    "gamma 1/2.2, another white": gamma(0.45455) + chromaticities(0.3457, 0.3585, *SRGB[2:]),
    "gamma 1, primaries of Display P3": gamma(1.0) + chromaticities(*P3_XY),
    "primaries alone": chromaticities(*P3_XY),
    "gamma 1, sRGB": gamma(1.0) + chunk(b"sRGB", b"\0"),
    "gamma 0": gamma(0),
    "two gammas": gamma(1.0) + gamma(0.45455),
    "gamma, wrong checksum": chunk(b"gAMA", struct.pack(">I", 100_000), 0),
    "gamma and primaries that span nothing": gamma(1.0) + chromaticities(*SRGB[:4], *SRGB[2:4], *SRGB[2:4]),
    "code points of sRGB": code_points(1, 13, 0, 1),
    "code points of Display P3": code_points(12, 13, 0, 1),
    "code points of linear light": code_points(1, 8, 0, 1),
    "code points of television": code_points(9, 1, 0, 1),
    "code points of film": code_points(8, 4, 0, 1),
    "code points, gamma 2.8": code_points(1, 5, 0, 1),
    "code points of a narrow range": code_points(12, 13, 0, 0),
    "code points, unknown": code_points(2, 2, 0, 1) + gamma(1.0),
}
FILES = {f"PNG in colour, {name}": png(COLOURS, RGB, extra=extra) for name, extra in COLOUR_CHUNKS.items()}
FILES |= {f"PNG in grey, {name}": png(GREYS, GREY, extra=extra) for name, extra in COLOUR_CHUNKS.items()}


def key(*values: int) -> bytes:
    return chunk(b"tRNS", shorts(*values))


PLTE = chunk(b"PLTE", COLOURS.tobytes())
INDICES = np.arange(6, dtype=np.uint8).reshape(2, 3)
WITH_ALPHA = np.dstack([COLOURS, [[0, 255, 128], [255, 1, 200]]]).astype(np.uint8)
FILES |= {
    "PNG of 1 bit, key": packed_png([b"\x40"], 4, 1, GREY, extra=key(1)),
    "PNG of 2 bits": packed_png([b"\x1b"], 4, 2, GREY),
    "PNG of 2 bits, key": packed_png([b"\x1b"], 4, 2, GREY, extra=key(1)),
    "PNG of 2 bits, key beyond them": packed_png([b"\x1b"], 4, 2, GREY, extra=key(5)),
    "PNG of 4 bits, key": packed_png([b"\x0b\xbf"], 4, 4, GREY, extra=key(11)),
    "PNG of 8 bits, key": png(GREYS, GREY, extra=key(50)),
    "PNG of 8 bits, key beyond them": png(GREYS, GREY, extra=key(256 + 50)),
    "PNG of 8 bits, key, gamma 1": png(GREYS, GREY, extra=key(50) + gamma(1.0)),
    "PNG of 8 bits, two keys": png(GREYS, GREY, extra=key(50) + key(128)),
    "PNG of 8 bits, long key": png(GREYS, GREY, extra=key(50, 0)),
    "PNG of 8 bits, short key": png(GREYS, GREY, extra=chunk(b"tRNS", b"\0")),
    "PNG of 8 bits, key, wrong checksum": png(GREYS, GREY, extra=chunk(b"tRNS", shorts(50), 0)),
    "PNG of 8 bits, key after the pixels": png(GREYS, GREY, tail=key(50)),
    "PNG of 8 bits in colour, key": png(COLOURS, RGB, extra=key(200, 40, 40)),
    "PNG of 16 bits": png(GREYS.astype(np.uint16) * 257, GREY),
    "PNG of 16 bits, key": png(DEEP[..., 0], GREY, extra=key(300)),
    "PNG of 16 bits, gamma 1": png(np.array([[0, 200, 300, 5000, 65_535]], np.uint16), GREY, extra=gamma(1.0)),
    "PNG of 16 bits in colour": png(DEEP, RGB),
    "PNG of 16 bits in colour, key": png(DEEP, RGB, extra=key(*map(int, DEEP[0, 0]))),
    "PNG of 16 bits in colour, gamma 1": png(DEEP, RGB, extra=gamma(1.0)),
    "PNG with a palette": png(INDICES, PALETTE, extra=PLTE),
    "PNG with a palette and alpha": png(INDICES, PALETTE, extra=PLTE + chunk(b"tRNS", bytes([0, 128, 255]))),
    "PNG with alpha before its palette": png(INDICES, PALETTE, extra=chunk(b"tRNS", b"\0") + PLTE),
    "PNG with a palette and a profile": png(INDICES, PALETTE, extra=embedded(swapped_profile()) + PLTE),
    "PNG with alpha": png(WITH_ALPHA, RGBA),
    "PNG with alpha and a profile": png(WITH_ALPHA, RGBA, extra=embedded(rgb_profile(name="", **P3))),
    "PNG of 16 bits with alpha": png(WITH_ALPHA.astype(np.uint16) * 257, RGBA),
    "PNG in grey with alpha": png(WITH_ALPHA[..., 2:], GREY_ALPHA),
    "PNG with orientation": png(COLOURS, RGB, extra=chunk(b"eXIf", exif(6))),
    "PNG with orientation after the pixels": png(COLOURS, RGB, tail=chunk(b"eXIf", exif(6))),
    "PNG without end": png(COLOURS, RGB)[:-12],
}

PHOTO = encoded(Image.fromarray(BLOCKS), "JPEG", quality=95)
EXIF = {f"orientation {number}": segment(0xE1, b"Exif\0\0" + exif(number)) for number in range(10)}
EXIF |= {
    "big-endian": segment(0xE1, b"Exif\0\0" + exif(6, ">")),
    "two blocks": segment(0xE1, b"Exif\0\0" + exif(3)) + segment(0xE1, b"Exif\0\0" + exif(6)),
    "cut short": segment(0xE1, b"Exif\0\0" + exif(6)[:-6]),
    "of nothing": segment(0xE1, b"Exif\0\0nothing"),
}
PROFILE = rgb_profile(name="", **P3)
PARTS = [segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 2]) + part) for n, part in ((1, PROFILE[:300]), (2, PROFILE[300:]))]
CMYK = encoded(Image.new("CMYK", (8, 8), (20, 100, 200, 30)), "JPEG", quality=95)
ADOBE = CMYK.index(b"\xff\xee\0\x0eAdobe")
FILES |= {f"JPEG, {name}": with_segments(PHOTO, block) for name, block in EXIF.items()}
FILES |= {
    "JPEG, progressive": encoded(Image.fromarray(BLOCKS), "JPEG", quality=95, progressive=True),
    "JPEG, profile in two parts": with_segments(PHOTO, *PARTS[::-1]),
    "JPEG, half a profile": with_segments(PHOTO, PARTS[0]),
    "JPEG, grey": encoded(Image.fromarray(BLOCKS[..., 0]), "JPEG", quality=95),
    "JPEG, CMYK": CMYK,
    "JPEG, CMYK that Adobe did not write": CMYK[:ADOBE] + CMYK[ADOBE + 16 :],
    "JPEG, YCCK": CMYK[: ADOBE + 15] + b"\2" + CMYK[ADOBE + 16 :],
    "JPEG, RGB that Adobe wrote": PHOTO[:2] + segment(0xEE, b"Adobe\0d\0\0\0\0\0") + PHOTO[20:],
}

LOSSLESS = encoded(Image.fromarray(WITH_ALPHA), "WEBP", lossless=True)
FILES |= {
    "WebP with alpha": LOSSLESS,
    "WebP with alpha, lossy": encoded(Image.fromarray(WITH_ALPHA.repeat(8, 0).repeat(8, 1)), "WEBP", quality=95),
    "WebP with a profile": encoded(Image.fromarray(COLOURS), "WEBP", lossless=True, icc_profile=PROFILE),
    "WebP with orientation": riff(
        webp_chunk(b"VP8X", struct.pack("<I", 8) + bytes([2, 0, 0, 1, 0, 0])),
        encoded(Image.fromarray(COLOURS), "WEBP", lossless=True)[12:],
        webp_chunk(b"EXIF", exif(6)),
    ),
}


ROOM = Image.fromarray(np.random.default_rng(0).integers(0, 200, (12, 16, 3), dtype=np.uint8)).resize((160, 120))
UNCUT = {
    "JPEG": encoded(ROOM, "JPEG", quality=90),
    "JPEG without subsampling": encoded(ROOM, "JPEG", quality=90, subsampling=0),
    "JPEG, progressive": encoded(ROOM, "JPEG", quality=90, progressive=True),
    "JPEG in grey": encoded(ROOM.convert("L"), "JPEG", quality=90),
    "JPEG in CMYK": encoded(ROOM.convert("CMYK"), "JPEG", quality=90),
    "PNG": encoded(ROOM),
    "PNG with a palette": encoded(ROOM.convert("P")),
    "PNG with a profile": encoded(ROOM, icc_profile=PROFILE),
    "BMP": encoded(ROOM, "BMP"),
    "GIF": encoded(ROOM.convert("P"), "GIF", interlace=False),
    "WebP": encoded(ROOM, "WEBP", quality=90),
}
CUTS = {f"{name}, {share}": data[: int(share * len(data))]
        for name, data in UNCUT.items() for share in (0.02, 0.3, 0.6, 0.9, 0.98)}  # fmt: skip
# Pillow's decoder of GIF keeps the last few rows to itself. Of a progressive JPEG 4 % of the pixels differed.
UNLIKE = {"GIF": 4 / 120, "JPEG, progressive": 0.05}  # the part of the pixels that may differ


@pytest.fixture(scope="module")
def shown(browser) -> dict[str, np.ndarray]:
    """What Chromium draws of every file over white, [H,W,3]."""
    kinds = {"PNG": "png", "JPEG": "jpeg", "WebP": "webp"}
    page = browser.new_page()
    urls = [f"data:image/{kinds[name.replace(',', '').split()[0]]};base64,{base64.b64encode(data).decode()}"
            for name, data in FILES.items()]  # fmt: skip
    drawn = page.evaluate(DRAW, urls)
    page.close()
    shapes = {name: (height, width, 4) for name, (height, width, _) in zip(FILES, drawn)}
    pixels = {name: np.frombuffer(base64.b64decode(data), np.uint8) for name, (_, _, data) in zip(FILES, drawn)}
    return {name: pixels[name].reshape(shape)[..., :3].astype(int) for name, shape in shapes.items()}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_chromium_shows_it(shown, name):
    here = np.asarray(read_image(FILES[name])).astype(int)
    assert here.shape == shown[name].shape
    assert np.abs(here - shown[name]).max() <= TOLERANCE


@pytest.fixture(scope="module")
def shown_of_cuts(browser) -> dict[str, np.ndarray | None]:
    """What Chromium draws over white of every file that is cut short, [H,W,3]; None where it draws nothing."""
    page, drawn = browser.new_page(), {}
    for name, data in CUTS.items():
        url = f"data:image/{name.split(',')[0].split()[0].lower()};base64,{base64.b64encode(data).decode()}"
        (found,) = page.evaluate(f"(urls) => ({DRAW})(urls).catch(() => [null])", [url])
        drawn[name] = found and np.frombuffer(base64.b64decode(found[2]), np.uint8).reshape(*found[:2], 4)[..., :3]
    page.close()
    return drawn


@pytest.mark.parametrize("name", CUTS)
def test_a_file_that_is_cut_short_shows_what_chromium_shows(shown_of_cuts, name):
    there, notes = shown_of_cuts[name], []
    try:
        here = np.asarray(read_image(CUTS[name], notes=notes)).astype(int)
    except PictureError:
        assert there is None or (there == 255).all(-1).mean() > 0.9
        return  # as errors, and what shows next to nothing, are
    assert there is not None and here.shape == there.shape
    unlike = (np.abs(here - there) > TOLERANCE).any(-1).mean()
    assert unlike <= UNLIKE.get(name.rsplit(", ", 1)[0], 0)


def test_of_files_that_are_cut_short_most_show_a_part(shown_of_cuts):
    """Otherwise the test above would compare nothing."""
    parts = [there for there in shown_of_cuts.values() if there is not None and 0 < (there == 255).all(-1).mean() < 0.9]
    assert len(parts) > len(UNCUT)


def test_chromium_tells_colours_and_orientations_apart(shown):
    """Otherwise the test above would compare nothing."""
    assert np.abs(shown["PNG in colour, gamma 1"] - shown["PNG in colour, nothing"]).max() > 50
    assert shown["JPEG, orientation 6"].shape != shown["JPEG, orientation 1"].shape
