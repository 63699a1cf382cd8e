"""What strangers tried, or could try, over HTTP: each is refused with a sentence, and the page goes on."""

import asyncio
import gc
import json
import socket
import time

import numpy as np
import pytest

import core
from app.web import unexpected
from app.web.border.budgets import BYTES_A_REQUEST, Budgets
from app.web.border.guard import Guard
from app.web.border.limits import PUBLIC
from app.web.launch import SPACE
from tests.app.web.served import form, port_of, post, send, sentence, serve, status_after, upload

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # event loops that Gradio never closes


@pytest.fixture(scope="module")
def served():
    yield from serve()


@pytest.fixture(scope="module")
def public():
    yield from serve(public=True)


JOIN = "gradio_api/queue/join"


def joined(served, *data, fn: str = "answers") -> bytes:
    """The body of a request for an event of the page."""
    event = next(each for each in served.page.fns.values() if each.name == fn or each.api_name == fn)
    return json.dumps({"fn_index": event._id, "data": list(data), "session_hash": "s", "trigger_id": None}).encode()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "", "http://[::1", "\xff"])
def test_a_page_of_another_site_is_refused(served, origin):
    """Cross-site requests to programs on one's own computer: Jupyter (CVE-2019-9644), and many since."""
    status, headers, answer = send(served.address, JOIN, b"{}", origin=origin)
    assert status == 403 and "another site" in sentence(answer)
    assert "access-control-allow-origin" not in headers
    assert send(served.address, "config", origin=origin)[0] == 403


def test_the_page_itself_and_programs_are_not_refused(served):
    own = served.address.rstrip("/")
    for headers in ({"origin": own}, {}):
        assert send(served.address, "gradio_api/info", **headers)[0] == 200
    preflight = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    status, headers, _ = send(served.address, JOIN, method="OPTIONS", **preflight)
    assert status in (403, 405) and "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "localhost.evil.example", "10.0.0.7", "", "[::1"]
)
def test_a_name_that_was_made_to_mean_this_computer_is_refused(served, public, host):
    """DNS rebinding: Ollama (CVE-2024-28224), Transmission (CVE-2018-5702). A public server has names of its own."""
    status, _, answer = send(served.address, "", host=host)
    assert status == 421 and "localhost" in sentence(answer)
    assert send(public.address, "theme.css", host=host)[0] == 200


@pytest.mark.parametrize("host", ["localhost", "localhost:7860", "127.0.0.1:99", "[::1]:7860", "studio.localhost"])
def test_this_computer_s_own_names_are_not_refused(served, host):
    assert send(served.address, "", host=host)[0] == 200


CLOSED = [
    "gradio_api/deep_link?session_hash=s",
    "gradio_api/proxy=http://example.com/",
    "gradio_api/file=http://example.com/x.png",
    "gradio_api/file=HTTPS://example.com/x.png",
    "custom_component/x%0aINFO:%20forged/client/component/a.js",
    "monitoring",
    "monitoring/summary",
    "runs",
    "docs",
    "openapi.json",
    "gradio_api/vibe-code",
    "gradio_api/stream/s/1/2/playlist.m3u8",
    "%2e%2e/etc/passwd",
    "\x7f",
]


@pytest.mark.parametrize("path", CLOSED)
def test_routes_that_the_page_does_not_need_are_not_there(served, path):
    status, _, answer = send(served.address, path.replace("\x7f", "%7f"))
    assert status == 404 and sentence(answer)


@pytest.mark.parametrize("path", ["cancel", "api/paint", "stream/1", "login", "process_recording", "vibe-edit"])
def test_posts_that_the_page_does_not_need_are_not_there(served, path):
    assert post(served.address, f"gradio_api/{path}", b"{}")[0] == 404


def test_nothing_is_written_by_another_method(served):
    assert {send(served.address, JOIN, b"{}", method=method)[0] for method in ("PUT", "DELETE", "PATCH")} == {405}
    assert send(served.address, JOIN, method="TRACE")[0] == 405


