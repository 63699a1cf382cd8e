"""Arguments of the command lines that nobody meant: understood, or told in a sentence, and no file is touched."""

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app.cli.run
import core
import training.__main__
from app.__main__ import parse
from app.cli import main
from app.edits.registry import EDITS
from app.web.settings import Settings
from tests import tiny
from tests.fuzz.effort import usual

WORDS = st.sampled_from(
    ["photo.png", "folder", "nothing.png", "masks", "", ".", "..", "/", "-", "--", "-1", "0", "1", "2", "nan", "1e9",
     "9" * 5000, "\0", "é\udcff", "x" * 300, "photo.png/x", "out", "out.png", "out.webp", "out.zip", "*", "٣", "@a"]
) | st.text(max_size=8)  # fmt: skip
NAMES = sorted({f"--{field.name}" for spec in EDITS.values() for field in spec.takes} | {"--seeds", "--of", "--model"})
EDITING = st.lists(st.sampled_from(["-o", *NAMES, "--json", "--help", "--device"]) | WORDS, max_size=12)
SENSIBLE = st.tuples(st.lists(WORDS, max_size=2), WORDS).map(lambda given: [*given[0], "-o", given[1]])
PAGE = ["--model", "--device", "--host", "--port", "--share", "--public", "--no-public", "--no-live", "--version"]
TRAINING = ["--out", "--set", "--dry-run", "--threads", "run.toml", "run.kimg=1", "objective.kind=edm"]


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory) -> Iterator[Path]:
    """The current folder, with pictures in it."""
    made = tmp_path_factory.mktemp("commands")
    for name in ("photo.png", "folder/a.png", "folder/b.jpg", "folder/a.tiff", "masks/a.png"):
        (made / name).parent.mkdir(exist_ok=True)
        core.write_png(made / name, tiny.picture(0))
    with contextlib.chdir(made), pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.cli.run, "run", lambda options, tasks: 0)  # what is understood is not made here
        yield made


def called(function: Callable[[], Any]) -> tuple[Any, str, str]:
    """What it returns, or the code with which it exits; and what it writes to stdout and stderr."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            result = function()
        except SystemExit as ended:
            result = ended.code
    return result, out.getvalue(), err.getvalue()


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@usual
@given(st.sampled_from([*EDITS, "other"]), SENSIBLE | EDITING)
def test_the_edits_of_files_are_planned_or_refused(folder, task, arguments):
    before = files_of(folder)
    code, _, err = called(lambda: main([task, *arguments], program="edit"))
    assert code in (0, 2)
    assert "Traceback" not in err and (code == 0 or err.startswith(("usage: edit", f"edit {task}: ")))
    assert files_of(folder) == before


@usual
@given(st.lists(st.sampled_from(PAGE) | WORDS, max_size=8))
def test_the_options_of_the_page_are_settings_or_refused(arguments):
    result, _, err = called(lambda: parse(arguments, "page"))
    assert isinstance(result, Settings) or result == 0 or (result == 2 and err.startswith("usage: page"))


@usual
@given(st.lists(st.sampled_from(TRAINING) | WORDS, max_size=8))
def test_the_options_of_a_training_are_a_configuration_or_refused(folder, arguments):
    before = files_of(folder)
    code, out, err = called(lambda: training.__main__.main([*arguments, "--dry-run"]))
    assert (code == 0 and ("[run]" in out or "usage" in out)) or (code == 2 and err and "Traceback" not in err)
    assert files_of(folder) == before
