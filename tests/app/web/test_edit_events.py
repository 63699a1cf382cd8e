"""Edits as the page asks for them: a photo is opened, edited, and downloaded at its full size."""

import asyncio
import base64
import io
import json
import time
import zipfile
from contextlib import aclosing

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

import core
from app.edits.data_url import to_data_url
from app.edits.record import read_record
from app.engine.busy import FULL, Busy
from app.store.uploads import Uploads
from app.web.callers import Caller
from app.web.events import Events
from core.pictures.read import CUT_SHORT
from tests.app.edits.test_request import ANYTHING


@pytest.fixture
def events(engine, tmp_path):
    return Events(engine, Uploads(tmp_path))


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
        settings = {"look": look, "steps": steps, "seed": seed, "schedule": schedule, **extra}
        sent = {"seq": 1, "visitor": "ann", "kind": "refine", "settings": settings, **value}
        return [answer async for answer in events.answers(sent)]

    return asyncio.run(all_of())


def test_a_photo_that_is_cut_short_opens_with_a_note_and_is_edited_without_one(events):
    whole = core.png_bytes(photo(60, 50))
    cut = to_data_url(whole[: len(whole) // 2], "png")
    for more in ({}, {"batch": True}):
        answer = asyncio.run(events.open_photo({"visitor": "ann", "image": cut, **more}))
        assert answer["note"] == CUT_SHORT and (answer["width"], answer["height"]) == (60, 50)
        done = edit(events, {"task": "denoise", "photo": answer["photo"]})[-1]
        assert done["state"] == "done" and "note" not in done
    assert "note" not in opened(events, photo())


def downloaded(events, answer: dict) -> np.ndarray:
    result = events.results.find(answer["final"]["result"]).result
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


def test_the_page_s_task_names_and_units_are_understood(events):
    value = {"task": "super_resolve", "photo": opened(events, photo(4, 4))["photo"]}
    done = edit(events, value, factor=2)[-1]
    assert (done["state"], done["final"]["name"]) == ("done", "onestroke-super-resolve.png")
    assert Image.open(io.BytesIO(base64.b64decode(done["input"].split(",")[1]))).size == (512, 512)
    pixels, mask = photo(256, 256), hole(256, 256)
    value = {"task": "inpaint", "photo": opened(events, pixels)["photo"], "mask": url(mask), "square": [0, 0, 128]}
    result = downloaded(events, edit(events, value, grow=8, feather=0)[-1])
    grown = (result != pixels).any(2)
    assert grown.any() and not grown[mask.nonzero()[0].max() + 5 :].any()  # 8 of 256 in a square of 128 are 4 pixels


def test_denoising_tells_the_level_with_its_answer(events):
    value = {"task": "denoise", "photo": opened(events, photo(8, 8))["photo"]}
    assert edit(events, value, sigma=0.4)[-1]["sigma"] == 0.4


def test_generated_pictures_come_with_their_files(events):
    answers = edit(events, {"task": "generate"}, steps=2, count=3)
    assert [a["state"] for a in answers] == ["step", "done"] and "png" not in answers[0]["pictures"][0]
    assert [p["seed"] for p in answers[-1]["pictures"]] == [7, 8, 9]
    varied = {"task": "generate", "image": answers[-1]["pictures"][0]["png"]}
    assert edit(events, varied, count=1, amount=0.2)[-1]["state"] == "done"


def test_interpolation_ends_with_an_animation(events):
    done = edit(events, {"task": "interpolate"}, seed_b=9, frames=4)[-1]
    assert len(done["pictures"]) == 4 and done["animation"].startswith("data:image/webp;base64,")


def test_a_result_is_a_photo_for_another_edit(events):
    value = {"task": "colorize", "photo": opened(events, photo())["photo"]}
    done = edit(events, value)[-1]
    again = asyncio.run(events.open_photo({"visitor": "ann", "result": done["final"]["result"]}))
    assert (again["width"], again["height"]) == (50, 40)
    assert edit(events, {"task": "denoise", "photo": again["photo"]})[-1]["state"] == "done"


def test_a_photo_is_its_visitor_s_alone(events):
    value = {"task": "colorize", "photo": opened(events, photo())["photo"], "visitor": "bob"}
    told = edit(events, value)[-1]
    assert told["state"] == "error" and told["gone"] is True and "half an hour" in told["error"]
    assert "lasting" not in told  # sent once more, it works


def test_what_would_be_refused_again_is_told_so(events, monkeypatch):
    value = {"task": "super-resolve", "photo": opened(events, photo())["photo"]}
    assert edit(events, value, factor=3)[-1]["lasting"] is True
    assert "lasting" not in edit(events, value, factor=2)[-1]
    monkeypatch.setattr(events.engine, "run", None)
    assert "lasting" not in edit(events, value, factor=2)[-1]  # nobody foresaw it: perhaps not the next time


def test_who_finds_all_places_taken_may_try_again(events, monkeypatch):
    value = {"task": "super-resolve", "photo": opened(events, photo())["photo"]}

    async def full(*_):
        raise Busy(FULL)

    monkeypatch.setattr(events.pool, "run", full)
    told = edit(events, value, factor=2)[-1]
    assert (told["state"], told["error"]) == ("error", FULL) and "lasting" not in told


def test_each_tab_counts_its_changes_by_itself(events, painting):
    asyncio.run(events.newest({"visitor": "ann", "seq": 50}))
    value = {"task": "colorize", "photo": opened(events, photo())["photo"]}
    assert edit(events, value)[-1]["state"] == "done"
    asyncio.run(events.newest({"visitor": "ann", "seq": 2, "task": "colorize"}))
    assert edit(events, value)[-1]["state"] == "busy"
    assert edit(events, value | {"seq": 2})[-1]["state"] == "done"


def test_an_edit_is_stopped_between_two_evaluations(events):
    async def stopped() -> list[dict]:
        photo_id = (await events.open_photo({"visitor": "ann", "image": url(photo())}))["photo"]
        value, answers = {"seq": 3, "visitor": "ann", "kind": "refine", "task": "colorize", "photo": photo_id}, []
        async for answer in events.answers(value | {"settings": {"steps": 40, "seed": 1}}):
            answers.append(answer)
            await events.cancel({"visitor": "ann", "seq": 3, "task": "colorize"})
        return answers

    answers = asyncio.run(stopped())
    assert [a["state"] for a in answers] in (["step", "stopped"], ["step", "step", "stopped"])


def batch(events, value: dict, **extra) -> list[dict]:
    async def all_of() -> list[dict]:
        settings = {"look": None, "steps": 2, "seed": 7, "schedule": "default", **extra}
        sent = {"seq": 1, "visitor": "ann", "kind": "batch", "settings": settings, **value}
        return [answer async for answer in events.answers(sent)]

    return asyncio.run(all_of())


@pytest.fixture
def evaluated(tiny_model, monkeypatch):
    """How many pictures each evaluation of the model had."""
    sizes, call = [], type(tiny_model).__call__
    monkeypatch.setattr(
        type(tiny_model), "__call__", lambda self, x, *rest: sizes.append(len(x)) or call(self, x, *rest)
    )
    return sizes


def test_a_batch_gives_a_zip_file_and_tells_what_could_not_be_done(events, evaluated):
    ids = [opened(events, photo(50, 40 + k, k), batch=True)["photo"] for k in range(2)]
    names = ["kitchen.jpg", "../../gone.png", "kitchen.jpg"]
    answers = batch(events, {"task": "colorize", "photos": [ids[0], "no such photo", ids[1]], "names": names})
    assert [(a["state"], a.get("first"), a["file"]) for a in answers] == [
        ("step", 1, 3),
        ("step", 1, 3),
        ("done", None, 3),
    ]
    assert evaluated == [2, 2]  # both photos at once
    done, pictures = answers[-1], answers[1]["pictures"]
    assert done["final"]["files"] == 2 and [e["file"] for e in done["errors"]] == [2]
    with zipfile.ZipFile(events.results.find(done["final"]["result"]).file) as archive:
        assert archive.namelist() == ["kitchen-colorize.png", "3-kitchen-colorize.png"]
        alone = edit(events, {"task": "colorize", "photo": ids[1]}, steps=2)[-1]
        written = np.asarray(Image.open(archive.open("3-kitchen-colorize.png")))
    assert (written == downloaded(events, alone)).all()
    assert [picture["index"] for picture in pictures] == [0, 2]
    again = asyncio.run(events.open_photo({"visitor": "ann", "result": pictures[1]["final"]["result"]}))
    assert (again["width"], again["height"]) == (50, 41)


def test_what_cannot_share_a_batch_has_its_own(events, evaluated):
    long, wide = np.zeros((30, 120), np.uint8), np.zeros((30, 120), np.uint8)
    long[10:20, 5:115] = wide[10:20, 40:60] = 255
    ids = [opened(events, photo(120, 30, k), batch=True)["photo"] for k in range(3)]
    batch(events, {"task": "inpaint", "photos": ids, "mask": url(wide)})
    assert evaluated == [3, 3]
    evaluated.clear()
    batch(events, {"task": "inpaint", "photos": ids, "mask": url(long)})
    assert set(evaluated) == {3} and len(evaluated) > 2  # square after square, each for all photos
    evaluated.clear()
    large = [opened(events, photo(20, 20, k), batch=True)["photo"] for k in range(2)]
    batch(events, {"task": "denoise", "photos": [*large, *ids]})
    assert evaluated[:6] == [4, 4, 1] * 2  # each its own nine tiles, at most four in one call of the model


@pytest.mark.parametrize("task", ["inpaint", "colorize", "super-resolve", "denoise", "deblur"])
def test_every_edit_of_a_batch_is_what_it_is_alone(events, task):
    pixels = [photo(8, 8, k) for k in range(3)]
    value = {"task": task}
    if task == "inpaint":
        value["mask"] = url(np.pad(np.full((3, 3), 255, np.uint8), (2, 3)))
    ids = [opened(events, each, batch=True)["photo"] for each in pixels]
    done = batch(events, {**value, "photos": ids}, factor=2)[-1]
    with zipfile.ZipFile(events.results.find(done["final"]["result"]).file) as archive:
        made = [np.asarray(Image.open(archive.open(name))) for name in archive.namelist()]
    for photo_id, picture in zip(ids, made, strict=True):
        alone = edit(events, {**value, "photo": photo_id}, steps=2, factor=2)[-1]
        assert (picture == downloaded(events, alone)).all()


def test_a_batch_whose_page_went_away_leaves_no_file(events, monkeypatch, tmp_path):
    monkeypatch.setattr("app.edits.group.MAX_BATCH", 1)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))

    async def left() -> int:
        ids = [(await events.open_photo({"visitor": "ann", "image": url(photo(50, 40, k)), "batch": True}))["photo"]
               for k in range(3)]  # fmt: skip
        value = {"seq": 1, "visitor": "ann", "kind": "batch", "task": "colorize", "photos": ids}
        async with aclosing(events.answers(value | {"settings": {"steps": 1, "seed": 7}})) as answers:
            async for answer in answers:
                if answer["pictures"]:
                    return len(list(tmp_path.rglob("*.zip")))

    assert asyncio.run(left()) == 1 and not list(tmp_path.rglob("*.zip"))


