"""What a page may send: every answer is one that a page knows, and a valid painting gets its picture afterwards."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import core
from app.edits.data_url import to_data_url
from app.edits.registry import EDITS
from app.engine.engine import Engine
from app.store.uploads import Uploads
from app.web.events import Events
from app.web.values import KINDS
from core.pictures.limits import PictureLimits
from tests import tiny
from tests.app.conftest import TinyModel, painting_url
from tests.fuzz.effort import usual
from tests.fuzz.mutations import NOISE, TEXTS, changed_bytes, changed_value
from tests.fuzz.sentences import check_sentence
from tests.picture_files import encoded

PHOTO = tiny.picture(1, 12, 14)
LAYER = encoded(Image.fromarray(np.dstack([PHOTO, PHOTO[..., 0]])))
MASK = encoded(Image.fromarray(255 * (PHOTO[..., 0] > 128).astype(np.uint8)))
PICTURES = [core.png_bytes(PHOTO), core.png_bytes(tiny.picture(2)), LAYER, MASK,
            encoded(Image.fromarray(PHOTO), "JPEG"), encoded(Image.fromarray(PHOTO), "WEBP")]  # fmt: skip
URLS = [to_data_url(data, "png") for data in PICTURES]
BROKEN_URLS = st.builds(to_data_url, changed_bytes(PICTURES), st.sampled_from(["png", "png", "jpeg", "webp", "gif"]))
BOXES = st.lists(st.sampled_from([0, 1, 4, 8, 12, 64, -1, 1.5, 4096, 10**9]), max_size=5)
PHOTO_ID = "the photo"  # stands for the id of an opened one
PIECES = NOISE | BROKEN_URLS | BOXES | st.sampled_from([*EDITS, *KINDS, *URLS, PHOTO_ID, [PHOTO_ID], 3, 40])

SETTINGS = {"look": "photo", "steps": 2, "seed": 7, "schedule": "default"}
VALUE = {"seq": 1, "visitor": "ann", "kind": "refine", "settings": SETTINGS}
PAINTING = VALUE | {"task": "paint", "image": painting_url(), "settings": SETTINGS | {"strength": 0.5}}
OVER = VALUE | {"photo": PHOTO_ID, "name": "a.jpg", "square": None}
VALUES = [
    PAINTING, PAINTING | {"kind": "live"}, PAINTING | {"kind": "variations"},
    OVER | {"task": "inpaint", "mask": URLS[3], "image": URLS[2], "square": [0, 0, 12], "extend": [1, 0, 2, 0],
            "settings": SETTINGS | {"grow": 2, "feather": 1, "strength": 0.5}},
    OVER | {"task": "colorize", "image": URLS[2]},
    OVER | {"task": "super_resolve", "settings": SETTINGS | {"factor": 2}},
    OVER | {"task": "denoise", "settings": SETTINGS | {"sigma": 0.3}},
    OVER | {"task": "deblur", "settings": SETTINGS | {"blur": 1.0}},
    VALUE | {"task": "interpolate", "ends": [URLS[0], None], "settings": SETTINGS | {"frames": 3, "amount": 0.3}},
    VALUE | {"task": "generate", "image": URLS[1], "settings": SETTINGS | {"count": 2, "amount": 0.4}},
    VALUE | {"kind": "batch", "task": "denoise", "photos": [PHOTO_ID, PHOTO_ID], "names": ["a.jpg", "a.jpg"]},
]  # fmt: skip
MESSAGES = [
    {"seq": 1, "visitor": "ann", "task": "paint", "kind": "live"}, {"visitor": "ann", "image": URLS[0], "name": "a"},
    {"visitor": "ann", "image": URLS[4], "batch": True}, {"visitor": "ann", "path": "/etc/passwd"},
    {"visitor": "ann", "result": "x"}, {"image": URLS[0]},
]  # fmt: skip
STATES = {"queue", "step", "done", "stopped", "busy", "error"}
SMALL = PictureLimits(pixels=1_000_000)


@pytest.fixture(scope="module")
def events(tmp_path_factory) -> Iterator[Events]:
    model = TinyModel()
    engine = Engine(model.card, lambda: model)
    engine.start().result()
    yield Events(engine, Uploads(tmp_path_factory.mktemp("uploads")), picture_limits=SMALL)
    engine.close()


async def all_answers(events: Events, value: Any) -> list[dict]:
    """The answers to a value, with the id of a photo in the place of PHOTO_ID."""
    opened = await events.open_photo({"visitor": "ann", "image": URLS[0]})
    async with aclosing(events.answers(placed(value, opened["photo"]))) as answers:
        return [answer async for answer in answers]


def placed(value: Any, photo: str) -> Any:
    if isinstance(value, dict):
        return {key: placed(inner, photo) for key, inner in value.items()}
    if isinstance(value, list):
        return [placed(inner, photo) for inner in value]
    return photo if value == PHOTO_ID else value


def check_answers(answers: list[dict]) -> None:
    assert answers
    for answer in answers:
        assert set(answer) >= {"seq", "kind", "state"} and answer["kind"] in KINDS and answer["state"] in STATES
        json.dumps(answer, allow_nan=False, ensure_ascii=False).encode()
        if answer["state"] == "error":
            check_sentence(answer["error"])
        for told in answer.get("errors", []):
            check_sentence(told["error"])
    assert answers[-1]["state"] in ("done", "stopped", "busy", "error")


def check_reply(reply: dict, *names: str) -> None:
    """One message with these names, or an error in a sentence."""
    json.dumps(reply, allow_nan=False, ensure_ascii=False).encode()
    if "error" in reply:
        check_sentence(reply["error"])
    else:
        assert set(reply) >= set(names)


async def paints(events: Events, visitor: str = "somebody else") -> None:
    """Fails unless a valid painting gets its picture."""
    answer = await events.live(PAINTING | {"kind": "live", "visitor": visitor})
    assert answer["state"] == "done" and answer["src"].startswith("data:image/jpeg")


def test_the_samples_are_what_a_page_sends(events):
    for value in VALUES:
        answers = asyncio.run(all_answers(events, value))
        check_answers(answers)
        assert answers[-1]["state"] == "done", answers[-1]


@usual
@given(changed_value(VALUES, PIECES))
def test_a_changed_value_gets_pictures_or_a_sentence(events, value):
    async def ask() -> None:
        check_answers(await all_answers(events, value))
        await paints(events)

    asyncio.run(ask())


@usual
@given(NOISE | st.dictionaries(st.sampled_from([*OVER, "task", "image", "mask"]), PIECES))
def test_noise_gets_a_sentence(events, value):
    async def ask() -> None:
        check_answers(await all_answers(events, value))
        check_answers([await events.live(value)])
        await paints(events)

    asyncio.run(ask())


@usual
@given(NOISE | changed_value(MESSAGES, NOISE | BROKEN_URLS))
def test_any_message_is_answered(events, message):
    async def send() -> None:
        assert await events.newest(message) is None and await events.cancel(message) is None
        position = await events.queue_position(message)
        assert list(position) == ["queue_position"] and type(position["queue_position"]) is int
        check_reply(await events.open_photo(message), "photo", "width", "height", "view", "grey")
        check_reply(await events.photo_strokes(message), "image")
        await paints(events)

    asyncio.run(send())


@usual
@given(st.data())
def test_what_is_sent_while_a_picture_is_made_does_not_keep_it(events, data):
    """Whatever another visitor's messages say."""
    values = data.draw(st.lists(changed_value(VALUES[:3], PIECES) | NOISE, min_size=1, max_size=3))
    names = data.draw(st.lists(TEXTS, min_size=1, max_size=3))

    async def together() -> None:
        mine = asyncio.ensure_future(paints(events, "me"))
        others = [all_answers(events, value) for value in values]
        notes = [events.cancel({"visitor": name, "seq": 2**53}) for name in names if name != "me"]
        for answers in (await asyncio.gather(*others, *notes))[: len(others)]:
            check_answers(answers)
        await mine

    asyncio.run(together())
