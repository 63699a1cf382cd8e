"""The page as it is served: the endpoint for scripts, the live event over HTTP, and what keeps strangers out."""

import asyncio
import base64
import io
import json
import socket
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest
from gradio_client import handle_file
from PIL import Image

import core
from app.edits.record import read_record
from app.edits.results import Result
from app.samples import FOLDER, load_samples
from app.store.results import StoredResult
from app.web.launch import AddressError, _StubsOff, check_address
from core.pictures.read import CUT_SHORT
from tests.app.conftest import painting_url
from tests.app.edits.test_edits import mask_of, photo
from tests.app.web.served import post, serve, upload
from tests.picture_files import encoded

# Gradio makes event loops to create its locks, and never closes them; they are collected here, not in a later test.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def served():
    yield from serve()


@pytest.fixture(scope="module")
def client(served):
    from gradio_client import Client

    return Client(served.address, verbose=False)


def test_scripts_paint_through_the_named_endpoint(client):
    answer = client.predict(painting_url(), 7, 2, 0.5, "render", api_name="/paint")
    record = read_record(base64.b64decode(answer["png"].split(",")[1]))
    assert (record["seed"], record["steps"], record["look"]) == (7, 2, "render")
    assert client.predict(painting_url(), 7, 2, 0.5, "render", api_name="/paint")["png"] == answer["png"]


def test_a_script_s_requests_and_files_are_its_address_s(client, served, monkeypatch):
    addresses, run = [], served.events.engine.run

    def noted(request, ticket, used):
        addresses.append(ticket.address)
        return run(request, ticket, used)

    monkeypatch.setattr(served.events.engine, "run", noted)
    client.predict(count=1, api_name="/generate")
    assert addresses == ["127.0.0.1"]
    assert list(served.events.uploads.files.values())[-1].owner == "127.0.0.1"


def test_the_endpoint_tells_what_is_wrong(client):
    with pytest.raises(Exception, match="from 0 to 2147483647"):
        client.predict(painting_url(), -1, api_name="/paint")


def test_the_endpoints_are_the_only_public_ones(client):
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == [
        "/paint", "/inpaint", "/colorize", "/super_resolve", "/denoise", "/deblur", "/interpolate", "/generate",
    ]  # fmt: skip


@pytest.fixture
def files(tmp_path):
    """A photo and a mask as files, and their pixels."""
    pixels, mask = photo(), mask_of(50, 40, 10, 10, 12, 9)
    paths = [core.write_png(tmp_path / "photo.png", pixels), core.write_png(tmp_path / "mask.png", mask)]
    return pixels, mask, *(handle_file(str(path)) for path in paths)


def read(path: str) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_scripts_inpaint_through_files(client, files):
    pixels, mask, photo_file, mask_file = files
    path, figures = client.predict(photo=photo_file, mask=mask_file, seed=7, steps=2, api_name="/inpaint")
    filled = read(path)
    assert (filled[mask == 0] == pixels[mask == 0]).all() and (filled[mask != 0] != pixels[mask != 0]).any()
    assert (figures["seed"], figures["steps"]) == (7, 2)
    with open(path, "rb") as file:
        assert read_record(file.read())["task"] == "inpaint"


@pytest.mark.parametrize(
    "name, size", [("colorize", (40, 50)), ("super_resolve", (160, 200)), ("denoise", (40, 50)), ("deblur", (40, 50))]
)
def test_scripts_edit_a_photo_through_every_endpoint(client, files, name, size):
    path, figures = client.predict(photo=files[2], api_name=f"/{name}")
    assert read(path).shape == (*size, 3) and figures["model_ms"] > 0


def test_scripts_generate_and_interpolate(client, files):
    pictures, figures = client.predict(count=2, seed=5, steps=1, api_name="/generate")
    varied, _ = client.predict(count=1, picture=handle_file(pictures[0]), api_name="/generate")
    frames, moving, _ = client.predict(5, 6, frames=3, steps=1, api_name="/interpolate")
    assert [read(path).shape for path in (*pictures, *varied, *frames)] == [(8, 8, 3)] * 6
    assert (read(frames[0]) == read(pictures[0])).all() and (read(frames[2]) == read(pictures[1])).all()
    assert moving.endswith(".webp") and figures["seed"] == 5
    ends = {"picture_a": handle_file(pictures[0]), "picture_b": handle_file(pictures[1])}
    same, _, figures = client.predict(frames=3, steps=1, **ends, api_name="/interpolate")
    assert figures["over"] == "noises" and all((read(a) == read(b)).all() for a, b in zip(frames, same, strict=True))
    _, _, figures = client.predict(frames=3, steps=1, picture_a=files[2], api_name="/interpolate")
    assert figures["over"] == "pictures" and figures["steps"] == 2


def test_the_files_of_the_server_are_no_photos(client, served):
    for path in ("/etc/hostname", "app/web/launch.py", "../../etc/hostname"):
        with pytest.raises(Exception, match="did not arrive"):
            client.predict(photo={"path": path}, api_name="/denoise")


