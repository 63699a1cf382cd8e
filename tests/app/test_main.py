"""`python -m app` as a person starts it."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import core
from app import __version__
from app.__main__ import parse
from app.models import DEFAULT_MODEL, MODELS, model_path
from tests import tiny

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, **options)


@pytest.fixture(scope="module")
def tiny_file(tmp_path_factory):
    """A real model file, as small as the network goes."""
    model = tiny.model()
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    return core.save_model(path, model.card, model.network.state_dict())


def test_the_command_line_is_what_the_readme_says():
    settings = parse(["--model", "m", "--device", "cpu", "--host", "::1", "--port", "0", "--share", "--no-live"])
    assert (settings.model, settings.device, settings.host) == (Path("m"), "cpu", "::1")
    assert (settings.port, settings.share, settings.live) == (0, True, False)
    default = parse([])
    assert (default.host, default.port, default.share, default.live) == (None, None, False, True)


def test_a_bundled_model_is_found_by_its_name():
    bundled = MODELS / f"{DEFAULT_MODEL}.safetensors"
    assert model_path(DEFAULT_MODEL) == (bundled if bundled.is_file() else Path(DEFAULT_MODEL))
    assert model_path("no such model") == Path("no such model")


@pytest.mark.parametrize("port", ["70000", "-1", "x"])
def test_a_bad_port_is_refused_before_anything_is_loaded(port, capsys):
    with pytest.raises(SystemExit):
        parse([f"--port={port}"])
    assert "from 0 to 65535" in capsys.readouterr().err


def test_version_and_help_load_nothing():
    probe = "import sys; sys.argv = ['app', %r]\nfrom app.__main__ import main\ntry: main()\nexcept SystemExit: pass\n"
    probe += "print([name for name in ('torch', 'gradio', 'numpy', 'PIL') if name in sys.modules])"
    for option, expected in (("--version", f"Onestroke {__version__}"), ("--help", "--no-live")):
        printed = run("-c", probe % option).stdout
        assert expected in printed and printed.splitlines()[-1] == "[]"


def test_a_missing_model_is_one_sentence_without_a_traceback():
    ended = run("-m", "app", "--model", "nowhere.safetensors")
    assert ended.returncode == 1
    assert ended.stderr.strip() == "There is no model file nowhere.safetensors."


def hear_interrupts() -> None:
    """Tests that a shell runs in the background inherit that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_it_starts_serves_the_page_and_leaves_quietly(tiny_file):
    """Through the Space's entry, which is the same program."""
    command = [sys.executable, "-u", "app.py", "--model", str(tiny_file), "--device", "cpu", "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    program = subprocess.Popen(command, cwd=ROOT, preexec_fn=hear_interrupts, **pipes)
    try:
        printed = ""
        while "Ready" not in printed:
            line = program.stdout.readline()
            assert line, program.stderr.read()
            printed += line
        address = re.search(r"http://127\.0\.0\.1:\d+/", printed)[0]
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert b"Onestroke" in answer.read()
        program.send_signal(signal.SIGINT)
        rest, errors = program.communicate(timeout=20)
    finally:
        program.kill()
        program.communicate()
    assert (program.returncode, rest.strip(), errors) == (0, "Stopped.", "")


def test_it_ends_although_a_thread_is_still_at_work(tmp_path):
    """A large photo on one of the threads cannot be interrupted; Python would wait for it."""
    (tmp_path / "photo.png").write_bytes(b"data")
    program = (
        "import os, threading, time\nfrom app.__main__ import _end_within\n"
        "threading.Thread(target=time.sleep, args=(300,)).start()\n_end_within(0.1)"
    )
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, timeout=120)
    assert ended.returncode == 0 and not tmp_path.exists()
