"""Models by their Hub id: from the cache without network, else from the endpoint that the environment names."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

import core
from core.convert import main
from tests.core.published.openai_network import small

ROOT = Path(__file__).resolve().parents[3]
ID = "somebody/diffusers-cd_small"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PROGRAM = "import core, sys; print(*(core.load_model(sys.argv[1], 'cpu', 'float32').card.name for _ in range(2)))"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A diffusers folder with more in it than is needed."""
    folder = tmp_path_factory.mktemp("hub")
    torch.save(small("lsun").state_dict(), folder / "cd_small.pt")
    assert main([str(folder / "cd_small.pt"), str(folder / "model"), "--to", "diffusers"]) == 0
    for name in ("README.md", "unet/diffusion_pytorch_model.bin", "unet/diffusion_pytorch_model.fp16.safetensors"):
        (folder / "model" / name).write_text("not needed")
    return folder / "model"


@pytest.fixture
def cache(tmp_path, model, monkeypatch) -> Path:
    """A cache in which the model is."""
    there = tmp_path / "hub" / f"models--{ID.replace('/', '--')}"
    (there / "refs").mkdir(parents=True)
    (there / "refs/main").write_text(COMMIT)
    (there / "snapshots").mkdir()
    (there / "snapshots" / COMMIT).symlink_to(model)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    return there


def test_what_is_in_the_cache_needs_no_network(cache):
    loaded = core.load_model(ID, "cpu", "float32")
    assert loaded.card.name == "diffusers-cd_small"
    assert loaded.card.parameterisation == "consistency"
    assert core.read_card(Path(ID)) == loaded.card
    assert core.read_card(cache / "snapshots" / COMMIT).parameterisation == "consistency"


@pytest.mark.parametrize("text", ["nobody/model", "nobody/cd_model.v2"])
def test_what_is_not_there_and_not_to_be_had_is_told_in_a_sentence(cache, text):
    with pytest.raises(core.CheckpointError, match=f"no file or folder {text}; .* it could not be fetched"):
        core.load_model(text, "cpu")


@pytest.mark.parametrize("text", ["model", "a/b/c", "../x", "/no/such", "a/../b", "", "a b/c", "nobody/-x"])
def test_what_has_not_the_form_of_an_id_asks_nobody(monkeypatch, text):
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: pytest.fail("asked the Hub"))
    with pytest.raises(core.CheckpointError):
        core.load_model(text, "cpu")


class Hub(BaseHTTPRequestHandler):
    """As much of the Hub as a download needs."""

    model: Path
    fetched: list[str]

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, body: bool) -> None:
        if self.path.startswith(f"/api/models/{ID}"):
            names = [path.relative_to(self.model).as_posix() for path in self.model.rglob("*") if path.is_file()]
            data = json.dumps({"id": ID, "sha": COMMIT, "siblings": [{"rfilename": name} for name in names]}).encode()
            if "/tree/" in self.path:
                data = json.dumps([{"type": "file", "path": n, "oid": "0", "size": 0} for n in names]).encode()
        elif self.path.startswith(f"/{ID}/resolve/{COMMIT}/"):
            name = self.path.removeprefix(f"/{ID}/resolve/{COMMIT}/")
            self.fetched += [name] * body
            data = (self.model / name).read_bytes()
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hash(self.path) & 0xFFFFFFFF:08x}"')
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_) -> None: ...


def test_only_what_is_needed_is_fetched_and_only_once(model, tmp_path):
    handler = type("Here", (Hub,), {"model": model, "fetched": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    own = {"HF_HOME": str(tmp_path), "HF_ENDPOINT": f"http://127.0.0.1:{server.server_address[1]}"}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")} | own

    try:
        command = [sys.executable, "-c", PROGRAM, ID]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["diffusers-cd_small"] * 2
        assert sorted(handler.fetched) == [
            "model_index.json", "scheduler/scheduler_config.json", "unet/config.json",
            "unet/diffusion_pytorch_model.safetensors",
        ]  # fmt: skip
    finally:
        server.shutdown()
        server.server_close()
