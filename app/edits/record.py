"""The record: a picture's settings as JSON inside its PNG file, in one iTXt chunk with the key "onestroke".

Layout of the chunk (PNG specification, 11.3.3.4): key, zero, compression flag 0, method 0, empty language, empty
translated key, UTF-8 text. `core.png_bytes(pixels, texts={KEY: record_text(...)})` writes it.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from core.json_values import read_json
from core.pictures.png import SIGNATURE

KEY = "onestroke"
FORMAT = 1
MAX_TEXT = 64 * 1024  # bytes of JSON, when it is written and when it is read
MAX_CHUNKS = 1000  # of a file are read, not more
PREFIX = KEY.encode() + b"\0\0\0\0\0"


def record_text(settings: dict[str, Any], strokes: Iterable[str]) -> str:
    """The record as JSON, of at most MAX_TEXT bytes.

    strokes: data URLs of the same strokes, from the largest to the smallest; the first that fits is put in. A painting
    that came from a photograph may not fit. If none fits, the record has no strokes. Raises ValueError if the settings
    alone do not fit.
    """
    for url in chain(strokes, [None]):  # the smaller ones are made when they are needed
        record = {"format": FORMAT, **settings} | ({"strokes": url} if url else {})
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) <= MAX_TEXT:
            return text
    raise ValueError(f"These settings alone have more than {MAX_TEXT} bytes.")


def read_record(png: bytes) -> dict[str, Any] | None:
    """The record in an untrusted PNG file; None if the file has none, or one that is damaged or of another format."""
    for kind, body in _chunks(png):
        if kind == b"iTXt" and body.startswith(PREFIX):
            return _parse(body[len(PREFIX) :])
    return None


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, body) of each chunk, in order, up to the first one that is cut short or has a wrong checksum."""
    if not png.startswith(SIGNATURE):
        return
    at = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        length = int.from_bytes(png[at : at + 4], "big")
        kind, body, check = png[at + 4 : at + 8], png[at + 8 : at + 8 + length], png[at + 8 + length : at + 12 + length]
        if len(check) < 4 or zlib.crc32(kind + body) != int.from_bytes(check, "big"):
            return
        yield kind, body
        at += 12 + length


def _parse(text: bytes) -> dict[str, Any] | None:
    if len(text) > MAX_TEXT:
        return None
    try:
        record = read_json(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) and record.get("format") == FORMAT else None
