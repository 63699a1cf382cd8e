"""What is called must be there, with all its values: otherwise a sentence, and no report of an error of the program."""

import contextlib
import io
import json

import pytest

from app.web.border.refusal import UNREADABLE
from tests.app.conftest import painting_url
from tests.app.web.served import send, sentence, serve, upload

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # event loops that Gradio never closes

VALUE = {"seq": 1, "visitor": "ann", "task": "paint", "kind": "live", "image": painting_url()}
ELSEWHERE = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
MISTAKES = {
    "a name that is not there": ("run/nothing", {"data": [VALUE]}, 404),
    "an endpoint that is not there": ("call/nothing", {"data": []}, 404),
    "an endpoint by names that is not there": ("call/v2/nothing", {}, 404),
    "no name": ("queue/join", {"data": [VALUE], "session_hash": "s"}, 404),
    "a number that is not there": ("run/predict", {"data": [VALUE], "fn_index": 10_000}, 404),
    "a number below all": ("queue/join", {"data": [VALUE], "fn_index": -1, "session_hash": "s"}, 404),
    "what runs in the browser": ("run/predict", {"data": [VALUE], "fn_index": 0}, 404),
    "what has to wait in line": ("run/answers", {"data": [VALUE]}, 404),
    "no values": ("run/live", {"data": []}, 400),
    "too few values": ("call/denoise", {"data": [None]}, 400),
    "values by no names": ("call/v2/paint", [], 400),
    "a parameter that is not there": ("call/v2/paint", {"strokes": painting_url(), "later": 1}, 400),
    "a parameter that is missing": ("call/v2/paint", {}, 400),
    "several calls in one": ("run/live", {"data": [VALUE], "batched": True}, 400),
    "values of another type": ("run/live", {"data": VALUE}, 400),
    "a component that is not there": (
        "component_server", {"data": 0, "component_id": 10_000, "fn_name": "newest", "session_hash": "s"}, 404,
    ),
    "a file that was not uploaded": ("call/denoise", {"data": [ELSEWHERE, 0.3, None, "photo"]}, 400),
    "such a file, deep inside": ("run/live", {"data": [{"a": [ELSEWHERE]}]}, 400),
    "half a file": ("run/live", {"data": [{"path": "x", "meta": 3}]}, 400),
    "a file of a strange size": ("run/live", {"data": [ELSEWHERE | {"size": "large"}]}, 400),
    "a name that no system takes": ("run/live", {"data": [ELSEWHERE | {"path": "x\0"}]}, 400),
}  # fmt: skip


@pytest.fixture(scope="module")
def served():
    yield from serve()


@pytest.mark.parametrize("route, value, status", MISTAKES.values(), ids=MISTAKES)
def test_a_call_that_does_not_fit_the_page_is_refused_and_not_reported(served, route, value, status):
    with contextlib.redirect_stderr(io.StringIO()) as told:
        found, _, answer = send(served.address, f"gradio_api/{route}", json.dumps(value).encode())
    assert (found, sentence(answer), told.getvalue()) == (status, UNREADABLE, "")


def test_a_call_with_an_uploaded_file_passes(served):
    file = ELSEWHERE | {"path": upload(served.address, b"data")}
    for route, value in (("call/denoise", {"data": [file, 0.3, None, "photo"]}), ("call/v2/denoise", {"photo": file})):
        assert send(served.address, f"gradio_api/{route}", json.dumps(value).encode())[0] == 200


def test_an_error_of_our_own_is_reported(served, monkeypatch):
    """Otherwise nobody would ever hear of it."""

    def broken(*_):
        raise KeyError("ours")

    monkeypatch.setattr("app.web.border.calls.Calls.check", broken)
    with contextlib.redirect_stderr(io.StringIO()) as told:
        status, _, answer = send(served.address, "gradio_api/run/live", json.dumps({"data": [VALUE]}).encode())
    assert status == 500 and "Something went wrong" in sentence(answer) and "Unexpected error" in told.getvalue()
