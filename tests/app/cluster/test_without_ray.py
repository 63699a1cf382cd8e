"""Ray is optional: nothing imports it unasked, and whoever asks for it without having it is told what to install."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.cluster.connect import NOT_INSTALLED, import_ray
from core.errors import RequestError

ROOT = Path(__file__).resolve().parents[3]
HIDDEN = "import sys; sys.modules['ray'] = None; from app.__main__ import main; sys.exit(main(sys.argv[1:]))"
UNASKED = "import app.__main__, app.cli.run, app.web.page, app.web.events, app.engine.loading, sys; print(*sys.modules)"


def run(code: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True)


def test_the_program_says_in_one_sentence_what_to_install():
    done = run(HIDDEN, "--engine", "ray")
    assert done.returncode == 1 and done.stderr.strip() == NOT_INSTALLED
    assert NOT_INSTALLED.count(". ") == 0 and "Traceback" not in done.stdout


def test_nothing_imports_ray_unasked():
    done = run(UNASKED)
    assert done.returncode == 0, done.stderr
    assert "app.engine.engine" in done.stdout.split()
    assert not [name for name in done.stdout.split() if name.split(".")[0] == "ray"]


def test_ray_without_a_part_of_it_is_told_the_same(monkeypatch):
    pytest.importorskip("ray")
    monkeypatch.setitem(sys.modules, "ray.serve", None)
    with pytest.raises(RequestError, match="pip install"):
        import_ray("serve")


SETTING = """
import os, sys
from app.cluster.connect import import_ray
os.environ.pop("RAY_USAGE_STATS_ENABLED", None)
os.environ["RAY_AUTH_MODE"] = "a person's"
import_ray()
print(os.environ["RAY_USAGE_STATS_ENABLED"], os.environ["RAY_AUTH_MODE"])
"""


def test_ray_calls_nobody_and_what_a_person_has_set_stays():
    pytest.importorskip("ray")
    assert run(SETTING).stdout.strip() == "0 a person's"
