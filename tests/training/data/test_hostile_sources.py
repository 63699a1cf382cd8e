"""Folders and archives that are odd or were made to do harm: read once, told, or refused in a sentence."""

import bz2
import gzip
import io
import json
import os
import tarfile
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

import core
from core import CheckpointError, ConfigError, PictureError
from tests import tiny
from tests.training.data.test_readers import WRITERS, files, opened, write_folder, write_tar
from training.data.memory import load_pictures
from training.data.readers.folders import FolderReader
from training.config import Source
from training.loop.trainer import Trainer

MB = 1_000_000


@pytest.fixture
def memory(request):
    """Fails if more than 20 MB, or what a test says, are held at once: the bombs below are of 48 and more."""
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < getattr(request, "param", 20 * MB)


# Folders


def test_each_real_folder_is_read_once_and_what_is_left_out_is_told(tmp_path):
    write_folder(tmp_path / "far", files(3) | {"deep/x.png": b""})
    write_folder(tmp_path / "mine", {"own.png": b"", "z/own.png": b"", ".ipynb_checkpoints/own.png": b""})
    links = {"mine/more": "far", "mine/again": "far", "mine/loop": "mine", "mine/a": "mine/z", "far/back": "mine"}
    for link, target in links.items():
        (tmp_path / link).symlink_to(tmp_path / target)
    reader = FolderReader(tmp_path / "mine")
    names = [reader.name(index) for index in range(len(reader))]
    assert names == [*(f"again/{name}" for name in ("000.png", "001.png", "002.png", "deep/x.png")), "own.png", "z/own.png"]
    told = sorted(line.removeprefix(f"{tmp_path}/mine/") for line in reader.left_out)
    assert told == [
        ".ipynb_checkpoints: it is a hidden folder",
        "a: it is read already, under another name",
        "again/back: it is read already, under another name",
        "loop: it is read already, under another name",
        "more: it is read already, under another name",
    ]


def test_a_folder_that_has_gone_since_it_was_listed_is_left_out(tmp_path, monkeypatch):
    write_folder(tmp_path / "p", files(2, ("", "gone/")))
    stat = Path.stat

    def vanishing(path, **options):
        if path.name == "gone":
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", vanishing)
    found = FolderReader(tmp_path / "p")
    assert found.left_out == (f"{tmp_path / 'p/gone'}: it cannot be read (No such file or directory)",)
    assert [found.name(number) for number in range(len(found))] == ["000.png"]


def test_a_run_tells_what_it_leaves_out(tmp_path, capsys):
    write_folder(tmp_path / "p", files(4) | {".hidden/x.png": b""})
    for stream in (False, True):
        config = tiny.run_config(tmp_path / "p")
        Trainer(replace(config, data=replace(config.data, stream=stream)), tmp_path / f"run-{stream}").loader.close()
    assert capsys.readouterr().out.count(".hidden: it is a hidden folder") == 2


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_picture_that_has_no_end_is_one_that_does_not_open(tmp_path, kind):
    write_folder(tmp_path / "p", files(2))
    os.mkfifo(tmp_path / "p/pipe.png") if kind == "pipe" else (tmp_path / "p/device.png").symlink_to("/dev/zero")
    found = load_pictures(tmp_path, (Source("p"),), (), 8)
    assert len(found) == 2 and found.broken == (f"p: {kind}.png",)


@pytest.mark.parametrize("name", ["p.tar", "data_batch_1", "test_batch.bin"])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_source_that_is_no_file_is_refused(tmp_path, kind, name):
    os.mkfifo(tmp_path / name) if kind == "pipe" else (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(ConfigError, match="neither a folder nor a file|There is no batch|not a regular file"):
        opened(tmp_path, name, (), 32)


def test_a_pattern_of_a_billion_names_ends_at_the_first_that_is_missing(tmp_path, memory):
    write_tar(tmp_path / "s-0.tar", files(1))
    with pytest.raises(ConfigError, match=r"s-1\.tar"):
        opened(tmp_path, "s-{0..999999999}.tar")


# Archives


def bomb_of_contents(path: Path, pack) -> None:
    """48 MB of pictures that pack to almost nothing."""
    with pack(path, "wb") as file, tarfile.open(fileobj=file, mode="w|") as tar:
        for number in range(12):
            member = tarfile.TarInfo(f"{number}.png")
            member.size = 4 * MB
            tar.addfile(member, io.BytesIO(bytes(4 * MB)))


def bomb_of_a_name(path: Path, pack) -> None:
    """A header that says that a name of 64 MB follows."""
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 64 * MB
    with pack(path, "wb") as file:
        file.write(member.tobuf())
        for _ in range(64):
            file.write(bytes(MB))


@pytest.mark.parametrize("bomb", [bomb_of_contents, bomb_of_a_name])
@pytest.mark.parametrize("pack", [gzip.open, bz2.open], ids=["gzip", "bzip2"])
def test_a_tar_file_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path, monkeypatch, memory, bomb, pack):
    monkeypatch.setattr("training.data.readers.tars.UNPACKED", 6 * MB)
    bomb(tmp_path / "p.tgz", pack)
    with pytest.raises(ConfigError, match=r"p\.tgz is neither a folder nor a readable tar or zip file"):
        opened(tmp_path, "p.tgz")


