"""Raw requests to the served page: refused or answered, never an error of the program, and the page goes on."""

import contextlib
import io
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.border.refusal import FAILED
from tests.app.conftest import painting_url
from tests.app.web.served import Served, port_of, send, serve
from tests.fuzz.effort import heavy
from tests.fuzz.mutations import NOISE, TEXTS, changed_bytes, changed_value

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # event loops that Gradio never closes

MARK = "mark-me"  # what no answer may repeat
PAINTING = {"seq": 1, "visitor": MARK, "task": "paint", "kind": "live", "image": painting_url(side=2), "settings": {}}
FILE = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}, "orig_name": MARK}
CALLS = [  # what is called, and how
    ("queue/join", {"data": [PAINTING], "fn_index": "answers", "session_hash": "s", "trigger_id": None}),
    ("run/predict", {"data": [PAINTING], "fn_index": "live", "session_hash": "s", "event_data": None}),
    ("run/live", {"data": [PAINTING], "session_hash": "s"}),
    ("component_server", {"data": PAINTING, "component_id": "Canvas", "fn_name": "newest", "session_hash": "s"}),
    ("component_server",
     {"data": PAINTING, "component_id": "PhotoCanvas", "fn_name": "open_photo", "session_hash": "s"}),
    ("call/denoise", {"data": [FILE, 0.3, None, "photo"]}), ("call/v2/denoise", {"photo": FILE, "sigma": 0.3}),
    ("call/paint", {"data": [PAINTING["image"], 1, 1, 0.5, ""]}),
    ("call/v2/paint", {"strokes": PAINTING["image"], "strength": 0.5}),
    ("reset", {"event_id": "e"}), ("mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}),
]  # fmt: skip
NAMES = st.sampled_from(["predict", "paint", "denoise", "inpaint", "generate", "live", "answers", "nothing", "0"])
OTHERS = st.sampled_from(["run/", "call/", "call/v2/"]).flatmap(
    lambda route: NAMES.map(route.__add__)
) | st.sampled_from(["queue/join", "component_server", "reset", "mcp", "mcp/x", "cancel", "api/paint", "upload"])
PIECES = NOISE | st.sampled_from([FILE, FILE | {"size": "x"}, {"path": "a", "meta": 3}, [FILE], *range(12), 10**6])
METHODS = st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "G T", "\0"])
PATHS = st.sampled_from(
    ["/", "/config", "/gradio_api/info", "/gradio_api/queue/data?session_hash=s", "/gradio_api/queue/status",
     "/gradio_api/heartbeat/s", "/gradio_api/upload_progress?upload_id=u", "/gradio_api/call/paint/e",
     "/gradio_api/call/v2/paint/e", "/gradio_api/file=/etc/passwd", "/gradio_api/file=", "/onestroke/picture/x",
     "/onestroke/made/paint.webp", "/assets/../../etc/passwd", "/static/%00", "/svelte/%2e%2e/%2e%2e/x", "/health",
     "/gradio_api/upload", "/gradio_api/startup-events", "/gradio_api/token", "//", "*", "http://evil.example/"]
)  # fmt: skip
HEADERS = st.sampled_from(
    ["host: localhost", "host: evil", "content-length: 5", "content-length: -1", "content-length: 99999999999999",
     "transfer-encoding: chunked", "transfer-encoding: gzip", "content-type: application/json", "content-type: \xff",
     "content-type: multipart/form-data; boundary=edge", "origin: null", "range: bytes=0-1,5-3,-1", "expect: x",
     "x-forwarded-for: \xff, 1.2.3.4", "x-forwarded-host: a b", "x-forwarded-proto: javascript", "cookie: \xff=;",
     "if-range: x", "if-modified-since: never", "accept-encoding: gzip;q=x", "upgrade: h2c", "connection: upgrade",
     "authorization: Basic !", "referer: http://[", "x-gradio-user: app", "accept: \0", " folded: 1"]
) | st.text(max_size=20)  # fmt: skip
REQUEST = st.tuples(
    METHODS, PATHS | st.builds("/{}".format, TEXTS), st.lists(HEADERS, max_size=6), st.binary(max_size=40)
)
CHANGED = st.sampled_from(CALLS).flatmap(
    lambda call: st.tuples(st.just(call[0]) | OTHERS, changed_value([call[1]], PIECES) | st.just(call[1]))
)
LONG_LIVED = b"text/event-stream"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    yield from serve()


