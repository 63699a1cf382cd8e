"""Files that are cut short: what is there is as in the whole file, what is missing is white, and it is said."""

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core import PictureError, read_image
from core.pictures.limits import PUBLIC
from core.pictures.read import CUT_SHORT, TRANSPARENT
from core.pictures.reader import DirectReader, IsolatedReader
from tests.picture_files import chunk, encoded, exif, segment, with_segments

HEIGHT, WIDTH = 120, 160
NOISY = np.add(
    np.linspace(20, 180, WIDTH)[None, :, None], np.random.default_rng(0).integers(-20, 60, (HEIGHT, WIDTH, 3))
).astype(np.uint8)  # no row is white, nor like another
PICTURE = Image.fromarray(NOISY)
FILES = {
    "JPEG": encoded(PICTURE, "JPEG", quality=90),
    "JPEG without subsampling": encoded(PICTURE, "JPEG", quality=90, subsampling=0),
    "JPEG in grey": encoded(PICTURE.convert("L"), "JPEG", quality=90),
    "JPEG in CMYK": encoded(PICTURE.convert("CMYK"), "JPEG", quality=90),
    "PNG": encoded(PICTURE),
    "PNG with a palette": encoded(PICTURE.convert("P")),
    "PNG with alpha": encoded(Image.fromarray(np.dstack([NOISY, NOISY[..., 0]]))),
    "PNG of 16 bits": encoded(Image.fromarray(NOISY[..., 0].astype(np.uint16) * 257)),
    "BMP": encoded(PICTURE, "BMP"),
    "BMP with a palette": encoded(PICTURE.convert("P"), "BMP"),
    "GIF": encoded(PICTURE.convert("P"), "GIF", interlace=False),
}
WHOLE = {name: np.asarray(read_image(data)).astype(int) for name, data in FILES.items()}
PROGRESSIVE = encoded(PICTURE, "JPEG", quality=90, progressive=True)


def read(data: bytes, **options) -> tuple[np.ndarray, list[str]]:
    notes: list[str] = []
    return np.asarray(read_image(data, notes=notes, **options)).astype(int), notes


def cut(data: bytes, share: float) -> bytes:
    return data[: int(share * len(data))]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.35, 0.6, 0.95])
def test_what_is_there_is_as_in_the_whole_file_and_the_rest_is_white(name, share):
    got, notes = read(cut(FILES[name], share))
    assert notes == [CUT_SHORT] and got.shape == WHOLE[name].shape
    there = (got == WHOLE[name]).all(-1)
    assert (got[~there] == 255).all()
    rows = there.all(1)
    assert abs(rows.mean() - share) < 0.25
    begin = ~rows if name.startswith("BMP") else rows  # a BMP begins with its last row
    assert (np.diff(begin.astype(int)) <= 0).all()


@pytest.mark.parametrize("name", FILES)
def test_without_notes_a_file_that_is_cut_short_is_refused(name):
    with pytest.raises(PictureError, match="damaged or cut short"):
        read_image(cut(FILES[name], 0.6))


@pytest.mark.parametrize("name", [*FILES, "progressive"])
def test_a_file_that_holds_next_to_nothing_is_refused(name):
    data = PROGRESSIVE if name == "progressive" else FILES[name]
    with pytest.raises(PictureError, match=r"damaged or cut short|not a picture"):
        read(cut(data, 0.05))


@pytest.mark.parametrize("kind", ["WEBP", "TIFF", "PPM"])
def test_formats_of_which_browsers_show_no_part_are_refused(kind):
    with pytest.raises(PictureError):
        read(cut(encoded(PICTURE, kind), 0.6))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_progressive_jpeg_has_no_gaps_and_gets_finer(share):
    whole, (got, notes) = np.asarray(read_image(PROGRESSIVE)).astype(int), read(cut(PROGRESSIVE, share))
    finer, _ = read(cut(PROGRESSIVE, share + 0.09))
    assert notes == [CUT_SHORT] and (got != 255).all(-1).mean() > 0.9
    assert np.abs(finer - whole).mean() < np.abs(got - whole).mean() < 25


