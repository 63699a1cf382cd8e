"""`python -m app.cli` as a person types it, in this process, with the smallest real model file."""

import io
import json
import os
import subprocess
import sys
from errno import EROFS
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import core
from app.cli import main
from app.cli.plan import output_names
from app.edits.record import read_record
from core.pictures.read import CUT_SHORT, TRANSPARENT
from tests import tiny
from tests.app.edits.test_edits import mask_of, photo
from tests.training.loop.test_interruptions import file_size

ROOT = Path(__file__).resolve().parents[2]
SIDE = tiny.SIDE


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    made = tiny.model()
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    return str(core.save_model(path, made.card, made.network.state_dict()))


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(model, folder, capsys):
    """Runs a command line; returns the exit code and what it wrote to stdout and stderr."""

    def call(line: str) -> tuple[int, str, str]:
        try:
            code = main([*line.split(), "--model", model, "--device", "cpu"])
        except SystemExit as ended:
            code = ended.code
        written = capsys.readouterr()
        return code, written.out, written.err

    return call


def save(path: Path, pixels: np.ndarray, **options) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return pixels


def load(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_inpaint_fills_the_mask_and_nothing_else(run, folder):
    pixels, mask = save(folder / "a.png", photo()), save(folder / "m.png", mask_of(50, 40, 10, 10, 12, 9))
    assert run("inpaint a.png m.png -o out.png --seed 3")[:2] == (0, "out.png\n")
    filled = load(folder / "out.png")
    assert (filled[mask == 0] == pixels[mask == 0]).all() and (filled[mask != 0] != pixels[mask != 0]).any()
    record = read_record((folder / "out.png").read_bytes())
    assert (record["task"], record["seed"], record["steps"]) == ("inpaint", 3, 4)


def test_only_the_white_of_a_transparent_mask_is_filled(run, folder):
    save(folder / "a.png", photo())
    mask = np.zeros((40, 50, 4), np.uint8)
    mask[5:15, 5:15] = 255
    save(folder / "m.png", mask)
    assert run("inpaint a.png m.png -o out.png")[0] == 0
    assert (load(folder / "out.png")[mask[..., 3] == 0] == load(folder / "a.png")[mask[..., 3] == 0]).all()


def test_colorize_keeps_the_luminance(run, folder):
    pixels = save(folder / "grey.png", photo()[..., 0])
    assert run("colorize grey.png -o out.png")[0] == 0
    luma = load(folder / "out.png") @ (np.array(core.constraint.LUMA) / 0.9999)
    assert abs(luma - pixels).max() <= 1.001


def test_colorize_takes_the_axis_of_luminance(run, folder):
    save(folder / "grey.png", photo()[..., 0])
    for axis in ("grey", "paper"):
        assert run(f"colorize grey.png -o by-{axis}.png --axis {axis}")[0] == 0
        assert read_record((folder / f"by-{axis}.png").read_bytes())["axis"] == axis
    assert (load(folder / "by-grey.png") != load(folder / "by-paper.png")).any()
    assert run("colorize grey.png -o out.png --axis green")[0] == 2


def test_super_resolve_keeps_the_block_means(run, folder):
    small = save(folder / "small.png", photo(4, 4))
    assert run("super-resolve small.png -o out.png --factor 2")[0] == 0
    means = load(folder / "out.png").reshape(4, 2, 4, 2, 3).mean((1, 3))
    assert (means == small).all()


def test_denoise_reports_its_noise_level(run, folder):
    save(folder / "noisy.png", photo(SIDE, SIDE))
    code, out, _ = run("denoise noisy.png -o out.png --sigma 0.25 --json")
    report = json.loads(out)
    assert code == 0 and (report["sigma"], report["steps"], report["outputs"]) == (0.25, 1, ["out.png"])
    assert report["ms"] >= report["model_ms"] > 0


def test_deblur_keeps_the_size_and_reports_its_blur(run, folder):
    save(folder / "soft.png", photo(30, 20))
    code, out, _ = run("deblur soft.png -o out.png --blur 1.5 --json")
    report = json.loads(out)
    assert code == 0 and (report["blur"], report["steps"]) == (1.5, 1) and load(folder / "out.png").shape == (20, 30, 3)


def test_paint_takes_strokes_of_any_size(run, folder):
    save(folder / "s.png", photo(700, 600))
    assert run("paint s.png -o out.png --seed 7 --steps 1")[0] == 0
    assert load(folder / "out.png").shape == (SIDE, SIDE, 3)


def test_generate_writes_a_file_for_each_seed(run, folder):
    code, out, _ = run("generate --count 3 --seed 5 --steps 1 -o made")
    assert code == 0 and out.split() == ["made/5.png", "made/6.png", "made/7.png"]
    assert run("generate --count 1 --seed 6 --steps 1 -o again")[0] == 0
    assert (load(folder / "made/6.png") == load(folder / "again/6.png")).all()
    assert run("generate --of made/5.png --count 1 --amount 0.2 -o varied")[0] == 0


def test_interpolate_writes_frames_a_strip_or_an_animation(run, folder):
    assert run("interpolate --seeds 1 2 --frames 4 --steps 1 -o frames")[0] == 0
    assert sorted(p.name for p in (folder / "frames").iterdir()) == [
        "01.png", "02.png", "03.png", "04.png", "animation.webp",
    ]  # fmt: skip
    assert run("interpolate --seeds 1 2 --frames 4 --steps 1 -o strip.png")[0] == 0
    assert load(folder / "strip.png").shape == (SIDE, 4 * SIDE, 3)
    assert run("interpolate --seeds 1 2 --frames 4 --steps 1 -o moving.webp")[0] == 0
    with Image.open(folder / "moving.webp") as moving:
        assert moving.n_frames == 6


def test_interpolate_takes_pictures_for_seeds(run, folder):
    assert run("generate --count 1 --seed 5 --steps 1 -o made")[0] == 0
    assert run("generate --count 1 --seed 9 --steps 1 -o made")[0] == 0
    assert run("interpolate made/5.png made/9.png --frames 3 --steps 1 -o way")[0] == 0
    assert run("interpolate --seeds 5 9 --frames 3 --steps 1 -o seeds")[0] == 0
    for name in ("01.png", "02.png", "03.png"):
        assert (load(folder / "way" / name) == load(folder / "seeds" / name)).all()
    small = save(folder / "a.png", photo(SIDE, SIDE))
    code, out, _ = run("interpolate a.png made/9.png --frames 3 --steps 1 -o over --json")
    assert code == 0 and json.loads(out)["over"] == "pictures"
    assert abs(load(folder / "over/01.png").astype(int) - small).max() <= 1


def test_the_same_command_gives_the_same_file(run, folder):
    save(folder / "a.png", photo())
    for name in ("one", "two"):
        assert run(f"colorize a.png -o {name}.png --seed 4")[0] == 0
    assert (folder / "one.png").read_bytes() == (folder / "two.png").read_bytes()


def test_a_folder_gives_a_folder_and_one_bad_file_does_not_stop_the_others(run, folder):
    for name in ("a.png", "b.jpg"):
        save(folder / "in" / name, photo())
    (folder / "in" / "broken.png").write_text("no picture")
    (folder / "in" / "notes.txt").write_text("left alone")
    code, out, err = run("colorize in -o out")
    assert code == 1 and out.split() == ["out/a.png", "out/b.png"]
    assert err.strip() == "in/broken.png: This file is not a picture. JPEG, PNG or WebP work."


@pytest.mark.parametrize(
    "line", ["colorize a.jpg -o out.png", "paint a.jpg -o out.png", "generate --count 1 --of a.jpg -o out.png"]
)
def test_a_file_that_is_cut_short_is_edited_as_far_as_it_goes_and_told_once(run, folder, line):
    save(folder / "a.jpg", photo(64, 48))
    whole = (folder / "a.jpg").read_bytes()
    (folder / "a.jpg").write_bytes(whole[: len(whole) * 3 // 4])
    code, out, err = run(line)
    assert (code, out.split()) == (0, ["out.png"])
    name = "generate" if line.startswith("generate") else "a.jpg"
    assert err == f"{name}: {CUT_SHORT}\n"
    code, out, err = run(f"{line} --json")
    assert (code, err, json.loads(out)["note"]) == (0, "", CUT_SHORT)


def test_a_mask_that_is_cut_short_is_refused(run, folder):
    save(folder / "a.png", photo())
    save(folder / "mask.png", np.random.default_rng(0).integers(0, 256, photo().shape, dtype=np.uint8))
    whole = (folder / "mask.png").read_bytes()
    (folder / "mask.png").write_bytes(whole[: len(whole) * 3 // 4])
    code, _, err = run("inpaint a.png mask.png -o out.png")
    assert code == 1 and "cut short" in err and not (folder / "out.png").exists()


def test_masks_of_a_folder_are_found_by_name(run, folder):
    for name, x in (("a", 5), ("b", 25)):
        save(folder / "in" / f"{name}.png", photo())
        save(folder / "masks" / f"{name}.png", mask_of(50, 40, x, 10, 8, 8))
    save(folder / "in" / "c.png", photo())
    code, out, err = run("inpaint in masks -o out --json")
    reports = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and [Path(t["input"]).stem for t in reports] == ["c", "a", "b"] and err == ""
    assert "There is no picture file masks/c.png" in reports[0]["error"]
    assert (load(folder / "out/b.png")[:, :24] == photo()[:, :24]).all()


def test_what_is_wrong_with_files_of_a_folder_is_told_before_the_others_are_made(run, folder):
    for name, size in (("a", (50, 40)), ("b", (40, 50)), ("d", (100, 80))):
        save(folder / "in" / f"{name}.png", photo(*size))
    (folder / "in/c.png").write_text("no picture")
    save(folder / "mask.png", mask_of(50, 40, 5, 10, 8, 8))
    code, out, _ = run("inpaint in mask.png -o out --json")
    reports = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and [Path(t["input"]).stem for t in reports] == ["b", "c", "a", "d"]
    assert "must have the same shape" in reports[0]["error"] and "not a picture" in reports[1]["error"]


def test_the_photos_of_a_folder_are_edited_in_batches_as_they_are_one_by_one(run, folder):
    for seed in range(10):
        save(folder / "in" / f"{seed}.png", photo(50, 40, seed))
    (folder / "in/5b.png").write_text("no picture")
    assert run("colorize in -o out --steps 2")[0] == 1
    assert sorted(path.name for path in (folder / "out").iterdir()) == [f"{seed}.png" for seed in range(10)]
    for seed in (0, 4, 7, 9):
        assert run(f"colorize in/{seed}.png -o alone --steps 2")[0] == 0
        together, alone = load(folder / f"out/{seed}.png"), load(folder / f"alone/{seed}.png")
        assert abs(together.astype(int) - alone).max() <= 1


def test_two_files_of_one_name_do_not_overwrite_each_other(run, folder):
    save(folder / "in/a.png", photo())
    save(folder / "in/a.jpg", photo())
    assert sorted(run("colorize in -o out --steps 1")[1].split()) == ["out/a-jpg.png", "out/a-png.png"]


def test_every_file_of_a_folder_has_a_result_of_its_own(run, folder):
    for name in ("a.jpg", "a.png", "a-jpg.png", "a-jpg-2.png", "A.bmp"):
        save(folder / "in" / name, photo())
    code, out, _ = run("denoise in -o out")
    assert code == 0 and sorted(out.split()) == [
        "out/A-bmp.png", "out/a-jpg-2.png", "out/a-jpg-3.png", "out/a-jpg.png", "out/a-png.png"
    ]  # fmt: skip
    assert len(list((folder / "out").iterdir())) == 5


NAMES = st.lists(st.text("aA-.1j", min_size=1, max_size=5), unique=True, max_size=8)


@given(NAMES)
def test_no_two_names_that_are_made_up_are_equal_on_any_file_system(names):
    made = output_names([Path(f"{name}.png") for name in names])
    assert len({name.casefold() for name in made}) == len(names)


def test_a_mask_belongs_to_the_file_of_its_whole_name_then_to_that_of_its_stem(run, folder):
    for name, x in (("a.jpg", 5), ("a.png", 25)):
        save(folder / "in" / name, photo())
        save(folder / "masks" / name, mask_of(50, 40, x, 10, 8, 8))
    save(folder / "in/a.bmp", photo())
    code, out, err = run("inpaint in masks -o out")
    assert code == 1 and sorted(out.split()) == ["out/a-jpg.png", "out/a-png.png"]
    assert err == "in/a.bmp: a.jpg and a.png may both be its mask: name one of them a.bmp.\n"
    assert (load(folder / "out/a-png.png")[:, :24] == load(folder / "in/a.png")[:, :24]).all()
    assert (load(folder / "out/a-jpg.png")[:, 14:] == load(folder / "in/a.jpg")[:, 14:]).all()


@pytest.mark.parametrize(
    ("kept", "line"),
    [
        ("m.png", "inpaint p.jpg m.png -o m.png"),
        ("masks/p.png", "inpaint p.jpg masks/p.png -o masks"),
        ("masks/p.png", "inpaint in masks -o masks"),
        ("m.png", "inpaint p.jpg m.png --strokes s.png -o linked.png"),
        ("s.png", "inpaint p.jpg m.png --strokes s.png -o s.png"),
        ("s.png", "colorize p.jpg --dabs s.png -o s.png"),
        ("made/5.png", "generate --of made/5.png --seed 5 --count 1 -o made"),
        ("made/5.png", "generate --of made/5.png --count 1 -o made/5.png"),
        ("made/01.png", "interpolate made/01.png s.png --frames 2 -o made"),
        ("in/p.jpg", "colorize in/p.jpg -o other"),
    ],
)
def test_nothing_that_is_given_is_overwritten(run, folder, kept, line):
    for name in ("p.jpg", "m.png", "s.png", "masks/p.png", "in/p.jpg", "made/5.png", "made/01.png"):
        save(folder / name, mask_of(50, 40, 5, 10, 8, 8) if name[0] == "m" else photo())
    (folder / "linked.png").symlink_to("m.png")
    (folder / "other").mkdir()
    (folder / "other/p.png").hardlink_to(folder / "in/p.jpg")
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    code, out, err = run(line)
    assert (code, out) == (2, "") and "which is given" in err and "Traceback" not in err
    assert before[folder / kept] and {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_the_model_file_is_not_overwritten(model, folder, capsys):
    before = Path(model).read_bytes()
    (folder / "made").mkdir()
    (folder / "made/7.png").symlink_to(model)
    assert main(["generate", "--count", "1", "--seed", "7", "-o", "made", "--model", model]) == 2
    assert Path(model).read_bytes() == before and "which is given" in capsys.readouterr().err


def test_one_generated_picture_may_have_a_name(run, folder):
    assert run("generate --count 1 --steps 1 -o room.png")[:2] == (0, "room.png\n")
    assert load(folder / "room.png").shape == (SIDE, SIDE, 3)


@pytest.fixture
def program(model, folder):
    """A function (arguments of `python -m app.cli`, environment) -> the running program, with its pipes."""

    def start(*arguments: bytes | str, **environment: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "app.cli", *arguments, "--model", model, "--device", "cpu"]
        paths = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(
            command, cwd=folder, env=os.environ | paths | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return start


NO_UTF8 = b"caf\xe9.png"


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_a_name_that_the_terminal_cannot_show_is_shown_escaped_and_its_file_made(program, folder, encoding):
    for name in (os.fsdecode(NO_UTF8), "ü.png"):
        save(folder / "in" / name, photo(SIDE, SIDE))
    running = program("denoise", "in", "-o", "out", PYTHONIOENCODING=encoding)
    told, errors = running.communicate()
    assert (running.returncode, errors) == (0, b"")
    assert sorted(os.listdir(os.fsencode(folder) + b"/out")) == [NO_UTF8, "ü.png".encode()]
    assert b"out/caf\\udce9.png" in told and ("\\xfc.png" if "ascii" in encoding else "ü.png").encode() in told


def test_a_pipe_that_is_closed_ends_nothing(program, folder):
    for number in range(9):  # two batches
        save(folder / f"in/{number}.png", photo(SIDE, SIDE))
    running = program("denoise", "in", "-o", "out")
    running.stdout.close()
    assert (running.wait(), running.stderr.read()) == (0, b"")
    running.stderr.close()
    assert len(list((folder / "out").iterdir())) == 9


AWKWARD = {
    "rotated.jpg": lambda path: Image.fromarray(photo(30, 20)).save(path, exif=_rotated()),
    "cmyk.jpg": lambda path: Image.fromarray(photo(30, 20)).convert("CMYK").save(path),
    "sixteen.png": lambda path: Image.fromarray(photo(30, 20)[..., 0].astype(np.uint16) * 257).save(path),
    "palette.png": lambda path: Image.fromarray(photo(30, 20)).quantize(16).save(path, transparency=3),
    "alpha.png": lambda path: Image.fromarray(np.dstack([photo(30, 20), photo(30, 20)[..., :1]])).save(path),
    "animated.gif": lambda path: _animated(path),
    "one.png": lambda path: Image.fromarray(photo(1, 1)).save(path),
    "line.png": lambda path: Image.fromarray(photo(300, 1)).save(path),
    "bits.png": lambda path: Image.fromarray(photo(30, 20)[..., 0] > 128).save(path),
    "grey.tif": lambda path: Image.fromarray(photo(30, 20)[..., 0]).save(path),
}


def _rotated() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def _animated(path: Path) -> None:
    frames = [Image.fromarray(photo(30, 20, seed)) for seed in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize("task", ["colorize", "super-resolve", "denoise", "deblur", "paint"])
def test_awkward_files_give_pictures(run, folder, task):
    (folder / "in").mkdir()
    for name, make in AWKWARD.items():
        make(folder / "in" / name)
    code, out, err = run(f"{task} in -o out --steps 1")
    assert code == 0 and len(out.split()) == len(AWKWARD)
    assert err.splitlines() == [f"in/{name}: {TRANSPARENT}" for name in ("alpha.png", "palette.png")]
    if task == "colorize":
        assert load(folder / "out/rotated.png").shape == (30, 20, 3)


def test_hostile_files_give_sentences(run, folder):
    (folder / "in").mkdir()
    whole = io.BytesIO()
    Image.fromarray(photo(200, 200)).save(whole, "PNG")
    bomb = bytearray(whole.getvalue())
    bomb[16:24] = (100_000).to_bytes(4, "big") * 2
    files = {"cut.png": whole.getvalue()[:300], "text.png": b"hello", "empty.png": b"", "bomb.png": bytes(bomb)}
    for name, data in files.items():
        (folder / "in" / name).write_bytes(data)
    code, out, err = run("denoise in -o out")
    assert code == 1 and out == "" and len(err.splitlines()) == 4 and "Traceback" not in err


@pytest.mark.parametrize(
    "line, message",
    [
        ("colorize nowhere.png -o out.png", "there is no nowhere.png"),
        ("colorize a.png -o out.jpg", "results are PNG files"),
        ("colorize a.png -o a.png", "would take the place of a.png"),
        ("colorize empty -o out", "no pictures in empty"),
        ("colorize in -o a.png", "results of a folder need a folder"),
        ("colorize in -o new.png", "results of a folder need a folder"),
        ("generate --count 2 -o new.png", "several pictures need a folder"),
        ("generate --count 1 -o new.jpg", "several pictures need a folder, one (--count 1) is a PNG file"),
        ("interpolate --seeds 1 2 --frames 2 -o new.gif", "into one PNG or WebP file"),
        ("colorize in -o in", "mix with their originals"),
        ("inpaint a.png -o out.png", "give a MASK"),
        ("sculpt a.png -o out.png", "invalid choice"),
        ("interpolate --seeds 1 -o out", "expected 2 arguments"),
        ("interpolate -o out", "two pictures, or --seeds"),
        ("interpolate a.png -o out", "two pictures, or --seeds"),
        ("interpolate a.png nowhere.png -o out", "there is no nowhere.png"),
        ("interpolate in/a.png a.png -o a.png", "would take the place of a.png"),
    ],
)
def test_wrong_arguments_end_with_a_sentence_and_code_2(run, folder, line, message):
    save(folder / "a.png", photo())
    save(folder / "in/a.png", photo())
    (folder / "empty").mkdir()
    code, out, err = run(line)
    assert (code, out) == (2, "") and message in err and not list(folder.glob("new*"))


@pytest.mark.parametrize(
    "line, message",
    [
        ("colorize a.png -o out.png --steps 0", "1 to 40"),
        ("paint a.png -o out.png --steps 5", "1 to 4."),
        ("colorize a.png -o out.png --seed -1", "0 to 2147483647"),
        ("colorize a.png -o out.png --look oil", "one look only"),
        ("colorize a.png -o a.png/out.png", "cannot be written"),
        ("denoise a.png -o out.png --sigma 90", "noise level"),
        ("generate --count 99 -o made", "from 1 to 16"),
        ("inpaint a.png a.png -o out.png --square 900 0 8", "outside the photo"),
    ],
)
def test_impossible_edits_end_with_a_sentence_and_code_1(run, folder, line, message):
    save(folder / "a.png", photo())
    code, out, err = run(line)
    assert (code, out) == (1, "") and message in err and "Traceback" not in err


def test_a_missing_model_ends_with_a_sentence_and_code_1(folder, capsys):
    assert main(["generate", "-o", "made", "--model", "nowhere.safetensors"]) == 1
    assert capsys.readouterr().err == "There is no model file nowhere.safetensors.\n"


def test_a_full_disk_is_one_sentence_a_file_and_leaves_no_half_of_one(run, folder):
    for name, side in (("large", 60), ("small", SIDE)):
        save(folder / f"in/{name}.png", photo(side, side))
    with file_size(6000):
        code, out, err = run("denoise in -o out")
    assert (code, out) == (
        1,
        "out/small.png\n",
    ) and err == "in/large.png: out/large.png cannot be written: File too large.\n"
    assert os.listdir(folder / "out") == ["small.png"]
    assert run("denoise in -o out")[0] == 0


@pytest.mark.parametrize("call", ["os.fsync", "os.replace", "tempfile.mkstemp"])
def test_a_folder_that_cannot_be_written_is_a_sentence_and_leaves_what_was_there(run, folder, monkeypatch, call):
    save(folder / "a.png", photo())
    assert run("denoise a.png -o out.png")[0] == 0
    before = (folder / "out.png").read_bytes()
    monkeypatch.setattr(call, lambda *_, **__: (_ for _ in ()).throw(OSError(EROFS, "Read-only file system", ".x.tmp")))
    code, out, err = run("denoise a.png -o out.png --seed 3")
    assert (code, out) == (1, "") and err == "a.png: out.png cannot be written: Read-only file system.\n"
    assert (folder / "out.png").read_bytes() == before and len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize(
    "line",
    [
        "denoise x -o out.png",
        "inpaint a.png x -o out.png",
        "colorize a.png --dabs x -o out.png",
        "generate --count 1 --of x -o out.png",
    ],
)
def test_what_has_no_end_is_not_read(run, folder, kind, line):
    save(folder / "a.png", photo())
    os.mkfifo(folder / "x") if kind == "pipe" else (folder / "x").symlink_to("/dev/zero")
    code, out, err = run(line)
    assert (code, out) == (1, "") and "There is no picture file x." in err


def test_help_loads_nothing():
    probe = "import sys; from app.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    probe += "print([name for name in ('torch', 'gradio', 'numpy', 'PIL', 'cv2') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "super-resolve" in done.stdout and done.stdout.splitlines()[-1] == "[]"
