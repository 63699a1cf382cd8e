"""The scripts of the page without a page: tests/scripts/*.test.mjs, run by Node."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.edits.record import KEY, record_text

FOLDER = Path(__file__).parent
NODE = shutil.which("node")
PICTURE = "data:image/png;base64,iVBORw0KGgo="
RECORDS = [
    ({"task": "paint", "seed": 5, "steps": 3, "strength": 0.35, "look": "day"}, [PICTURE]),
    (
        {"task": "paint", "seed": 2**31 - 1, "steps": 40, "schedule": "paper", "look": "größer"},
        ["a" * 100_000, PICTURE],
    ),
    ({"task": "paint", "seed": 0, "steps": 1, "strength": 1}, ["a" * 100_000]),
    ({"task": "inpaint", "seed": 7, "mask": PICTURE, "square": [-3, 0, 64], "extend": [3, 0, 0, 0], "grow": 2}, []),
    ({"task": "super-resolve", "factor": 4, "input": PICTURE, "square": [0, 0, 9], "feather": 0.5}, []),
    ({"task": "denoise", "sigma": 0.25, "seed": 1}, []),
    (None, []),
]

pytestmark = pytest.mark.skipif(NODE is None, reason="Node")


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> Path:
    """A folder of PNG files with records, and what is in them."""
    folder = tmp_path_factory.mktemp("records")
    cases = []
    for number, (settings, strokes) in enumerate(RECORDS):
        texts = PngInfo()
        texts.add_text("Software", "something else")
        text = record_text(settings, strokes) if settings else None
        if text:
            texts.add_itxt(KEY, text)
        Image.new("RGB", (3, 2)).save(folder / f"{number}.png", pnginfo=texts)
        cases.append({"file": f"{number}.png", "record": json.loads(text) if text else None})
    (folder / "records.json").write_text(json.dumps(cases), "utf-8")
    return folder


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.test.mjs")), ids=lambda path: path.name.split(".")[0])
def test_scripts_in_node(path, records):
    surroundings = {**os.environ, "PYTHON": sys.executable, "RECORDS": str(records)}
    command = [NODE, "--test", "--test-reporter=tap", str(path)]
    done = subprocess.run(command, env=surroundings, capture_output=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n# skipped 0\n" in done.stdout
    assert "\n# pass 0\n" not in done.stdout