@contextlib.contextmanager
def quiet(served: Served) -> Iterator[None]:
    """Fails if anything inside is told on stderr, or if the page is not served afterwards."""
    with contextlib.redirect_stderr(io.StringIO()) as told:
        yield
        until = time.monotonic() + 20
        while len(served.page._queue) or served.page._queue.event_ids_to_events:  # what was put in line is done, too
            assert time.monotonic() < until
            time.sleep(0.002)
        assert send(served.address, "theme.css")[0] == 200
    assert told.getvalue() == ""


def numbered(served: Served, value: Any) -> Any:
    """The call with the page's own numbers in the place of names: of a function, of a component."""
    if not isinstance(value, dict):
        return value
    functions = {fn.name: fn._id for fn in served.page.fns.values()}
    parts = {type(part).__name__: part._id for part in served.page.blocks.values()}
    return value | {
        name: known.get(value[name], value[name])
        for name, known in (("fn_index", functions), ("component_id", parts))
        if isinstance(value.get(name), str)
    }


def check_status(status: int, body: bytes) -> None:
    assert status < 500 or status in (501, 503, 507), body  # not known, no place, no room
    assert FAILED.encode() not in body and b"Traceback" not in body
    assert status < 400 or MARK.encode() not in body


def answered(served: Served, request: bytes) -> bytes:
    """What comes back on a connection of its own, up to its end, to a stream of events, or to 1 MB."""
    with socket.create_connection(("127.0.0.1", port_of(served.address)), timeout=10) as line:
        with contextlib.suppress(OSError):
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(OSError):
            while (part := line.recv(100_000)) and len(answer) < 1_000_000 and LONG_LIVED not in answer:
                answer += part
    return answer


def check_raw(served: Served, request: bytes) -> None:
    answer = answered(served, request)
    if answer:
        status = answer.partition(b"\r\n")[0].split(b" ")
        assert status[0] == b"HTTP/1.1"
        check_status(int(status[1]), answer)


@pytest.mark.parametrize(
    "route, value", [call for call in CALLS if "/etc/passwd" not in str(call) and call[0] != "mcp"]
)
def test_the_samples_are_answered(served, route, value):
    with quiet(served):
        assert send(served.address, f"gradio_api/{route}", json.dumps(numbered(served, value)).encode())[0] == 200


@heavy
@given(CHANGED)
def test_any_call_is_answered_or_refused(served, call):
    route, value = call
    body = json.dumps(numbered(served, value)).encode()
    with quiet(served):
        check_status(*send(served.address, f"gradio_api/{route}", body)[::2])


@heavy
@given(st.sampled_from([route for route, _ in CALLS]), changed_bytes([json.dumps(call).encode() for _, call in CALLS]))
def test_any_body_is_answered_or_refused(served, route, body):
    with quiet(served):
        check_status(*send(served.address, f"gradio_api/{route}", body)[::2])


@heavy
@given(REQUEST)
def test_any_request_is_answered_or_refused(served, request):
    method, path, headers, body = request
    lines = [f"{method} {path} HTTP/1.1", "host: localhost", "connection: close", *headers]
    with quiet(served):
        check_raw(served, "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body)


WHOLE = [
    b"GET /theme.css HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    b"POST /gradio_api/queue/join HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"POST /gradio_api/upload HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=edge\r\n"
    b'content-length: 103\r\n\r\n--edge\r\ncontent-disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    b"data\r\n--edge--\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
]


@heavy
@given(changed_bytes(WHOLE))
def test_any_bytes_on_a_connection_are_answered_or_refused(served, data):
    with quiet(served):
        check_raw(served, data)