@pytest.mark.parametrize("size", [2**40, 2**62])
def test_a_header_that_promises_more_than_there_is_is_refused(tmp_path, memory, size):
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, size
    (tmp_path / "p.tar").write_bytes(member.tobuf(tarfile.GNU_FORMAT) + bytes(10_000))
    with pytest.raises(ConfigError, match="nor a readable tar"):
        opened(tmp_path, "p.tar")


@pytest.mark.parametrize("memory", [100 * MB], indirect=True)  # a batch is read in a piece
@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x02}r" + (40_000_000).to_bytes(4, "little") + b".",  # a value of that number
        b"\x80\x02}p40000000\n.",  # the same in words
        b"\x80\x05\x96" + (400 * MB).to_bytes(8, "little") + b"few.",  # so many bytes that can be changed
        b"\x80\x04\x8e" + (400 * MB).to_bytes(8, "little") + b"few.",
    ],
    ids=["number", "number in words", "bytearray", "bytes"],
)
def test_a_batch_that_claims_more_than_it_holds_is_refused(tmp_path, memory, pickled):
    (tmp_path / "data_batch_1").write_bytes(pickled)
    with pytest.raises(ConfigError, match="data_batch_1 is not a batch of CIFAR-10"):
        opened(tmp_path, "data_batch_1")


def test_names_of_names_of_names_are_refused(tmp_path):
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 1
    (tmp_path / "p.tar").write_bytes((member.tobuf() + bytes(512)) * 5000)
    with pytest.raises(ConfigError, match="nor a readable tar"):
        opened(tmp_path, "p.tar")