def test_what_nobody_listens_to_any_more_ends(events):
    async def scene() -> list[str]:
        opened = await events.open_photo({"visitor": "ann", "image": url(photo())})
        value = {"seq": 1, "visitor": "ann", "kind": "refine", "task": "colorize", "photo": opened["photo"]}
        states = []
        async for answer in events.answers(value | {"settings": {"steps": 9}}, Caller("", "s")):
            states.append(answer["state"])
            if len(states) == 2:
                events.listeners.clock = lambda: time.monotonic() + 60
        return states

    assert asyncio.run(scene()) == ["step", "step"]


def test_a_stopped_batch_keeps_what_is_done(events, monkeypatch):
    monkeypatch.setattr("app.edits.group.MAX_BATCH", 1)

    async def stopped() -> dict:
        sent = [{"visitor": "ann", "image": url(photo(50, 40, k)), "batch": True} for k in range(4)]
        ids = [(await events.open_photo(each))["photo"] for each in sent]
        value = {"seq": 1, "visitor": "ann", "kind": "batch", "task": "colorize", "photos": ids}
        async for answer in events.answers(value | {"settings": {"steps": 1, "seed": 7}}):
            await events.cancel({"visitor": "ann", "seq": 9, "task": "colorize"})  # an edit, not the batch
            if answer["file"] == 2:
                await events.cancel({"visitor": "ann", "seq": 1, "task": "colorize", "kind": "batch"})
        return answer

    last = asyncio.run(stopped())
    assert last["state"] == "stopped" and last["final"]["files"] == 2


@pytest.mark.parametrize("value", [{}, {"task": "generate"}, {"task": "colorize", "photos": ["x"] * 33}, {"photos": 3}])
def test_what_is_no_batch_is_told(events, value):
    (told,) = batch(events, value)
    assert (told["kind"], told["state"]) == ("batch", "error")


def test_a_mask_of_many_pixels_is_refused_before_it_is_decoded(events):
    value = {"task": "inpaint", "photo": opened(events, photo())["photo"], "mask": url(np.zeros((8, 5000), np.uint8))}
    assert "4096 pixels" in edit(events, value)[-1]["error"]