def test_a_file_that_is_cut_short_is_edited_and_told_in_the_figures(client, tmp_path):
    whole = encoded(Image.fromarray(photo(64, 48)), "JPEG")
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) * 3 // 4])
    path, figures = client.predict(photo=handle_file(tmp_path / "a.jpg"), api_name="/denoise")
    assert read(path).shape == (48, 64, 3) and figures["note"] == CUT_SHORT
    (tmp_path / "b.jpg").write_bytes(whole)
    assert "note" not in client.predict(photo=handle_file(tmp_path / "b.jpg"), api_name="/denoise")[1]


def test_a_file_that_is_no_picture_is_told(client, tmp_path):
    (tmp_path / "notes.png").write_text("hello")
    with pytest.raises(Exception, match="not a picture"):
        client.predict(photo=handle_file(str(tmp_path / "notes.png")), api_name="/colorize")


def test_a_result_is_downloaded_by_its_id_alone(served):
    address, results = served.address, served.events.results
    result = Result(7, photo(), "{}")
    kept = results.keep(StoredResult("kitchen-colorize.png", result))
    with urllib.request.urlopen(f"{address}onestroke/picture/{kept}", timeout=10) as answer:
        assert "kitchen-colorize.png" in answer.headers["content-disposition"]
        assert (np.asarray(Image.open(io.BytesIO(answer.read()))) == result.pixels).all()
    for name in ("x" * 22, "..%2f..%2fetc%2fhostname", "%00"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}onestroke/picture/{name}", timeout=10)
        assert refused.value.code == 404


def test_whether_a_result_is_there_can_be_asked_without_making_its_file(served, monkeypatch):
    address, results = served.address, served.events.results
    kept = results.keep(StoredResult("kitchen-colorize.png", Result(7, photo(), "{}")))
    monkeypatch.setattr(StoredResult, "png", lambda stored: pytest.fail("made"))

    def asked(name: str) -> int:
        try:
            ask = urllib.request.Request(f"{address}onestroke/picture/{name}", method="HEAD")
            with urllib.request.urlopen(ask, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    assert (asked(kept), asked("x" * 22)) == (200, 404)


def test_the_pictures_that_came_with_the_program_are_served_and_nothing_beside_them(served):
    address = f"{served.address}onestroke/made/"
    for about in load_samples().values():
        with urllib.request.urlopen(address + about["file"], timeout=10) as answer:
            assert answer.headers["content-type"] == "image/webp"
            assert answer.read() == (FOLDER / about["file"]).read_bytes()
    for name in ("samples.json", "nothing.webp", "..%2fphotos%2f1-pendant-lamp.jpg", "%2e%2e/paint.webp"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address + name, timeout=10)
        assert refused.value.code == 404


def test_two_visitors_may_upload_the_same_file_at_the_same_moment(served):
    address = served.address
    ann, bob = (upload(address, core.png_bytes(photo())) for _ in range(2))
    for visitor, path in (("ann", ann), ("bob", bob)):
        opened = asyncio.run(served.events.open_photo({"visitor": visitor, "path": path}))
        assert (opened["width"], opened["height"]) == (50, 40)


def test_the_live_event_answers_one_plain_request(served):
    live = next(fn for fn in served.page.fns.values() if fn.name == "live")
    settings = {"look": "photo", "steps": 3, "strength": 0.5, "seed": 7}
    asked = {"task": "paint", "kind": "live", "image": painting_url(), "settings": settings}
    body = {"fn_index": live._id, "data": [{"seq": 1, "visitor": "ann", **asked}], "session_hash": "s"}
    status, answer = post(served.address, "gradio_api/run/predict", json.dumps(body).encode())
    assert status == 200 and json.loads(answer)["data"][0]["state"] == "done"


@pytest.mark.parametrize(
    "path", ["gradio_api/file=/etc/hostname", "gradio_api/file=app/web/launch.py", "monitoring/summary"]
)
def test_files_and_figures_of_the_server_stay_there(served, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(served.address + path, timeout=10)
    assert refused.value.code in (401, 403, 404)


def test_queued_events_cannot_go_round_the_queue(served):
    assert post(served.address, "gradio_api/run/paint", b'{"data": []}')[0] == 404


def test_the_visitor_s_browser_keeps_no_runs(served):
    with urllib.request.urlopen(served.address + "config", timeout=10) as answer:
        config = json.load(answer)
    assert not config.get("run_history") and not config.get("analytics_enabled")
    assert "runs" not in (config.get("footer_links") or [])


def test_no_stub_is_written_beside_our_components():
    import gradio.component_meta

    assert gradio.component_meta.create_or_modify_pyi(object, "object", []) is None
    assert _StubsOff in sys.meta_path


def test_a_free_port_is_found_and_a_busy_one_is_told():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert check_address(None, 0) not in (0, port)
        assert check_address(None, None) is None
        with pytest.raises(AddressError, match=f"Port {port} cannot be used"):
            check_address("127.0.0.1", port)


def test_an_address_of_another_computer_is_told():
    with pytest.raises(AddressError, match="not an address of this computer"):
        check_address("192.0.2.1", None)
