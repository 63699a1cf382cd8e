"""What may import what, what start-up may load, and which names are public."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import core

ROOT = Path(__file__).resolve().parents[1]
OURS = {"app", "core", "training", "tests", "benchmarks"}
ALLOWED = {"app": {"app", "core"}, "core": {"core"}, "training": {"training", "core"}}
FILES = [path for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]


def imports_of(path: Path) -> set[str]:
    """Top packages of every import in a file, those inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_from_app_and_training_to_core_only(path):
    package = path.relative_to(ROOT).parts[0]
    assert imports_of(path) & OURS <= ALLOWED[package]


@pytest.mark.parametrize("path", [p for p in FILES if p.is_relative_to(ROOT / "core")], ids=lambda path: path.name)
def test_core_knows_no_page_no_metric_and_no_pickle(path):
    assert not imports_of(path) & {"gradio", "lpips", "torchvision", "diffusers", "pickle"}
    assert "torch.load" not in path.read_text(encoding="utf-8")


def test_torch_load_never_loads_more_than_weights():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FILES]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    loads = [ast.unparse(call) for call in calls if ast.unparse(call.func) == "torch.load"]
    assert loads
    assert all("weights_only=True" in load for load in loads)


def test_the_public_names_are_sorted_and_real():
    assert core.__all__ == sorted(core.__all__)
    assert all(hasattr(core, name) for name in core.__all__)
    modules = {path.stem for path in (ROOT / "core").glob("*.py")} | {"core"}
    assert {name for name in vars(core) if not name.startswith("_")} - modules == set(core.__all__)


def test_importing_core_loads_neither_page_nor_metrics_nor_training():
    code = "import sys, core; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    unwanted = {"gradio", "lpips", "torchvision", "diffusers", "training", "app"}
    assert not unwanted & set(done.stdout.split())