BODIES = {
    "a hundred thousand lists": b'{"data":[' + b"[]," * 100_000 + b"[]]}",
    "two hundred thousand keys": b"{" + b",".join(b'"%d":0' % n for n in range(200_000)) + b"}",
    "a string of closing brackets": b'{"data":["' + b"]" * 500_000 + b'"]}',
    "a deep list": b"[" * 2_900 + b"]" * 2_900,
    "an open list": b"[" * 500,
    "a number of 5,000 digits": b'{"data":[' + b"9" * 5_000 + b"]}",
    "2**64": b'{"data":[18446744073709551616]}',
    "no number": b'{"data":[NaN]}',
    "infinity": b'{"data":[-Infinity]}',
    "a number beyond all": b'{"data":[1e999]}',
    "half a surrogate pair": b'{"data":["\\ud800"]}',
    "half of one in a key": b'{"\\udfff":1}',
    "bytes that are no text": b'{"data":["\xff\xfe"]}',
    "half a value": b'{"data":[',
    "text behind the value": b"{} {}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_bodies_that_the_page_does_not_send_are_refused(served, body):
    for path in (JOIN, "gradio_api/run/predict", "gradio_api/component_server", "gradio_api/call/paint"):
        status, answer = post(served.address, path, body)
        assert (status in (400, 413) and "not what the page sends" in sentence(answer)) or "MB" in sentence(answer)


def test_a_refusal_repeats_nothing_of_what_was_sent(served):
    """FastAPI's own answer to a wrong body holds that body: megabytes of it."""
    for body in (b'{"data": "mark-me"}', b'{"mark-me": 1}', b'["mark-me"]', b'"mark-me"'):
        for path in (JOIN, "gradio_api/run/predict", "gradio_api/component_server", "gradio_api/call/paint"):
            status, answer = post(served.address, path, body)
            assert 400 <= status <= 500 and b"mark-me" not in answer


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_what_a_foreign_form_can_send_is_refused(served, kind):
    """A page may post these three kinds anywhere without being asked."""
    assert post(served.address, JOIN, b"{}", content_type=kind)[0] == 415


@pytest.mark.parametrize("path", ["http://example.com/x.png", "HTTPS://example.com/x", " ftp://example.com/x"])
def test_no_address_is_fetched_wherever_it_stands_in_a_value(served, path):
    """Server-side request forgery through Gradio's FileData (CVE-2024-1183, CVE-2024-4325)."""
    file = {"path": path, "url": None, "meta": {"_type": "gradio.FileData"}}
    for value in (file, {"image": file}, {"ends": [None, {"a": [file]}]}):
        for body in (joined(served, value), joined(served, value, fn="live"), joined(served, value, fn="denoise")):
            for route in (JOIN, "gradio_api/run/predict"):
                status, answer = post(served.address, route, body)
                assert status == 400 and "fetches nothing" in sentence(answer)


@pytest.mark.parametrize(
    "route, limit", [(JOIN, 4_000_000), ("gradio_api/run/predict", 600_000), ("gradio_api/reset", 10_000)]
)
def test_each_route_has_its_limit_stated_or_not(served, route, limit):
    head = f"POST /{route} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n".encode()
    assert status_after(served.address, head + b"content-length: %d\r\n\r\n" % (limit + 1)) == 413
    chunk = b"%x\r\n" % limit + b" " * limit + b"\r\n"
    assert status_after(served.address, head + b"transfer-encoding: chunked\r\n\r\n", chunk, b"1\r\n \r\n") == 413


def test_a_length_that_is_no_number_is_refused(served):
    head = f"POST /{JOIN} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n".encode()
    assert status_after(served.address, head + b"content-length: " + b"9" * 30 + b"\r\n\r\n") in (400, 413)


FORMS = {
    "a field of its own": form(fields=1),
    "a field beside the file": form(b"data", fields=1),
    "two files": form(b"data", b"data"),
    "a thousand fields": form(fields=1000),
    "no file": form(),
    "no form": (b"data", {"content_type": "application/json"}),
    "no boundary": (b"data", {"content_type": "multipart/form-data"}),
}


@pytest.mark.parametrize("body, headers", FORMS.values(), ids=FORMS)
def test_an_upload_is_one_file_and_nothing_else(served, body, headers):
    before = set(served.events.uploads.files)
    status, answer = post(served.address, "gradio_api/upload", body, **headers)
    assert status in (400, 415) and "one file" in sentence(answer)
    assert set(served.events.uploads.files) == before


def test_an_upload_above_64_megabytes_is_refused_before_and_while_it_arrives(served):
    head = (
        b"POST /gradio_api/upload HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=edge\r\n"
    )
    assert status_after(served.address, head + b"content-length: 65000001\r\n\r\n") == 413
    start = form(b"")[0].removesuffix(b"\r\n--edge--\r\n")
    chunk = b"%x\r\n" % 5_000_000 + bytes(5_000_000) + b"\r\n"
    first = b"%x\r\n" % len(start) + start + b"\r\n"
    assert status_after(served.address, head + b"transfer-encoding: chunked\r\n\r\n", first, *[chunk] * 14) == 413


def test_an_aborted_upload_leaves_nothing(served):
    before = len(served.events.uploads.files)
    head = (
        b"POST /gradio_api/upload HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=edge\r\n"
    )
    with socket.create_connection(("127.0.0.1", port_of(served.address))) as line:
        line.sendall(head + b"content-length: 3000000\r\n\r\n" + form(bytes(1_000_000))[0][:900_000])
    assert post(served.address, "gradio_api/upload", *[form(b"data")[0]], **form()[1])[0] == 200
    assert len(served.events.uploads.files) == before + 1


def test_a_proxy_on_a_space_is_believed_and_what_a_visitor_puts_in_front_is_not():
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    seen = []

    async def app(scope, receive, send):
        seen.append(scope["client"][0])

    believing = ProxyHeadersMiddleware(app, SPACE["FORWARDED_ALLOW_IPS"])
    forwarded = [(b"x-forwarded-for", b"203.0.113.1, 198.51.100.7, 10.1.1.1")]
    for client in ("10.20.30.40", "192.0.2.9"):
        scope = {"type": "http", "scheme": "http", "client": (client, 1), "headers": forwarded}
        asyncio.run(believing(scope, None, None))
    assert seen == ["198.51.100.7", "192.0.2.9"]


def test_a_stranger_who_asks_too_much_waits_and_others_do_not(public):
    """One address among others behind a proxy, which names them."""

    def asks(address: str) -> tuple[int, str | None]:
        status, headers, _ = send(public.address, "theme.css", x_forwarded_for=address)
        return status, headers.get("retry-after")

    answers = [asks("198.51.100.7") for _ in range(420)]
    assert answers[0][0] == 200 and answers[-1] == (429, "1")
    assert asks("198.51.100.8") == (200, None)


def test_refused_requests_cost_as_others_and_who_goes_on_is_hung_up_on(public):
    """Statuses 403, 404 and 429 were free once: a flood of them was answered for ever."""
    before, address = len(public.page.app.middleware_stack.budgets.accounts), "198.51.100.77"
    asked = [
        send(public.address, path, x_forwarded_for=address, **headers)
        for path, headers in [("deep_link", {}), ("config", {"origin": "https://evil.example"})] * 400
    ]
    told = [status for status, _, _ in asked]
    assert set(told[: PUBLIC.burst]) == {403, 404} and set(told[-50:]) == {429}
    turned_away = [(headers.get("connection"), body) for _, headers, body in asked[-50:]]
    assert set(turned_away) == {("close", b"")}
    assert len(public.page.app.middleware_stack.budgets.accounts) <= before + 1
    assert send(public.address, "theme.css", x_forwarded_for="198.51.100.78")[0] == 200


@pytest.mark.parametrize("size, status", [(3_900_000, 400), (4_100_000, 413)])
def test_large_bodies_are_charged_whether_they_are_read_or_refused(public, monkeypatch, size, status):
    budgets, address = public.page.app.middleware_stack.budgets, f"198.51.100.{size % 251}"
    monkeypatch.setattr(budgets, "clock", lambda: 0.0)
    monkeypatch.setattr("app.web.border.bodies.DRAIN_S", 15.0)  # of a machine as slow as may be
    assert post(public.address, JOIN, b"[" + b" " * (size - 2) + b"]", x_forwarded_for=address)[0] == status
    assert PUBLIC.burst - budgets.accounts[address].tokens == pytest.approx(1 + size / BYTES_A_REQUEST)


def test_uploads_are_charged(public, monkeypatch):
    budgets, address = public.page.app.middleware_stack.budgets, "198.51.100.19"
    monkeypatch.setattr(budgets, "clock", lambda: 0.0)
    body, headers = form(bytes(5_000_000))
    assert post(public.address, "gradio_api/upload", body, x_forwarded_for=address, **headers)[0] == 200
    assert PUBLIC.burst - budgets.accounts[address].tokens == pytest.approx(1 + len(body) / BYTES_A_REQUEST)


def test_no_value_of_a_visitor_stays_in_a_session(served):
    value = {"seq": 1, "visitor": "ann", "task": "paint", "kind": "live", "image": "x" * 10_000}
    assert post(served.address, "gradio_api/run/predict", joined(served, value, fn="live"))[0] == 200
    sessions = served.page.app.state_holder.session_data
    assert sessions and "x" * 10_000 not in str([state.config_values for state in sessions.values()])


def test_a_component_s_script_reaches_its_functions(served):
    path = upload(served.address, core.png_bytes(np.zeros((4, 5, 3), np.uint8)))
    canvas = next(each for each in served.page.blocks.values() if hasattr(each, "open_photo"))
    message = {"visitor": "ann", "path": path}
    body = {"data": message, "fn_name": "open_photo", "session_hash": "s", "component_id": canvas._id}
    status, answer = post(served.address, "gradio_api/component_server", json.dumps(body).encode())
    assert status == 200 and json.loads(answer)["width"] == 5


def test_answers_for_everybody_are_made_once_and_depend_on_the_name_of_the_server(public):
    page = send(public.address, "")[2]
    assert send(public.address, "?deep_link=abc&__theme=dark")[2] == page
    other = send(public.address, "", host="studio.example")[2]
    assert b"studio.example" in other and b"studio.example" not in page
    status, headers, nothing = send(public.address, "", method="HEAD")
    assert (status, nothing) == (200, b"") and int(headers["content-length"]) == len(page)


def test_pages_are_sent_compressed(served):
    import gzip

    import brotli

    plain = send(served.address, "")[2]
    for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        _, headers, packed = send(served.address, "", accept_encoding=f"{encoding}, identity")
        assert headers["content-encoding"] == encoding and unpack(packed) == plain and len(packed) < len(plain) / 4


def test_headers_that_never_end_are_hung_up_on(served, monkeypatch):
    """Slowloris."""
    monkeypatch.setattr("app.web.border.connections.HEADERS_S", 0.2)
    for start in (b"", b"GET / HTTP/1.1\r\nhost: loc", b"GET /theme.css HTTP/1.1\r\nhost: localhost\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port_of(served.address)), timeout=20) as line:
            line.sendall(start)
            if b"\r\n\r\n" in start:  # a second request on a connection whose first was answered
                line.recv(100_000)
                line.sendall(b"GET / HTTP/1.1\r\nhost: loc")
            until = time.monotonic() + 15
            try:
                while line.recv(100_000):
                    assert time.monotonic() < until
            except ConnectionResetError:
                pass


def test_a_websocket_is_refused(served):
    head = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    head += b"sec-websocket-version: 13\r\n"
    assert status_after(served.address, head + b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n") in (
        200,
        400,
        403,
    )


def test_what_strangers_do_wrong_prints_nothing(served, capfd):
    """Gradio prints every error of an event with all that was sent, uvicorn and multipart warn of every odd request."""
    for path in ("gradio_api/call/paint", "gradio_api/call/denoise"):
        status, answer = post(served.address, path, b'{"data":["mark-me"]}')
        assert status == 400 and b"not what the page sends" in answer and b"mark-me" not in answer
    assert post(served.address, "gradio_api/run/predict", joined(served, fn="live"))[0] == 400
    post(served.address, "gradio_api/upload", b"mark-me", content_type="multipart/form-data; boundary=edge")
    assert status_after(served.address, b"\x16\x03\x01 mark-me\r\n\r\n") == 400
    assert "".join(capfd.readouterr()) == ""


def test_an_error_that_nobody_foresaw_is_a_sentence_and_is_printed_once(served, capfd, monkeypatch):
    monkeypatch.setattr("app.web.border.guarded_blocks.gr.Blocks.preprocess_data", lambda *_: 1 / 0)
    printed = []
    for _ in range(2):
        status, answer = post(served.address, "gradio_api/run/predict", joined(served, {}, fn="live"))
        assert status == 500 and "Something went wrong" in sentence(answer)
        printed.append("".join(capfd.readouterr()).splitlines())
    first, second = printed
    assert len(first) > 3 and len(second) == 1 and "ZeroDivisionError at" in second[0]


def test_an_error_that_nobody_foresaw_quotes_nothing_of_what_was_sent(served, capfd, monkeypatch):
    def quoting(page, fn, inputs, *_):
        raise LookupError(f"no such thing: {inputs}")

    monkeypatch.setattr("app.web.border.guarded_blocks.gr.Blocks.preprocess_data", quoting)
    assert post(served.address, "gradio_api/run/predict", joined(served, {"a": "mark-me"}, fn="live"))[0] == 500
    printed = "".join(capfd.readouterr())
    assert "LookupError at" in printed and f"{__file__}:" in printed and "mark-me" not in printed


def test_an_error_of_a_task_for_which_nobody_waits_quotes_nothing(capfd):
    """The place in the code is printed instead of the message, by the handler that the guard gives its event loop."""

    async def quoting(sent: str) -> None:
        raise LookupError(sent)  # the log has this line of code

    async def serving(scope, receive, send) -> None:
        left = asyncio.ensure_future(quoting("mark-me"))
        await asyncio.sleep(0)
        del left
        gc.collect()

    async def nothing(*_) -> None:
        """In place of the server's side."""

    guard = Guard(serving, None, Budgets(PUBLIC), None, local=False)
    asyncio.run(guard({"type": "lifespan"}, nothing, nothing))
    printed = "".join(capfd.readouterr())
    assert "LookupError at" in printed and f"{__file__}:" in printed and "mark-me" not in printed


def test_an_error_that_comes_again_and_again_does_not_fill_a_log(capfd):
    for _ in range(10 * unexpected.MAX_LINES):
        try:
            raise LookupError("again")
        except LookupError as error:
            assert unexpected.report(error)
    lines = capfd.readouterr().err.splitlines()
    assert unexpected.MAX_LINES < len(lines) < unexpected.MAX_LINES + 20
