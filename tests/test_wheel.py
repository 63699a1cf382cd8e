"""The wheel: what is in it, and that its commands run where there is no repository."""

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import core
from app import __version__
from app.models import DEFAULT_MODEL
from tests import tiny

pytest.importorskip("setuptools", reason="Wheels are built by setuptools, which is not here.")
pytest.importorskip("pip", reason="Wheels are made and installed by pip, which is not here.")

pytestmark = pytest.mark.xdist_group("wheel")  # built once, by one process

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("app", "core", "training", "assets")
FILES = ("pyproject.toml", "requirements.txt", "LICENSE")
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "*.pyi", "*.safetensors")


def pip(*arguments: str | Path, cwd: Path) -> None:
    """Without any package index."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps"]
    command = [sys.executable, "-m", "pip", arguments[0], *quiet, *arguments[1:]]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """A copy of the repository, as building leaves folders behind, whose bundled model is a tiny one."""
    copy = tmp_path_factory.mktemp("source")
    for folder in ("onestroke", *FOLDERS):
        shutil.copytree(ROOT / folder, copy / folder, ignore=LEFT_BEHIND)
    for file in FILES:
        shutil.copy(ROOT / file, copy / file)
    model = tiny.model()
    core.save_model(copy / f"assets/models/{DEFAULT_MODEL}.safetensors", model.card, model.network.state_dict())
    return copy


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("wheel")
    pip("wheel", ".", "--no-build-isolation", "--wheel-dir", made, cwd=source)
    return next(made.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder of packages with nothing but the wheel."""
    packages = tmp_path_factory.mktemp("packages")
    pip("install", wheel, "--no-index", "--target", packages, cwd=packages)
    return packages


@pytest.fixture
def run(installed, tmp_path):
    """run(program, ...) in an empty folder: what it wrote to stdout. The program is python or one of the commands."""

    def call(program: str, *arguments: str) -> str:
        command = [sys.executable] if program == "python" else [sys.executable, installed / "bin" / program]
        environment = os.environ | {"PYTHONPATH": str(installed), "COLUMNS": "100"}
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def test_the_wheel_holds_every_file_of_the_four_folders_in_one_package(source, wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {Path(name) for name in archive.namelist()}
    assert {name.parts[0] for name in names} == {"onestroke", f"onestroke-{__version__}.dist-info"}
    ours = {path.relative_to(source) for folder in FOLDERS for path in (source / folder).rglob("*") if path.is_file()}
    expected = {Path("onestroke", path) for path in ours} | {Path("onestroke/__init__.py")}
    assert {name for name in names if name.parts[0] == "onestroke"} == expected


def test_the_wheel_needs_what_the_repository_needs(installed):
    described = Distribution.at(next(installed.glob("*.dist-info")))
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    expected = {str(Requirement(line)) for line in lines if not line.startswith("#")}
    assert {str(Requirement(each)) for each in described.requires or []} == expected
    assert described.version == __version__
    assert described.metadata["License-Expression"] == "Apache-2.0"


def test_its_commands_explain_themselves_by_their_names(run):
    assert run("onestroke", "--help").startswith("usage: onestroke [-h] [--model MODEL]")
    assert run("onestroke-edit", "inpaint", "--help").startswith("usage: onestroke-edit inpaint [-h]")


def test_an_edit_finds_the_bundled_model_from_an_empty_folder(run, tmp_path):
    assert run("onestroke-edit", "generate", "--count", "1", "--steps", "1", "-o", "made") == "made/0.png\n"
    assert core.read_image(tmp_path / "made" / "0.png").size == (tiny.SIDE, tiny.SIDE)
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_the_page_finds_its_files(run, installed):
    probe = "import onestroke, app.examples as examples, app.web.scripts as scripts\n"
    probe += "assert scripts.join_scripts(scripts.read_scripts()) and (scripts.STATIC / 'style.css').is_file()\n"
    probe += "assert examples.load_examples()\n"
    probe += "print(scripts.__file__)"
    assert Path(run("python", "-c", probe).strip()).is_relative_to(installed)


def test_its_modules_are_commands_as_well(run):
    assert run("python", "-m", "onestroke.app", "--version") == f"Onestroke {__version__}\n"
