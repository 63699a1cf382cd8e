"""A server that speaks as the Hugging Face Hub does, for one model. It runs in the process of the tests."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = "unet/diffusion_pytorch_model.safetensors"
NEEDED = ["model_index.json", "scheduler/scheduler_config.json", "unet/config.json", WEIGHTS]
BLOCK = 10_000  # bytes of the weights that are sent at once


class Hub(BaseHTTPRequestHandler):
    """The files of `model`, by its `id`.

    wrong: bytes in place of a file's. breaks: bytes of the weights before it hangs up. blocks: how many blocks of the
    weights may still be sent; None for all.
    """

    id: str
    model: Path
    names: list[str]
    asked: Counter
    wrong: dict[str, bytes]
    breaks: list[int]
    blocks: threading.Semaphore | None

    def do_GET(self) -> None:
        if self.path.startswith(f"/api/models/{self.id}"):
            about = {"id": self.id, "sha": COMMIT, "siblings": list(map(self.about, self.names))}
            self.send(json.dumps(about).encode())
        elif self.path.startswith(f"/{self.id}/resolve/{COMMIT}/"):
            self.send_file(self.path.removeprefix(f"/{self.id}/resolve/{COMMIT}/"))
        else:
            self.send_error(404, headers={"X-Error-Code": "RepoNotFound"})

    def send_error(self, code, message=None, explain=None, headers=None) -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def about(self, name: str) -> dict:
        path = self.model / name
        data = path.read_bytes() if path.is_file() else b""
        git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        large = {"lfs": {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "pointerSize": 100}}
        return {"rfilename": name, "size": len(data), "blobId": git} | (large if name == WEIGHTS else {})

    def send_file(self, name: str) -> None:
        data, begin = self.wrong.get(name) or (self.model / name).read_bytes(), 0
        if asked := self.headers.get("Range"):
            begin = int(asked.removeprefix("bytes=").split("-")[0])
        self.asked[name, begin] += 1
        until = self.breaks.pop() if name == WEIGHTS and self.breaks else None
        self.send(data, begin, until, paced=name == WEIGHTS)

    def send(self, data: bytes, begin: int = 0, until: int | None = None, *, paced: bool = False) -> None:
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(data) - begin))
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        sent = data[begin:until]
        for at in range(0, len(sent), BLOCK):
            if paced and self.blocks:
                self.blocks.acquire()
            try:
                self.wfile.write(sent[at : at + BLOCK])
            except ConnectionError:  # nobody wants the rest
                self.close_connection = True
                return
        if until is not None:
            self.close_connection = True

    def log_message(self, *_) -> None: ...


@contextmanager
def served_hub(model: Path, id: str, names: list[str], blocks: threading.Semaphore | None = None) -> Iterator:
    """(what can be set of the server, its address). names: of the files that it tells of."""
    settings = {"id": id, "model": model, "names": names, "asked": Counter(), "wrong": {}, "breaks": []}
    handler = type("Here", (Hub,), settings | {"blocks": blocks})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
