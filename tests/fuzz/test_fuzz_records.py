"""The settings inside pictures: whatever is in a file, a record that can be told on, or none."""

import json

from hypothesis import given

import core
from app.edits.record import FORMAT, KEY, MAX_TEXT, read_record, record_text
from tests import tiny
from tests.fuzz.effort import usual
from tests.fuzz.mutations import NOISE, changed_bytes, changed_value

SETTINGS = {"task": "inpaint", "model": "tiny", "seed": 7, "steps": 3, "look": "photo", "square": [0, 0, 8]}
RECORD = json.loads(record_text(SETTINGS, ["data:image/png;base64,AAAA"]))


def png_with(text: str) -> bytes:
    return core.png_bytes(tiny.picture(0), texts={KEY: text})


def check(png: bytes) -> None:
    record = read_record(png)
    if record is not None:
        assert isinstance(record, dict) and record["format"] == FORMAT
        assert (
            len(json.dumps(record, allow_nan=False, ensure_ascii=False).encode()) <= 2 * MAX_TEXT
        )  # numbers may be written longer


@usual
@given(changed_bytes([png_with(json.dumps(RECORD)), png_with("{}"), core.png_bytes(tiny.picture(0))]))
def test_a_changed_file_has_a_record_or_none(data):
    check(data)


@usual
@given(changed_value([RECORD], NOISE))
def test_a_changed_record_is_one_or_none(value):
    check(png_with(json.dumps(value)))


@usual
@given(changed_bytes([json.dumps(RECORD).encode()]))
def test_changed_text_is_a_record_or_none(text):
    check(png_with(text.decode(errors="replace")))
