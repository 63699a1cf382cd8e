"""The real page with a tiny model behind it, over HTTP, and requests that are written by hand."""

import asyncio
import contextlib
import gc
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from app.web.launch import launch, prepare_import
from app.web.settings import Settings
from tests.app.conftest import TinyModel

prepare_import()


class Served(NamedTuple):
    """The address of a page, the page, and the functions behind it."""

    address: str
    page: Any
    events: Any


def serve(**settings: Any) -> Iterator[Served]:
    """Serves until it is closed, within the limits of the settings. settings: fields of `Settings`."""
    from app.engine.engine import Engine
    from app.store.temporary import temporary_folder
    from app.store.uploads import Uploads
    from app.store.zips import Zips
    from app.web.events import Events
    from app.web.model_desk import ModelDesk
    from app.web.page import PAGE_LAUNCH, build_page
    from core.pictures.limits import LOCAL, PUBLIC

    chosen, model = Settings(model=Path("tiny"), port=0, **settings), TinyModel()
    limits = chosen.limits
    engine = Engine(model.card, lambda: model, places=limits.places)
    engine.start().result()
    uploads = Uploads(temporary_folder(), owner_bytes=limits.upload_bytes, all_bytes=limits.all_upload_bytes)
    zips = Zips(limits.zip_bytes, limits.all_zip_bytes)
    picture_limits = PUBLIC if chosen.public else LOCAL
    desk = ModelDesk(engine, local=chosen.local)
    events = Events(engine, uploads, zips=zips, picture_limits=picture_limits, metrics=chosen.metrics, models=desk)
    page = build_page(engine, events, uploads)
    address, _ = launch(page, chosen, events.routes, events.listeners, **PAGE_LAUNCH)
    yield Served(address, page, events)
    page.close(verbose=False)
    engine.close()
    del page, engine
    asyncio.set_event_loop(None)
    gc.collect()


def send(address: str, path: str, body: bytes | None = None, method: str | None = None, **headers: str):
    """(status, headers, body) of the answer to any request. A body is sent as JSON unless headers say otherwise."""
    headers = {"content_type": "application/json", **headers}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{address}{path}", body, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def post(address: str, path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    status, _, answer = send(address, path, body, **headers)
    return status, answer


def sentence(answer: bytes) -> str:
    """What a refusal says."""
    said = json.loads(answer)
    assert said["detail"] == said["error"]
    return said["detail"]


def form(*files: bytes, fields: int = 0, name: str = "a.png") -> tuple[bytes, dict[str, str]]:
    """The body of a form and its header."""
    head = f'--edge\r\ncontent-disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    field = b'--edge\r\ncontent-disposition: form-data; name="x"\r\n\r\ny\r\n'
    body = b"".join(head + data + b"\r\n" for data in files) + field * fields + b"--edge--\r\n"
    return body, {"content_type": "multipart/form-data; boundary=edge"}


def upload(address: str, data: bytes) -> str:
    """The path that the server gives an uploaded file."""
    body, headers = form(data)
    status, answer = post(address, "gradio_api/upload", body, **headers)
    assert status == 200
    return json.loads(answer)[0]


def port_of(address: str) -> int:
    return int(address.removesuffix("/").rpartition(":")[2])


def status_after(address: str, *parts: bytes) -> int:
    """The status of a request that is written by hand; the server may hang up before its end."""
    with socket.create_connection(("127.0.0.1", port_of(address)), timeout=10) as line:
        with contextlib.suppress(OSError):
            for part in parts:
                line.sendall(part)
        return int(line.recv(1000).split(b" ")[1])