@given(st.integers(3, len(PROGRESSIVE) * 3 // 4), st.sampled_from([PROGRESSIVE, *list(FILES.values())[:3]]))
def test_a_jpeg_that_lacks_pixels_is_never_taken_for_whole(missing, data):
    whole, (got, notes) = np.asarray(read_image(data)), read(data[: max(len(data) - missing, len(data) // 3)])
    assert notes or np.array_equal(got, whole)


def test_a_file_that_lacks_its_end_and_no_pixels_is_whole():
    for data in (FILES["JPEG"][:-2], FILES["JPEG"][:-1], PROGRESSIVE[:-2], FILES["PNG"][:-12]):
        assert read(data)[1] == []


def test_a_file_that_is_damaged_otherwise_is_refused():
    damaged = bytearray(FILES["PNG"])
    damaged[len(damaged) // 2 : len(damaged) // 2 + 40] = bytes(40)
    jpeg = FILES["JPEG"][: len(FILES["JPEG"]) // 2] + b"\xff\xd9"
    for data in (bytes(damaged), b"BM" + bytes(60)):
        with pytest.raises(PictureError):
            read(data)
    assert read(jpeg)[1] == []  # its end is there: what a decoder makes of it


def test_the_white_part_is_turned_with_the_picture():
    turned = with_segments(FILES["JPEG"], segment(0xE1, b"Exif\0\0" + exif(6)))
    got, notes = read(cut(turned, 0.6))
    assert got.shape == (WIDTH, HEIGHT, 3) and notes == [CUT_SHORT]
    assert (got[:, 0] == 255).all() and (got[:, -1] != 255).any()


def test_a_part_may_come_smaller():
    large = encoded(PICTURE.resize((1600, 1200)), "JPEG", quality=90)
    got, notes = read(cut(large, 0.6), at_least=256)
    assert got.shape == (300, 400, 3) and notes == [CUT_SHORT]
    assert (got[-20:] == 255).all() and (got[:100] != 255).any((1, 2)).all()


# ---- interlaced ----
ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def interlaced(pixels: np.ndarray) -> tuple[bytes, list[int]]:
    """An interlaced PNG without compression, and where each pass ends in it."""
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 1))
    lines, ends = b"", []
    for top, left, down, right in ADAM7:
        lines += b"".join(b"\0" + row.tobytes() for row in pixels[top::down, left::right])
        ends.append(len(lines))
    packed = zlib.compress(lines, 0)
    ends = [len(head) + 8 + 2 + end + 5 * (1 + end // 65535) for end in ends]
    return head + chunk(b"IDAT", packed) + chunk(b"IEND", b""), ends


@pytest.mark.parametrize("passes", [1, 2, 3, 4, 5, 6])
def test_an_interlaced_png_shows_blocks_until_its_later_passes_come(passes):
    data, ends = interlaced(NOISY)
    got, notes = read(data[: ends[passes - 1]])
    rows, columns = ((8, 8), (8, 4), (4, 4), (4, 2), (2, 2), (2, 1))[passes - 1]
    blocks = NOISY[::rows, ::columns].repeat(rows, 0).repeat(columns, 1)[:HEIGHT, :WIDTH]
    assert notes == [CUT_SHORT] and (got != blocks).any(-1).sum() <= rows * columns  # the last pixel may be late


def test_an_interlaced_png_is_white_where_not_even_a_block_is_there():
    data, ends = interlaced(NOISY)
    got, _ = read(data[: ends[0] - (ends[0] - 41) // 2])
    assert (got[-40:] == 255).all() and (got[:40] == NOISY[:40:8, ::8].repeat(8, 0).repeat(8, 1)).all()


@pytest.mark.parametrize("mode", ["P", "L"])
def test_an_interlaced_gif_shows_rows_until_its_later_ones_come(mode):
    data = encoded(PICTURE.convert(mode), "GIF")
    whole, (got, notes) = np.asarray(read_image(data)), read(cut(data, 0.3))
    assert notes == [CUT_SHORT] and np.array_equal(got[::8], whole[::8])
    assert np.array_equal(got[101:104], got[[100] * 3]) and (got != 255).any(-1).mean() > 0.9


# ---- processes of their own ----
@pytest.fixture(scope="module")
def strangers() -> IsolatedReader:
    return IsolatedReader(PUBLIC, processes=1)


def test_a_process_of_its_own_reads_and_tells_the_same(strangers):
    data, told, directly = cut(FILES["JPEG"], 0.6), [], []
    assert np.array_equal(strangers.image(data, notes=told), DirectReader().image(data, notes=directly))
    assert told == directly == [CUT_SHORT]
    assert strangers.image(FILES["JPEG"], notes=told).shape == (HEIGHT, WIDTH, 3) and told == [CUT_SHORT]
    with pytest.raises(PictureError, match="damaged or cut short"):
        strangers.image(data)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("alpha", [0, 254, 255])
def test_what_is_transparent_is_told_by_whoever_reads_it(strangers, kind, alpha):
    """The file is larger than what a reader of strangers' files decodes itself."""
    layer = np.full((1100, 40, 4), 255, np.uint8)
    layer[:, :, :3] = (200, 40, 40)
    layer[1000:, 30:, 3] = alpha
    data = encoded(Image.fromarray(layer), kind, **({} if kind == "PNG" else {"lossless": True, "exact": True}))
    for reader in (DirectReader(), strangers):
        told: list[str] = []
        pixels = reader.image(data, notes=told)
        assert told == ([TRANSPARENT] if alpha < 255 else [])
        assert tuple(pixels[-1, -1]) == {0: (255, 255, 255), 254: (200, 41, 41), 255: (200, 40, 40)}[alpha]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the memory of a process")
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_half_of_the_largest_picture_needs_less_than_the_memory_for_it(kind):
    reader, used = IsolatedReader(PUBLIC, processes=1), []
    for side in (1100, 2200):
        noise = np.random.default_rng(0).integers(0, 256, (side, side, 4 if kind == "PNG" else 3), np.uint8)
        data, notes = cut(encoded(Image.fromarray(noise), kind, compress_level=1), 0.6), []
        assert reader.image(data, notes=notes).shape == (side, side, 3) and notes
        (process,) = [each for each in reader._free.queue if each]
        status = Path(f"/proc/{process._process.pid}/status").read_text()
        used.append(int(status.split("VmPeak:")[1].split()[0]) * 1024)
    each = (used[1] - used[0]) / (2200**2 - 1100**2)
    assert used[1] + each * (PUBLIC.pixels - 2200**2) < PUBLIC.memory
