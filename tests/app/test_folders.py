"""Folders: what depends on the order of the files alone, what an earlier run has left, object storage, no Ray."""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

import app.cli.engines
import core
from app.cli import main
from app.cluster import workers
from app.cluster.workers import TRIES, Worker
from core.errors import RequestError
from tests import tiny
from tests.app.edits.test_edits import mask_of, photo
from tests.cramped import cramped

COUNT = 19  # photos: two whole blocks and a part of one


@pytest.fixture
def model():
    """Notes the sizes of its evaluations."""
    return cramped(100)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys, model):
    """Runs a command line; returns the exit code and what it wrote to stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    path = core.save_model("tiny.safetensors", model.card, tiny.model().network.state_dict())
    monkeypatch.setattr(app.cli.engines.core, "load_model", lambda *_, **__: model)

    def call(line: str) -> tuple[int, str, str]:
        code = main([*line.split(), "--model", str(path), "--device", "cpu"])
        written = capsys.readouterr()
        return code, written.out, written.err

    return call


@pytest.fixture
def photos(run) -> Path:
    folder = Path("in")
    folder.mkdir()
    for seed in range(COUNT):
        core.write_png(folder / f"{seed:02d}.png", photo(30, 20, seed))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def sizes_of(model, run, line: str) -> list[int]:
    """The evaluations that a command takes, without the one that measures."""
    before = len(model.network.sizes)
    run(line)
    return [size for size in model.network.sizes[before:] if before or size > 1]


def test_no_batch_reaches_from_one_block_into_the_next(run, model, photos):
    assert sizes_of(model, run, "colorize in -o out --steps 1") == [8, 8, 3]


def test_a_file_that_fails_parts_no_batch_whoever_finds_out(run, model, photos, monkeypatch):
    (photos / "03.png").write_text("no picture")
    assert sizes_of(model, run, "colorize in -o out --steps 1") == [7, 8, 3]
    monkeypatch.setattr(app.cli.engines, "checked", list)  # as in a cluster, where nobody looks before
    assert sizes_of(model, run, "colorize in -o again --steps 1") == [7, 8, 3]
    assert contents(Path("out")) == contents(Path("again")) and len(contents(Path("out"))) == COUNT - 1


def test_what_is_missing_is_made_with_its_neighbours_and_what_is_there_stays(run, model, photos):
    run("colorize in -o out --steps 2 --seed 3")
    whole = contents(Path("out"))
    for name in ("01.png", "18.png"):
        Path("out", name).unlink()
    os.utime("out/02.png", ns=(1, 1))
    before = len(model.network.sizes)
    code, out, err = run("colorize in -o out --steps 2 --seed 3 --resume")
    assert (code, out.split(), err) == (0, ["out/01.png", "out/18.png"], "17 of 19 files are there already.\n")
    assert model.network.sizes[before:] == [8, 8, 3, 3] and contents(Path("out")) == whole
    assert os.stat("out/02.png").st_mtime_ns == 1


def test_resuming_what_is_finished_makes_nothing(run, model, photos):
    run("denoise in -o out")
    before = len(model.network.sizes)
    assert run("denoise in -o out --resume") == (0, "", "19 of 19 files are there already.\n")
    assert len(model.network.sizes) == before


@pytest.mark.parametrize(
    ("made", "asked", "message"),
    [
        ("colorize in -o out --steps 1", "colorize in -o out --steps 1 --seed 4", "out/00.png has seed 0, not 4."),
        ("colorize in -o out --steps 1", "colorize in -o out --steps 2", "has steps 1, not 2."),
        ("colorize in -o out --steps 1", "colorize in -o out --steps 1 --schedule paper", "has schedule default"),
        ("colorize in -o out --steps 1", "colorize in -o out --steps 1 --axis paper", "has axis grey, not paper."),
        ("colorize in -o out --steps 1", "denoise in -o out", "has task colorize, not denoise."),
        ("denoise in -o out --sigma 0.3", "denoise in -o out --sigma 0.2", "has sigma 0.3, not 0.2."),
        ("super-resolve in -o out --factor 2", "super-resolve in -o out --factor 4", "has factor 2, not 4."),
    ],
)
def test_what_was_made_otherwise_is_neither_kept_among_new_results_nor_overwritten(run, photos, made, asked, message):
    run(made)
    Path("out/05.png").unlink()
    before = contents(Path("out"))
    code, out, err = run(f"{asked} --resume")
    assert (code, out) == (2, "") and message in err and "another folder" in err
    assert contents(Path("out")) == before
    assert run(f"{made} --resume")[0] == 0


def test_what_a_person_put_there_is_not_taken_for_a_result(run, photos):
    Path("out").mkdir()
    core.write_png("out/04.png", photo(30, 20))
    code, _, err = run("colorize in -o out --resume")
    assert code == 2 and "out/04.png is no result of Onestroke" in err


@pytest.fixture
def store():
    """Object storage in this process; memory:// in URLs."""
    yield MemoryFileSystem()
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


