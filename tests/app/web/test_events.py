"""What the page hears, whatever it sends."""

import asyncio
import base64
import io
import json
import threading
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

import core
from app.edits.data_url import to_data_url
from app.edits.record import read_record
from app.engine.engine import Engine
from app.store.uploads import Uploads
from app.web.events import Events
from app.web.picture_pool import THREADS, PicturePool
from app.web.tickets import BAD_TICKET
from tests.app.conftest import painting_url, until
from tests.app.edits.test_request import ANYTHING


@pytest.fixture
def events(engine, tmp_path):
    return Events(engine, Uploads(tmp_path))


async def everything(answers) -> list[dict]:
    return [answer async for answer in answers]


def asked(painting, kind, look="photo", steps=3, strength=0.5, seed=7):
    """The value of a page that has this painting; what is no painting is sent as it is."""
    settings = {"look": look, "steps": steps, "strength": strength, "seed": seed}
    return {**painting, "kind": kind, "settings": settings} if isinstance(painting, dict) else painting


def live(events, painting, **settings) -> dict:
    return asyncio.run(events.live(asked(painting, "live", **settings)))


def refine(events, painting, **settings) -> list[dict]:
    return asyncio.run(everything(events.answers(asked(painting, "refine", **settings))))


def opened(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))


def test_live_is_one_evaluation_whatever_the_steps(events, painting):
    answer = live(events, painting, steps=4)
    expected = {"seq": 1, "kind": "live", "state": "done", "step": 1, "steps": 1}
    assert expected.items() <= answer.items()
    assert opened(answer["src"]).format == "JPEG" and opened(answer["png"]).size == (8, 8)
    assert 0 < answer["model_ms"] <= answer["ms"]
    assert json.loads(json.dumps(answer)) == answer


def test_refine_answers_after_every_evaluation(events, painting):
    answers = refine(events, painting)
    assert [(a["state"], a["step"], a["steps"]) for a in answers] == [("step", 1, 3), ("step", 2, 3), ("done", 3, 3)]
    assert len({a["png"] for a in answers}) == 3


def test_the_same_painting_and_settings_give_the_same_picture(events, painting):
    assert live(events, painting)["png"] == live(events, painting)["png"]
    assert refine(events, painting)[-1]["png"] == refine(events, painting)[-1]["png"]


def test_variations_are_four_pictures_of_the_seeds_that_follow(events, painting):
    answers = asyncio.run(everything(events.answers(asked(painting, "variations", steps=2))))
    assert [answer["state"] for answer in answers] == ["step", "done"]
    pictures = answers[-1]["pictures"]
    assert [picture["seed"] for picture in pictures] == [8, 9, 10, 11]
    assert refine(events, painting, steps=2, seed=9)[-1]["png"] == pictures[1]["png"]
    assert "src" not in answers[-1]


def test_the_record_holds_what_was_asked(events, painting):
    record = read_record(base64.b64decode(refine(events, painting, look="render")[-1]["png"].split(",")[1]))
    expected = {"task": "paint", "model": "tiny", "seed": 7, "steps": 3, "strength": 0.5, "look": "render"}
    assert expected.items() <= record.items()
    assert record["strokes"] == painting["image"]


def test_a_bad_setting_is_an_answer_for_the_same_seq(events, painting):
    for answer in (live(events, painting, seed=-3), *refine(events, painting, seed=-3)):
        assert (answer["seq"], answer["state"]) == (1, "error")
        assert answer["error"] == "The seed is a whole number from 0 to 2147483647."


@given(ANYTHING, ANYTHING)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_nothing_that_is_sent_raises(events, painting, value, setting):
    for sent in (value, {"seq": 1, "visitor": "ann", "task": "paint", "image": value}, painting):
        assert live(events, sent, look=setting)["state"] in ("done", "error", "busy")
    asyncio.run(events.newest(value))
    asyncio.run(events.cancel(value))
    assert "error" in asyncio.run(events.photo_strokes(value))
    assert "error" in asyncio.run(events.photo_strokes({"image": value}))


def test_what_nobody_foresaw_is_one_calm_sentence_and_a_reference_on_the_terminal(events, painting, capsys):
    def broken(model, request):
        raise ZeroDivisionError("secret detail")
        yield

    events.engine._evaluate = broken
    answer = live(events, painting)
    terminal = capsys.readouterr().err
    assert answer["state"] == "error" and "secret" not in answer["error"]
    assert answer["error"].split()[-1].rstrip(".") in terminal and "ZeroDivisionError" in terminal


