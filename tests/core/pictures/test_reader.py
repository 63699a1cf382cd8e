"""What strangers send is decoded in a process of its own: a file made to do harm costs a sentence and nothing else."""

import os
import struct
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import PictureError
from core.pictures import process
from core.pictures.limits import LOCAL, PUBLIC
from core.pictures.process import DecodingProcess
from core.pictures.reader import DirectReader, IsolatedReader
from tests import tiny
from tests.picture_files import chunk, encoded, exif, png, promising_png, segment, shorts, tiff, with_segments

PHOTO = encoded(Image.fromarray(tiny.picture(0, 300, 400)), "JPEG", quality=95)
WIDE = png(np.zeros((2, 1030), np.uint8), 0)
LAYER = np.dstack([tiny.picture(1, 20, 1100), np.arange(20 * 1100, dtype=np.uint8).reshape(20, 1100)])
MEGABYTE = 1_000_000


def deep_png(width: int, height: int, depth: int, colour_type: int, extra: bytes = b"") -> bytes:
    """A black PNG of that size in a small file."""
    channels = {0: 1, 2: 3, 6: 4}[colour_type]
    packer, line = zlib.compressobj(9), bytes(1 + width * channels * depth // 8)
    pixels = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)) + extra
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def strangers() -> IsolatedReader:
    """One process for all tests of this module that leave it as it was."""
    return IsolatedReader(PUBLIC, processes=1)


def process_of(reader: IsolatedReader) -> DecodingProcess | None:
    return reader._free.queue[-1]


def memory_of(reader: IsolatedReader, what: str) -> int:
    """Bytes of the reader's process: VmHWM, the most held, VmPeak, the most reserved; 0 where nothing tells."""
    found = process_of(reader)
    status = Path(f"/proc/{found._process.pid}/status") if found else Path()
    lines = status.read_text().splitlines() if status.is_file() else []
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(what))


def test_both_readers_give_the_same_pixels(strangers):
    direct, layer = DirectReader(PUBLIC), encoded(Image.fromarray(LAYER))
    assert np.array_equal(strangers.image(PHOTO), direct.image(PHOTO))
    assert np.array_equal(strangers.image(PHOTO, at_least=60), direct.image(PHOTO, at_least=60))
    assert np.array_equal(strangers.image(layer, background=(0, 9, 0)), direct.image(layer, background=(0, 9, 0)))
    assert np.array_equal(strangers.layer(layer), LAYER)
    keyed = png(np.arange(2200 * 3, dtype=np.uint16).reshape(2, 1100, 3), 2, extra=chunk(b"tRNS", shorts(3, 4, 5)))
    assert np.array_equal(strangers.layer(keyed), direct.layer(keyed))
    turned = with_segments(PHOTO, segment(0xE1, b"Exif\0\0" + exif(6)))
    assert np.array_equal(strangers.image(turned), np.rot90(direct.image(PHOTO), -1))
    assert strangers.image(PHOTO).flags.writeable