def test_folders_masks_and_results_may_be_in_object_storage(run, store, photos):
    masks = Path("masks")
    masks.mkdir()
    for seed in range(COUNT):
        core.write_png(masks / f"{seed:02d}.png", np.repeat(mask_of(30, 20, seed, 5, 8, 8)[..., None], 3, 2))
    for path in (*photos.iterdir(), *masks.iterdir()):
        store.pipe_file(f"/bucket/{path}", path.read_bytes())
    assert run("inpaint in masks -o out --steps 1")[0] == 0
    code, out, err = run("inpaint memory://bucket/in memory://bucket/masks -o memory://bucket/out --steps 1")
    assert (code, err) == (0, "") and out.split()[0] == "memory://bucket/out/00.png"
    far = {path.rpartition("/")[2]: store.cat_file(path) for path in store.ls("/bucket/out", detail=False)}
    assert far == contents(Path("out"))
    store.rm("/bucket/out/07.png")
    line = "inpaint memory://bucket/in memory://bucket/masks -o memory://bucket/out --steps 1 --resume"
    assert run(line)[1:] == ("memory://bucket/out/07.png\n", "18 of 19 files are there already.\n")
    assert store.cat_file("/bucket/out/07.png") == far["07.png"]


def test_a_file_url_is_a_path(run, photos, tmp_path):
    assert run(f"denoise file://{tmp_path}/in/03.png -o file://{tmp_path}/out.png")[0] == 0
    assert Path("out.png").is_file()
    assert "mix with their originals" in run(f"denoise in -o file://{tmp_path}/in")[2]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("denoise memory://bucket/nowhere -o out", "there is no memory://bucket/nowhere."),
        ("denoise memory://bucket/in -o memory://bucket/in", "mix with their originals"),
        (
            "denoise memory://bucket/in/a.png -o memory://bucket/in/a.png",
            "would take the place of memory://bucket/in/a",
        ),
        ("denoise strange://bucket/in -o out", "strange://bucket/in cannot be opened: Protocol not known: strange."),
    ],
)
def test_what_is_wrong_with_a_url_is_a_sentence(run, store, line, message):
    store.pipe_file("/bucket/in/a.png", core.png_bytes(photo(30, 20)))
    code, out, err = run(line)
    assert (code, out) == (2, "") and message in err and "Traceback" not in err


def test_a_storage_whose_package_is_missing_says_which(run, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "s3fs", None)
    code, _, err = run("denoise s3://bucket/in -o out")
    assert code == 2 and "pip install s3fs" in err and "Traceback" not in err


def test_a_folder_in_storage_that_cannot_be_written_is_a_sentence_for_each_file(run, store, photos, monkeypatch):
    monkeypatch.setattr(MemoryFileSystem, "pipe_file", lambda *_, **__: (_ for _ in ()).throw(ConnectionError("gone")))
    code, out, err = run("denoise in/03.png -o memory://bucket/out.png")
    assert (code, out, err) == (1, "", "in/03.png: memory://bucket/out.png cannot be reached: gone.\n")


def test_without_ray_one_sentence_says_what_to_install(run, photos, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "ray" else find(name, *more))
    code, out, err = run("denoise in -o out --engine ray")
    assert (code, out) == (2, "") and len(err.splitlines()) == 1 and 'pip install "ray[serve,data]' in err
    assert not Path("out").exists()
    assert run("denoise in/03.png -o out.png --engine ray")[0] == 0  # one file needs no cluster


@pytest.mark.parametrize(("begun", "reports"), [(TRIES, '[{"done": 7}]'), (TRIES + 1, "null")])
def test_a_block_that_was_begun_too_often_is_given_up(monkeypatch, begun, reports):
    monkeypatch.setattr(workers, "_begun", lambda tries, number: begun)
    worker = Worker(lambda: lambda block: [{"done": block}], None)
    assert worker({"number": 5, "block": 7}) == {"number": 5, "reports": reports, "refusal": "", "fault": ""}


def test_a_worker_hands_on_what_is_refused_and_what_is_broken(monkeypatch):
    monkeypatch.setattr(workers, "_begun", lambda tries, number: 1)

    def refuse():
        raise RequestError("There is no cuda device.")

    assert Worker(refuse, None)({"number": 0, "block": ()})["refusal"] == "There is no cuda device."
    fault = Worker(lambda: lambda block: [{"done": 1 / block}], None)({"number": 0, "block": 0})["fault"]
    assert fault.splitlines()[-1] == "ZeroDivisionError: division by zero"
