"""What may import what, what start-up may load, and which names are public."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import core

ROOT = Path(__file__).resolve().parents[1]
OURS = {"app", "core", "training", "tests", "benchmarks", "examples", "onestroke"}
ALLOWED = {"app": {"app", "core"}, "core": {"core"}, "training": {"training", "core"}, "onestroke": {"app"}}
# What the files of a room may import of their own package; "" are the files at its top.
ROOMS = {
    "core": {
        "pictures": {"pictures", ""},
        "published": {"published", ""},
    },
    "app": {
        "edits": {"edits"},
        "store": {"store", "edits"},
        "engine": {"engine", "edits"},
        "cluster": {"cluster", "engine", "edits", ""},
        "gallery": {"gallery", "engine", "edits", ""},
        "web": {"web", "engine", "store", "edits", ""},
        "cli": {"cli", "cluster", "edits", ""},
    },
    "training": {
        "metrics": {"metrics"},
        "data": {"data", ""},
        "adversary": {"adversary", "metrics", ""},
        "objectives": {"objectives", "adversary", "metrics", ""},
        "loop": {"loop", "objectives", "adversary", "metrics", "data", ""},
        "evaluation": {"evaluation", "metrics"},
    },
}
FILES = [path for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]


def modules_of(path: Path) -> set[str]:
    """Every module that a file imports, inside functions too, by its whole name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def imports_of(path: Path) -> set[str]:
    """Top packages of every import in a file."""
    return {module.split(".")[0] for module in modules_of(path)}


def room_of(module: str, package: str) -> str:
    """The room of a module of a package, "" for one at its top."""
    name = module.split(".")[1]
    return name if (ROOT / package / name).is_dir() else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_from_app_and_training_to_core_only(path):
    package = path.relative_to(ROOT).parts[0]
    assert imports_of(path) & OURS <= ALLOWED[package]


@pytest.mark.parametrize(("package", "room"), [(package, room) for package in ROOMS for room in ROOMS[package]])
def test_a_room_knows_only_the_rooms_below_it(package, room):
    files = sorted((ROOT / package / room).rglob("*.py"))
    assert files
    for path in files:
        known = {room_of(module, package) for module in modules_of(path) if module.split(".")[0] == package}
        assert known <= ROOMS[package][room], path


def test_every_folder_of_code_is_a_room():
    found = {package: {path.parent.name for path in (ROOT / package).glob("*/__init__.py")} for package in ROOMS}
    assert found == {package: set(rooms) for package, rooms in ROOMS.items()}


@pytest.mark.parametrize("path", [p for p in FILES if p.is_relative_to(ROOT / "core")], ids=lambda path: path.name)
def test_core_knows_no_page_no_metric_and_no_pickle(path):
    assert not imports_of(path) & {"gradio", "lpips", "torchvision", "diffusers", "pickle"}
    if path != ROOT / "core" / "published" / "torch_file.py":  # where PyTorch's own files are read, as weights alone
        assert "torch.load" not in path.read_text(encoding="utf-8")


def test_layouts_of_other_programs_are_known_to_three_files_only():
    knowing = {path for path in FILES if any(name.startswith("core.published") for name in modules_of(path))}
    outside = {path for path in knowing if path.parent != ROOT / "core" / "published"}
    assert outside == {ROOT / "core" / "open_model.py", ROOT / "core" / "convert.py", ROOT / "core" / "model_hub.py"}


DECODING = [*sorted((ROOT / "core" / "pictures").glob("*.py")), ROOT / "core/errors.py", ROOT / "core/files.py"]


@pytest.mark.parametrize("path", DECODING, ids=lambda path: path.name)
def test_a_process_that_decodes_pictures_is_small(path):
    """It loads these files and no torch."""
    known = [name for name in modules_of(path) if name.startswith("core")]
    assert "torch" not in imports_of(path)
    assert all(name.startswith(("core.pictures.", "core.errors.", "core.files.")) for name in known)


NAMED = re.compile(
    r"(?<![\w./-])((?:app|core|training|tests|benchmarks|examples|onestroke)(?:/[\w.-]+)*/[\w-]+\.(?:py|js|css|toml))\b"
)


def test_every_file_that_is_named_is_there():
    """In docs, docstrings and comments."""
    texts = [path for pattern in ("*.md", "*.toml", "Makefile") for path in ROOT.glob(pattern)]
    for folder in ("docs", *OURS):
        texts += [path for path in (ROOT / folder).rglob("*") if path.suffix in (".md", ".py", ".toml", ".js", ".css")]
    named = {(path, name) for path in texts for name in NAMED.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 50
    assert not [(str(path), name) for path, name in named if not (ROOT / name).is_file() and "NAME" not in name]


def test_no_two_files_of_tests_have_one_name():
    """pytest imports them by their names alone, and only where it collects all of them does it notice."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) > 100 and sorted(set(names)) == sorted(names)


def test_torch_load_never_loads_more_than_weights():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FILES]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    loads = [ast.unparse(call) for call in calls if ast.unparse(call.func) == "torch.load"]
    assert loads
    assert all("weights_only=True" in load for load in loads)


def test_the_public_names_are_sorted_and_real():
    assert core.__all__ == sorted(core.__all__)
    assert all(hasattr(core, name) for name in core.__all__)
    modules = {path.stem for path in (ROOT / "core").iterdir()} | {"core"}
    assert {name for name in vars(core) if not name.startswith("_")} - modules == set(core.__all__)


def test_importing_core_loads_neither_page_nor_metrics_nor_training():
    code = "import sys, core; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    unwanted = {"gradio", "lpips", "torchvision", "diffusers", "training", "app"}
    assert not unwanted & set(done.stdout.split())
