"""What a program is given stays as it is, whatever it is told to write."""

import os
from pathlib import Path

import pytest

from app.gallery.__main__ import main as gallery
from tests import tiny
from training.__main__ import main as train
from training.blend import main as blend
from training.config import to_toml
from training.evaluate import main as evaluate


@pytest.fixture
def given(tmp_path) -> Path:
    """A folder with a configuration, pictures, and two model files."""
    pictures = tiny.write_pictures(tmp_path / "p", 6)
    (tmp_path / "run.toml").write_text(to_toml(tiny.run_config(pictures)))
    tiny.teacher_file(tmp_path).rename(tmp_path / "a.safetensors")
    tiny.teacher_file(tmp_path).rename(tmp_path / "b.safetensors")
    (tmp_path / "credits.txt").write_text("somebody")
    return tmp_path


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("written", "setting"),
    [("config.toml", ""), ("model.safetensors", "start={}"), ("log.jsonl", "card.credits_file={}"),
     ("state.pt", "data.train=[{{path={!r}}}]")],
)  # fmt: skip
@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_run_that_would_overwrite_what_it_is_given_does_not_begin(given, capsys, written, setting, link):
    names = {
        "config.toml": "run.toml",
        "model.safetensors": "a.safetensors",
        "log.jsonl": "credits.txt",
        "state.pt": "p/000.png",
    }
    (given / "run").mkdir()
    link(given / names[written], given / "run" / written)
    before = contents(given)
    wishes = ["--set", setting.format(str(given / names[written]))] if setting else []
    assert train([str(given / "run.toml"), "--out", str(given / "run"), *wishes, "--threads", "1"]) == 2
    said = capsys.readouterr().err
    assert f"would overwrite {given / 'run' / written}, which it is given" in said
    assert contents(given) == before


def test_a_blend_does_not_take_the_place_of_what_is_blended(given, capsys):
    before, names = contents(given), [str(given / name) for name in ("a.safetensors", "b.safetensors")]
    for out in names:
        assert blend([*names, "--out", out]) == 2
        assert "which is given" in capsys.readouterr().err
    assert blend([*names, "--out", str(given / "none" / "c.safetensors")]) == 2
    assert "cannot be written: No such file" in capsys.readouterr().err
    assert contents(given) == before


def test_figures_do_not_take_the_place_of_a_photograph(given, capsys):
    before, model, data = contents(given), str(given / "a.safetensors"), str(given / "p")
    for out in (model, str(given / "p/000.png")):
        assert evaluate([model, "--data", data, "--copies", data, "--out", out]) == 2
        assert "which is given" in capsys.readouterr().err
    assert contents(given) == before


def test_the_documents_pictures_do_not_take_the_place_of_the_model(given, capsys):
    (given / "out").mkdir()
    (given / "out/examples-all.webp").symlink_to(given / "a.safetensors")
    before = contents(given)
    assert gallery(["--model", str(given / "a.safetensors"), "--out", str(given / "out")]) == 2
    assert "which is given" in capsys.readouterr().err and contents(given) == before


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(given, capsys):
    (given / "run").write_text("a file")
    before = contents(given)
    assert train([str(given / "run.toml"), "--out", str(given / "run"), "--threads", "1"]) == 2
    assert "could not be written" in capsys.readouterr().err and contents(given) == before