def test_a_path_is_read_as_its_bytes(strangers, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(PHOTO)
    assert np.array_equal(strangers.image(path), strangers.image(PHOTO))
    with pytest.raises(PictureError, match="There is no picture file"):
        strangers.image(tmp_path / "none.jpg")


def test_a_painting_is_decoded_here_and_what_only_looks_like_one_is_not(monkeypatch):
    reader = IsolatedReader(PUBLIC)
    painting = tiny.picture(0, 256, 256)
    assert np.array_equal(reader.image(encoded(Image.fromarray(painting))), painting)
    assert process_of(reader) is None
    profiled = png(painting, 2, extra=chunk(b"iCCP", b""))
    for large in (promising_png(1025, 1), encoded(Image.fromarray(painting)) + bytes(MEGABYTE), PHOTO, profiled):
        monkeypatch.setattr("core.pictures.reader.DecodingProcess", lambda limits: pytest.fail("a process"))
        with pytest.raises(pytest.fail.Exception, match="a process"):
            reader.image(large)


BOMBS = {
    "119 megapixels": (lambda: promising_png(10_908, 10_909), "up to 40 million"),
    "one pixel wide": (lambda: promising_png(1, 119_000_000), "up to 40 million"),
    "a long line": (lambda: promising_png(12_001, 1), "up to 12000 a side"),
    "two million chunks": (lambda: WIDE[:33] + chunk(b"tEXt", b"") * 2_000_000 + WIDE[33:], "10000 pieces"),
    "two million segments": (lambda: with_segments(PHOTO, segment(0xE5, b"") * 2_000_000), "10000 pieces"),
    "many scans": (lambda: PHOTO[:-2] + b"\xff\xda" * 200 + b"\xff\xd9", "100 scans"),
    "floats": (lambda: tiff(np.zeros((300, 400), np.float32)), "TIFF pictures cannot be opened here"),
    "numbers as text": (lambda: b"P3 4000 4000 255 " + b"7 " * MEGABYTE, "PPM pictures cannot be opened here"),
    "an animation": (lambda: b"GIF89a" + bytes(2000), "GIF pictures cannot be opened here"),
    "no picture": (lambda: b"hello" * 1000, "not a picture"),
    "nothing but a header": (lambda: promising_png(6000, 6000), "damaged or cut short"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_a_sentence(strangers, name):
    make, words = BOMBS[name]
    with pytest.raises(PictureError, match=words) as told:
        strangers.image(make())
    assert str(told.value)[0].isupper() and str(told.value).endswith((".", "work."))
    assert strangers.image(PHOTO).shape == (300, 400, 3)
    assert process_of(strangers).alive and memory_of(strangers, "VmHWM") < 300 * MEGABYTE


@pytest.mark.parametrize(
    ("depth", "colour_type", "extra"), [(16, 6, b""), (16, 2, chunk(b"tRNS", bytes(6)))], ids=["alpha", "key"]
)
def test_the_largest_picture_that_is_let_in_needs_less_than_its_memory(depth, colour_type, extra):
    reader = IsolatedReader(PUBLIC, processes=1)
    few, many = (deep_png(side, side, depth, colour_type, extra) for side in (1100, 2200))
    used = []
    for data in (few, many):
        reader.image(data)
        used.append(memory_of(reader, "VmPeak"))
    each = (used[1] - used[0]) / (2200**2 - 1100**2)
    assert used[1] + each * (PUBLIC.pixels - 2200**2) < PUBLIC.memory


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the memory of a process")
def test_a_picture_beyond_the_memory_costs_a_sentence_and_the_next_one_is_read():
    reader = IsolatedReader(replace(PUBLIC, memory=300 * MEGABYTE), processes=1)
    with pytest.raises(PictureError, match="A smaller copy works"):
        reader.image(deep_png(5000, 4000, 8, 6))
    assert reader.image(PHOTO).shape == (300, 400, 3)


def test_a_picture_beyond_the_time_costs_a_sentence_and_the_next_one_is_read():
    reader = IsolatedReader(replace(LOCAL, seconds=0.01), processes=1)
    with pytest.raises(PictureError, match="takes too long to open"):
        reader.image(PHOTO)
    assert not process_of(reader).alive
    reader.limits = LOCAL
    assert reader.image(PHOTO).shape == (300, 400, 3)


def test_a_process_that_was_killed_is_replaced(strangers):
    reader = IsolatedReader(PUBLIC, processes=1)
    reader.image(PHOTO)
    process_of(reader)._process.kill()
    process_of(reader)._process.wait()
    assert reader.image(PHOTO).shape == (300, 400, 3)


@pytest.mark.parametrize(
    "answer",
    [
        "b''",
        "b'rubbish\\n'",
        "b'[]\\n'",
        "b'{}\\n'",
        "b'{\"shape\": [4, 4, 3]}\\n12'",
        "b'{\"shape\": [4, 4, 4]}\\n' + bytes(64)",
        "b'{\"shape\": [400000, 400000, 3]}\\n' + bytes(64)",
        "b'{\"shape\": [-4, -4, 3]}\\n' + bytes(64)",
        'b\'{"shape": "none"}\\n\' + bytes(64)',
        "b'7' * 100_000",
    ],
)
def test_an_answer_that_is_none_costs_a_sentence(monkeypatch, answer):
    code = f"import sys; sys.stdin.buffer.readline(); sys.stdout.buffer.write({answer}); sys.stdout.flush()"
    monkeypatch.setattr(process, "START", code)
    decoder = DecodingProcess(PUBLIC)
    with pytest.raises(PictureError, match="A smaller copy works"):
        decoder.decode(b"file", {})
    assert not decoder.alive


def test_what_is_left_of_an_answer_reaches_nobody_else(monkeypatch):
    reader = IsolatedReader(PUBLIC, processes=1)
    other = encoded(Image.fromarray(tiny.picture(5, 300, 400)), "JPEG")
    with monkeypatch.context() as full:
        full.setattr(process.np, "empty", lambda *shape: exec("raise MemoryError"))
        with pytest.raises(MemoryError):
            reader.image(other)
    assert np.array_equal(reader.image(PHOTO), DirectReader().image(PHOTO))


def test_several_threads_share_the_processes():
    reader = IsolatedReader(PUBLIC, processes=2)
    photos = [encoded(Image.fromarray(tiny.picture(seed, 300, 400)), "JPEG") for seed in range(8)]
    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(reader.image, photos))
    assert all(np.array_equal(pixels, DirectReader().image(photo)) for pixels, photo in zip(read, photos))
    assert reader._free.qsize() == 2


def test_no_process_can_be_started_is_told_and_tried_again(monkeypatch):
    reader = IsolatedReader(PUBLIC, processes=1)
    with monkeypatch.context() as missing:
        missing.setattr(sys, "executable", os.devnull)
        with pytest.raises(PictureError, match="Try once more"):
            reader.image(PHOTO)
    assert reader.image(PHOTO).shape == (300, 400, 3)


def test_what_the_owner_opens_is_read_whatever_its_kind():
    reader = IsolatedReader(LOCAL, processes=1)
    assert reader.image(tiff(np.zeros((300, 400), np.float32))).shape == (300, 400, 3)
    assert reader.image(b"P3 20 20 255 " + b"7 " * 1200).max() == 7