def test_a_list_of_labels_that_unpacks_to_far_more_than_labels_is_refused(tmp_path, memory):
    content = files(2)
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
        with archive.open("dataset.json", "w") as index:
            for _ in range(48):
                index.write(b" " * MB)
    with pytest.raises(ConfigError, match="too large to be the labels of 2 pictures"):
        opened(tmp_path, "p.zip", ("a", "b"), labels="files")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_picture_that_says_it_is_small_and_is_not_is_one_that_does_not_open(tmp_path, memory, method):
    with zipfile.ZipFile(tmp_path / "p.zip", "w", method) as archive, archive.open("0.png", "w") as file:
        for _ in range(48):
            file.write(bytes(MB))
    data = (tmp_path / "p.zip").read_bytes()
    (tmp_path / "p.zip").write_bytes(data.replace((48 * MB).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    with pytest.raises(PictureError):
        opened(tmp_path, "p.zip").pixels(0)


# Labels


def labelled(*names: str, label=lambda number: str(number)) -> dict[str, bytes]:
    """A picture and a .cls file for each name without suffix, with its number as the label."""
    picture = core.png_bytes(tiny.picture(0))
    return {f"{name}{end}": data for number, name in enumerate(names) for end, data in ((".png", picture), (".cls", label(number).encode()))}


@pytest.mark.parametrize("source", ["p.tar", "p.tgz"])
def test_names_with_dots_have_their_own_labels(tmp_path, source):
    WRITERS[source](tmp_path / source, labelled("shot_v1.0", "shot_v1.1", "a.b/c", "a.b/c.d"))
    assert opened(tmp_path, source, tuple("0123"), labels="files").labels.tolist() == [0, 1, 2, 3]


def test_the_views_of_one_sample_have_its_label(tmp_path):
    content = labelled("x", "y")
    write_tar(tmp_path / "p.tar", content | {"y.left.png": content["y.png"]})
    assert opened(tmp_path, "p.tar", ("0", "1"), labels="files").labels.tolist() == [0, 1, 1]


def test_two_labels_for_one_picture_are_refused(tmp_path):
    content = labelled("shot_v1.0", "shot_v1.1")
    write_tar(tmp_path / "p.tar", content | {"shot_v1.png": content["shot_v1.0.png"]})
    with pytest.raises(ConfigError, match=r"shot_v1\.png has two files with a label, shot_v1\.0\.cls and shot_v1\.1\.cls"):
        opened(tmp_path, "p.tar", ("0", "1"), labels="files")


@pytest.mark.parametrize("double", ["000.png", "000.cls"])
@pytest.mark.parametrize("source", ["p.tar", "p.tgz"])
def test_a_name_that_is_there_twice_is_refused(tmp_path, source, double):
    content = labelled("000", "001")
    WRITERS[source](tmp_path / source, content)
    with tarfile.open(tmp_path / "twice.tar", "w") as tar:
        for name in (*content, double):
            member = tarfile.TarInfo(name)
            member.size = len(content[name])
            tar.addfile(member, io.BytesIO(content[name]))
    with pytest.raises(ConfigError, match=f"two files of the name {double}"):
        opened(tmp_path, "twice.tar", ("0", "1"), labels="files")


def test_a_name_that_is_twice_in_a_zip_file_or_its_list_is_refused(tmp_path):
    content = files(2)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for name in (*content, "000.png"):
            archive.writestr(name, content[name])
    with pytest.raises(ConfigError, match=r"two files of the name 000\.png"):
        opened(tmp_path, "p.zip")
    listed = {"labels": [["000.png", 0], ["001.png", 1], ["000.png", 1]]}
    write_folder(tmp_path / "p", content | {"dataset.json": json.dumps(listed).encode()})
    with pytest.raises(ConfigError, match="lists a picture twice"):
        opened(tmp_path, "p", ("0", "1"), labels="files")


def test_a_byte_order_mark_is_no_part_of_a_label(tmp_path):
    write_tar(tmp_path / "p.tar", labelled("x", "y", label=lambda number: f"\ufeff{number}\r\n"))
    assert opened(tmp_path, "p.tar", ("0", "1"), labels="files").labels.tolist() == [0, 1]


@pytest.mark.parametrize("text", [b"[" * 100_000, b"9" * 5000, b'{"label": ' + b"9" * 5000 + b"}", b'{"label": 0, "label": 1}', b"\xff", json.dumps({"label": ["x" * 5000] * 9}).encode()])
def test_hostile_labels_are_refused(tmp_path, text):
    for suffix in (".cls", ".json"):
        write_tar(tmp_path / "p.tar", {"x.png": b"", f"x{suffix}": text})
        with pytest.raises(ConfigError) as caught:
            opened(tmp_path, "p.tar", ("0", "1"), labels="files")
        assert len(str(caught.value)) < 300
    write_folder(tmp_path / "p", files(1) | {"dataset.json": b'{"labels": ' + text + b"}"})
    with pytest.raises(ConfigError, match="does not list a label for every picture"):
        opened(tmp_path, "p", ("0", "1"), labels="files")


# The same pictures


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("change", ["added", "removed", "renamed", "damaged"])
def test_a_run_does_not_go_on_with_other_pictures(tmp_path, stream, change):
    pictures = tiny.write_pictures(tmp_path / "p", 6)
    config = tiny.run_config(pictures)
    config = replace(config, data=replace(config.data, stream=stream))
    trainer = Trainer(config, tmp_path / "run")
    trainer.save()
    trainer.loader.close()
    first = sorted(pictures.glob("*.png"))[0]
    if change == "added":
        core.write_png(pictures / "more.png", tiny.picture(9))
    elif change == "damaged":
        first.write_bytes(b"no picture")
    else:
        first.rename(tmp_path / "p.png" if change == "removed" else pictures / "renamed.png")
    if change == "damaged" and stream:  # its neighbour takes its place, as it would have without the pause
        Trainer(config, tmp_path / "run").loader.close()
        return
    with pytest.raises(CheckpointError, match=r"its run has other pictures, 6 of them, where now there are [567];"):
        Trainer(config, tmp_path / "run")


@pytest.mark.parametrize(("state", "said"), [("empty", "is empty"), ("folder", "is no file"), ("damaged", "is damaged")])
def test_a_state_that_is_none_says_so(tmp_path, state, said):
    config, path = tiny.run_config(tiny.write_pictures(tmp_path / "p", 6)), tmp_path / "run/state.pt"
    path.parent.mkdir()
    if state == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"" if state == "empty" else b"\x80\x02}q\x00")
    with pytest.raises(CheckpointError, match=rf"state\.pt {said}, so the run cannot go on; another --out"):
        Trainer(config, path.parent)
