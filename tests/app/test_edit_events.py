"""Edits as the page asks for them: a photo is opened, edited, and downloaded at its full size."""

import asyncio
import base64
import io
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

import core
from app.dataurl import to_data_url
from app.events import Events
from app.record import read_record
from tests.app.test_request import ANYTHING


@pytest.fixture
def events(engine):
    return Events(engine)


def photo(width: int = 50, height: int = 40, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def url(pixels: np.ndarray) -> str:
    return to_data_url(core.png_bytes(pixels), "png")


def hole(width: int = 50, height: int = 40) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[10:20, 15:28] = 255
    return mask


def opened(events, pixels: np.ndarray, **more) -> dict:
    return asyncio.run(events.open_photo({"visitor": "ann", "image": url(pixels), **more}))


def edit(events, value: dict, look=None, steps=3, seed=7, schedule="default", **extra) -> list[dict]:
    async def all_of() -> list[dict]:
        sent = {"seq": 1, "visitor": "ann", **value}
        return [answer async for answer in events.edit(sent, look, steps, seed, schedule, extra)]

    return asyncio.run(all_of())


def downloaded(events, answer: dict) -> np.ndarray:
    result = events.edits.results.find(answer["final"]["result"]).result
    return np.asarray(Image.open(io.BytesIO(result.png())))


def test_a_photo_is_opened_and_shown(events):
    answer = opened(events, photo(), name="kitchen.jpg")
    assert (answer["width"], answer["height"], answer["grey"], answer["name"]) == (50, 40, False, "kitchen.jpg")
    assert Image.open(io.BytesIO(base64.b64decode(answer["view"].split(",")[1]))).size == (50, 40)


def test_an_inpainted_photo_is_bit_exact_outside_the_mask(events):
    pixels, mask = photo(), hole()
    value = {"task": "inpaint", "photo": opened(events, pixels)["photo"], "mask": url(mask)}
    answers = edit(events, value)
    assert [(a["state"], a["step"], a["steps"]) for a in answers] == [("step", 1, 3), ("step", 2, 3), ("done", 3, 3)]
    assert json.loads(json.dumps(answers)) == answers
    result = downloaded(events, answers[-1])
    assert result.shape == pixels.shape
    assert (result[mask == 0] == pixels[mask == 0]).all() and (result[mask != 0] != pixels[mask != 0]).any()
    record = read_record(base64.b64decode(answers[-1]["png"].split(",")[1]))
    assert {"task": "inpaint", "model": "tiny", "seed": 7, "steps": 3}.items() <= record.items()


@given(ANYTHING, ANYTHING)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_nothing_that_is_sent_raises(events, value, setting):
    assert edit(events, {"task": value, "photo": setting})[-1]["state"] in ("done", "error")
    assert "error" in asyncio.run(events.open_photo(value))
    assert "error" in asyncio.run(events.open_photo({"visitor": "ann", "path": value, "image": setting}))