def test_a_replaced_call_answers_busy_so_that_the_page_goes_on(events, painting):
    asyncio.run(events.newest({"visitor": "ann", "seq": 2, "task": "paint"}))
    assert live(events, painting) | {"ms": 0} == {
        "seq": 1, "kind": "live", "state": "busy", "step": 0, "steps": 1, "ms": 0, "model_ms": 0, "seed": 7,
    }  # fmt: skip


def test_one_visitor_s_seq_does_not_touch_another_s(events, painting):
    asyncio.run(events.newest({"visitor": "bob", "seq": 99, "task": "paint"}))
    asyncio.run(events.cancel({"visitor": "bob", "seq": 99, "task": "paint"}))
    assert live(events, painting)["state"] == "done"


@pytest.mark.parametrize("seq", [2**53, 2**53 - 1, True, 3.0, -1, "3", None])
def test_one_hostile_seq_ends_nobody_s_visit(events, painting, seq):
    assert live(events, painting)["state"] == "done"
    hostile = {"visitor": "ann", "seq": seq, "task": "paint"}
    for word in (events.newest, events.cancel):
        asyncio.run(word(hostile))
    assert live(events, painting | {"seq": seq})["state"] == "error"
    assert live(events, painting | {"seq": 2})["state"] == "done"


def test_who_waits_for_a_live_picture_can_ask_for_the_place_in_the_line(events, painting):
    async def scene() -> list[int]:
        gate, me, other = events.engine.gate, *({"visitor": name, "seq": 1, "task": "paint"} for name in ("ann", "cem"))
        heard = [await events.queue_position(me)]
        bob = await gate.enter("bob", pictures=gate.width)
        waiting = asyncio.create_task(events.live(asked(painting, "live")))
        await until(lambda: gate.line)
        heard += [await events.queue_position(message) for message in (me, other, None)]
        gate.leave(bob)
        await waiting
        return [each["queue_position"] for each in (*heard, await events.queue_position(me))]

    assert asyncio.run(scene()) == [0, 2, 0, 0, 0]


def test_a_stroke_does_not_wait_for_somebody_s_large_photo(events, painting):
    async def scene():
        decoded = threading.Event()
        large = [asyncio.create_task(events.pool.run("bob", decoded.wait, 30)) for _ in range(2 * THREADS)]
        try:
            value = asked(painting, "live")
            return [await events.live(value), *[answer async for answer in events.answers(asked(painting, "refine"))]]
        finally:
            decoded.set()
            await asyncio.gather(*large)

    answers = asyncio.run(scene())
    assert answers[0]["state"] == answers[-1]["state"] == "done"


def test_addresses_take_turns_at_the_threads_for_pictures():
    """One that sends many photos does not keep out another that sends one."""

    async def scene():
        pool, done = PicturePool(threads=1), []

        async def work(address: str) -> None:
            await pool.run(address, time.sleep, 0.002)
            done.append(address)

        crowd = [asyncio.create_task(work("crowd")) for _ in range(10)]
        await until(lambda: len(done) == 2)
        other = asyncio.create_task(work("home"))
        await asyncio.gather(*crowd, other)
        return done.index("home")

    assert asyncio.run(scene()) <= 4


@pytest.mark.parametrize("kind", [None, "", "edit", "batches", 1, ["live"]])
def test_a_value_of_no_known_kind_is_refused(events, painting, kind):
    (answer,) = asyncio.run(everything(events.answers(asked(painting, kind))))
    assert (answer["seq"], answer["state"], answer["error"]) == (1, "error", BAD_TICKET)


def test_a_photo_becomes_strokes_of_few_colours(events):
    y, x = np.mgrid[0:90, 0:120]
    photo = core.png_bytes(np.stack([2 * x, 2 * y, x + y], 2).astype(np.uint8))
    answer = asyncio.run(events.photo_strokes({"image": to_data_url(photo, "png")}))
    strokes = opened(answer["image"])
    assert strokes.size == (256, 256) and len(strokes.getcolors(10)) <= 6


def test_a_painting_of_another_size_works_too(events):
    painting = {"seq": 1, "visitor": "ann", "task": "paint", "image": painting_url(side=100)}
    assert live(events, painting)["state"] == "done"


def test_a_stroke_during_loading_is_told_so_at_once_and_may_ask_again(tiny_model, tmp_path):
    loaded = threading.Event()
    engine = Engine(tiny_model.card, lambda: loaded.wait(10) and tiny_model, queue_news_s=0.01)
    events = Events(engine, Uploads(tmp_path))
    engine.start()
    painting = {"seq": 1, "visitor": "ann", "task": "paint", "image": painting_url()}
    early = live(events, painting)
    loaded.set()
    late = live(events, painting | {"seq": 2})
    engine.close()
    assert (early["state"], early["queue_position"]) == ("queue", 0)
    assert late["state"] == "done"
