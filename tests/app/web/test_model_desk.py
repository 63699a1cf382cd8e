"""Changing the model as the page does it: what is listed, who may change it, and what everybody gets afterwards."""

import asyncio
import base64
import io
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import core
from app.engine.engine import Engine
from app.engine.loading import warm_up
from app.store.uploads import Uploads
from app.web.border.refusal import UNREADABLE
from app.web.callers import Caller
from app.web.events import Events
from app.web.model_desk import NOT_YOURS, STILL_FETCHING, STILL_LOADING, UNKNOWN, ModelDesk
from app.web.model_fetching import Fetching
from core.model_hub import OFFERS, Stopped
from tests import tiny
from tests.app.conftest import TinyModel, painting_url, until
from tests.app.web.served import post, send, sentence, serve

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
OWNER = Caller("127.0.0.1")
FUNCTIONS = ("models", "use_model", "open_model_file", "fetch_model", "stop_fetching")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The models folder, with a model of 16 pixels without classes in it, a file that is none, and others."""
    there = tmp_path / "models"
    there.mkdir()
    made = tiny.model("consistency", resolution=16)
    card = replace(made.card, name="sixteen", licence="MIT", description="Grey.", limits="No colour.", default_steps=1)
    core.save_model(there / "sixteen.safetensors", card, made.network.state_dict())
    (there / "broken.pt").write_bytes(b"not a model")
    (there / "notes.txt").write_text("not listed")
    (there / ".hidden.pt").write_text("not listed")
    monkeypatch.setenv("ONESTROKE_MODELS", str(there))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("app.installed.MODELS", tmp_path / "bundled")
    return there


@pytest.fixture
def events(folder, tmp_path):
    """Events over a tiny model that was opened from elsewhere."""
    model = TinyModel()
    engine = Engine(model.card, lambda: model, warm_up=warm_up)
    engine.start().result()
    yield Events(engine, Uploads(tmp_path), models=ModelDesk(engine, local=True, device="cpu"))
    engine.close()


async def loaded(desk: ModelDesk) -> None:
    await until(lambda: not desk.loading)


def listed(answer: dict) -> dict[str, dict]:
    return {Path(model["id"]).name: model for model in answer["models"]}


def test_what_is_installed_is_listed_with_what_its_card_says(events, folder):
    answer = asyncio.run(events.models.models({}, OWNER))
    models = listed(answer)
    assert sorted(models) == ["broken.pt", "sixteen.safetensors"]
    size = (folder / "sixteen.safetensors").stat().st_size
    expected = {"name": "sixteen", "side": 16, "size": size, "licence": "MIT", "looks": 0, "inUse": False}
    assert (
        models["sixteen.safetensors"].items() >= (expected | {"description": "Grey.", "limits": "No colour."}).items()
    )
    assert models["broken.pt"]["problem"].endswith(".") and answer["folder"] == str(folder)


def test_a_card_is_read_once_and_again_when_the_file_is_another(events, folder, monkeypatch):
    read = []
    monkeypatch.setattr("app.installed.read_card", lambda source: read.append(source.name) or core.read_card(source))
    for _ in range(3):
        asyncio.run(events.models.models({}, OWNER))
    assert sorted(read) == ["broken.pt", "sixteen.safetensors"]
    (folder / "broken.pt").write_bytes(b"another one")
    asyncio.run(events.models.models({}, OWNER))
    assert sorted(read) == ["broken.pt", "broken.pt", "sixteen.safetensors"]


def painted(answer: dict) -> tuple[int, int]:
    return Image.open(io.BytesIO(base64.b64decode(answer["png"].split(",")[1]))).size


def test_after_the_change_every_page_is_told_and_paints_with_the_new_model(events, folder):
    settings = {"look": "photo", "steps": 1, "strength": 0.5, "seed": 7}
    value = {"seq": 1, "visitor": "ann", "task": "paint", "kind": "live", "image": painting_url(), "settings": settings}

    async def scene():
        before = await events.live(value)
        first = await events.models.model_news({"number": None})
        again = await events.models.model_news({"number": first["number"]})
        began = await events.models.use_model({"model": str(folder / "sixteen.safetensors")}, OWNER)
        await loaded(events.models)
        return (
            before,
            first,
            again,
            began,
            await events.models.model_news({"number": 0}),
            await events.live(value | {"seq": 2}),
        )

    before, first, again, began, news, after = asyncio.run(scene())
    assert first["about"]["looks"] == ["photo", "render"] and "about" not in again
    assert began == {"loading": "sixteen"}
    about = {key: news["about"][key] for key in ("number", "name", "looks", "resolution", "steps")}
    assert about == {"number": 1, "name": "sixteen", "looks": [], "resolution": 16, "steps": 1}
    assert (before["state"], painted(before)) == ("done", (8, 8))
    assert (after["state"], painted(after)) == ("done", (16, 16))
    in_use = [name for name, model in listed(asyncio.run(events.models.models({}, OWNER))).items() if model["inUse"]]
    assert in_use == ["sixteen.safetensors"]


def test_a_model_that_cannot_be_used_is_a_sentence_and_the_old_one_stays(events, folder):
    async def scene():
        desk = events.models
        broken = await desk.use_model({"model": str(folder / "broken.pt")}, OWNER)
        unknown = await desk.use_model({"model": "/etc/passwd"}, OWNER)
        opened = await desk.open_model_file({"path": str(folder / "notes.txt")}, OWNER)
        nothing = await desk.open_model_file({"path": str(folder / "none.pt")}, OWNER)
        return broken, unknown, opened, nothing

    broken, unknown, opened, nothing = asyncio.run(scene())
    assert unknown == {"error": UNKNOWN}
    for answer in (broken, opened, nothing):
        assert answer["error"].endswith(".") and "Something went wrong" not in answer["error"]
    assert events.engine.card.name == "tiny"


def test_weights_that_turn_out_to_be_broken_while_they_are_loaded_are_told(events, folder):
    path = folder / "sixteen.safetensors"

    async def scene():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("app.web.model_desk.open_model", cut)
            await events.models.use_model({"model": str(path)}, OWNER)
            await loaded(events.models)
        told = await events.models.models({}, OWNER)
        await events.models.use_model({"model": str(path)}, OWNER)
        await loaded(events.models)
        return told, await events.models.models({}, OWNER)

    def cut(*_, **__):
        raise core.CheckpointError("The file was cut short.")

    first, second = asyncio.run(scene())
    assert first["trouble"] == "The file was cut short." and not second["trouble"]
    assert events.engine.card.name == "sixteen"


def test_one_change_at_a_time(events, folder):
    async def scene():
        message = {"model": str(folder / "sixteen.safetensors")}
        first = await events.models.use_model(message, OWNER)
        second = await events.models.use_model(message, OWNER)
        await loaded(events.models)
        return first, second

    assert asyncio.run(scene()) == ({"loading": "sixteen"}, {"error": STILL_LOADING})


def test_a_model_is_opened_by_its_path_and_is_in_the_list_then(events, folder, tmp_path):
    elsewhere = tmp_path / "else where.safetensors"
    elsewhere.write_bytes((folder / "sixteen.safetensors").read_bytes())

    async def scene():
        began = await events.models.open_model_file({"path": f' "{elsewhere}" '}, OWNER)
        await loaded(events.models)
        return began, await events.models.models({}, OWNER)

    began, answer = asyncio.run(scene())
    assert began == {"loading": "sixteen"}
    assert listed(answer)["else where.safetensors"]["inUse"]


@pytest.mark.parametrize("path", [None, 7, "", "   ", "a\0b", "x" * 2000, ["a"], {"a": 1}])
def test_what_is_no_path_is_a_sentence(events, path):
    answer = asyncio.run(events.models.open_model_file({"path": path}, OWNER))
    assert answer["error"].endswith(".") and "Something went wrong" not in answer["error"]


@pytest.mark.parametrize("address", ["192.168.0.7", "8.8.8.8", "2001:db8::/64", "unknown", ""])
def test_nobody_else_sees_or_changes_anything(events, folder, address):
    async def scene():
        desk, caller = events.models, Caller(address)
        message = {"model": str(folder / "sixteen.safetensors"), "path": str(folder / "sixteen.safetensors")}
        return [await getattr(desk, name)(message, caller) for name in FUNCTIONS]

    assert asyncio.run(scene()) == [{"error": NOT_YOURS}] * len(FUNCTIONS)
    assert events.engine.card.name == "tiny"


def test_a_download_is_told_in_bytes_can_be_stopped_and_says_what_went_wrong(events, folder):
    offer, arrived = OFFERS[0], threading.Semaphore(0)

    def slowly(id, target, heard, stop):
        heard(3, 10)
        arrived.release()
        assert stop.wait(10)
        raise Stopped

    def fails(id, target, heard, stop):
        raise core.CheckpointError("There is no connection.")

    async def scene(fetch):
        desk = ModelDesk(events.engine, local=True, fetching=Fetching(fetch=fetch))
        began = await desk.fetch_model({"model": offer.id}, OWNER)
        if fetch is slowly:
            await asyncio.to_thread(arrived.acquire)
        during, again = await desk.models({}, OWNER), await desk.fetch_model({"model": offer.id}, OWNER)
        await desk.stop_fetching({}, OWNER)
        await until(lambda: not desk.fetching.id)
        return began, during, again, await desk.models({}, OWNER)

    began, during, again, after = asyncio.run(scene(slowly))
    assert began == {"fetching": offer.id} and again == {"error": STILL_FETCHING}
    assert during["fetching"].items() >= {"id": offer.id, "done": 3, "size": 10}.items()
    assert after["fetching"] is None and after["trouble"] == "" and len(after["offers"]) == len(OFFERS)
    assert asyncio.run(scene(fails))[3]["trouble"] == "There is no connection."


def test_only_what_is_offered_is_fetched(events):
    answer = asyncio.run(events.models.fetch_model({"model": "somebody/else"}, OWNER))
    assert answer == {"error": UNKNOWN}


def component_call(page, name: str, data: dict) -> bytes:
    blocks = [block for block in page.blocks.values() if block.elem_id == "models"]
    call = {"data": data, "fn_name": name, "component_id": blocks[0]._id, "session_hash": "abc"}
    return json.dumps(call).encode()


@pytest.fixture(scope="module")
def local():
    yield from serve()


@pytest.fixture(scope="module")
def public():
    yield from serve(public=True)


def test_a_public_page_has_no_function_that_changes_the_model(public, folder):
    for name in FUNCTIONS:
        body = component_call(public.page, name, {"model": str(folder / "sixteen.safetensors")})
        status, answer = post(public.address, "gradio_api/component_server", body)
        assert (status, sentence(answer)) == (404, UNREADABLE)  # the border's own sentence
    assert public.events.engine.card.name == "tiny"


def test_a_local_page_answers_this_computer_and_nobody_behind_a_proxy(local, folder):
    body = component_call(local.page, "models", {})
    status, own = post(local.address, "gradio_api/component_server", body)
    assert status == 200 and listed(json.loads(own))
    _, _, others = send(local.address, "gradio_api/component_server", body, x_forwarded_for="8.8.8.8")
    assert json.loads(others) == {"error": NOT_YOURS}
