"""Records inside PNG files: what was written is read, and anything else is no record."""

import io
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import core
from app.edits.record import FORMAT, KEY, MAX_TEXT, read_record, record_text

PIXELS = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


def png_with(text: str) -> bytes:
    return core.png_bytes(PIXELS, texts={KEY: text})


WORDS = st.text(st.sampled_from('ab "\\\n\0é€🛏'), max_size=8)


@given(st.dictionaries(st.sampled_from(["task", "model", "look", "seed"]), WORDS | st.integers() | st.none()))
def test_a_record_comes_back_and_the_pixels_are_untouched(settings):
    png = png_with(record_text(settings, ["data:image/png;base64,AAAA"]))
    assert read_record(png) == {"format": FORMAT, "strokes": "data:image/png;base64,AAAA", **settings}
    assert (np.asarray(Image.open(io.BytesIO(png))) == PIXELS).all()


def test_other_programs_can_read_it():
    assert json.loads(Image.open(io.BytesIO(png_with(record_text({"seed": 7}, [])))).text[KEY])["seed"] == 7


def test_the_record_takes_the_largest_strokes_that_fit_or_none():
    large, small = "x" * MAX_TEXT, "y" * 100
    assert json.loads(record_text({}, [large, small]))["strokes"] == small
    assert "strokes" not in json.loads(record_text({}, [large]))


@given(st.binary(max_size=400))
def test_any_bytes_give_a_record_or_none(data):
    assert read_record(data) is None
    assert read_record(png_with("{}")[:8] + data) is None


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_damaged_record_is_none_or_the_same(at, flip):
    """A flipped bit is caught by the chunk's checksum, unless it hit what stands before or behind the chunk."""
    whole = png_with(record_text({"seed": 7}, []))
    damaged = bytearray(whole)
    damaged[at % len(whole)] ^= flip
    assert read_record(bytes(damaged)) in (None, read_record(whole))


def test_other_chunks_are_no_record():
    strange = ['{"format": 1, "seed": NaN}', '{"format": 1, "look": "\\ud800"}', '{"format": 1, "format": 1}']
    deep = ["{" * 50_000, "[" * 50_000]
    for text in (*strange, *deep, "", "[]", "7", '{"format": 2}', '{"format": 1}' + " " * MAX_TEXT):
        assert read_record(png_with(text)) is None
    assert read_record(core.png_bytes(PIXELS)) is None
