"""Uploaded files: read by everybody who uploaded them, removed later, and nothing else is touched."""

import errno
import io
from pathlib import Path

import pytest

import core
from app.store.uploads import KEPT_S, Uploads


@pytest.fixture
def uploads(tmp_path, clock):
    return Uploads(tmp_path / "files", clock=clock, owner_bytes=100, all_bytes=150)


def store(uploads: Uploads, data: bytes = b"data", owner: str = "ann", name: str = "a.png") -> str:
    return str(uploads.store(io.BytesIO(data), name, owner))


def on_disk(uploads: Uploads) -> set[str]:
    return {str(path) for path in uploads.folder.glob("*/*")}


def test_a_file_is_read_by_its_path_as_often_as_wanted(uploads):
    first, second = store(uploads, b"one"), store(uploads, b"one")
    assert first != second
    assert [uploads.take(path) for path in (first, second, first)] == [b"one"] * 3


def test_a_file_is_removed_half_an_hour_after_its_last_use(uploads, clock):
    read, unread = store(uploads), store(uploads)
    clock.now = KEPT_S - 1
    uploads.take(read)
    clock.now = KEPT_S + 1
    uploads.sweep()
    assert on_disk(uploads) == {read}
    with pytest.raises(core.PictureError, match="did not arrive"):
        uploads.take(unread)
    clock.now = 2 * KEPT_S + 2
    uploads.sweep()
    assert not on_disk(uploads) and not list(uploads.folder.iterdir())


STRANGE = ["", ".", "a", "\0", "~", "/etc/hostname", "../out.png", "\ud800", "x" * 5000, None, 3, [], {}, b"x"]


@pytest.mark.parametrize("path", STRANGE)
def test_nothing_but_a_stored_file_is_read(uploads, path):
    kept = store(uploads)
    ways = [path, f"{uploads.folder}/{path}", f"{kept}/{path}"] if isinstance(path, str) else [path]
    for way in ways:
        if way != f"{kept}/." and way != f"{kept}/":  # the same path, written differently
            with pytest.raises(core.PictureError, match="did not arrive"):
                uploads.take(way)
    assert on_disk(uploads) == {kept}


@pytest.mark.parametrize(
    "name", ["../../a.png", "..\\a.png", "/etc/a.png", "...", "", "-rf $(x)", "ä/ö.png", "n" * 900]
)
def test_whatever_a_file_is_called_it_lies_in_the_folder(uploads, name):
    path = Path(store(uploads, name=name))
    assert path.parent.parent == uploads.folder and len(path.name) <= 100 and uploads.take(str(path)) == b"data"


def test_a_file_that_is_too_large_is_an_error(uploads, monkeypatch):
    monkeypatch.setattr("app.store.uploads.MAX_BYTES", 3)
    with pytest.raises(core.PictureError, match="larger than"):
        store(uploads)
    assert not on_disk(uploads)


def test_one_owner_fills_his_own_quota_and_not_that_of_others(uploads):
    kept = [store(uploads, b"x" * 50) for _ in range(2)]
    with pytest.raises(core.PictureError, match="no room"):
        store(uploads, b"x")
    assert store(uploads, b"x" * 50, owner="bob")
    with pytest.raises(core.PictureError, match="no room"):  # all together have 150
        store(uploads, b"x", owner="eve")
    assert {path for path in on_disk(uploads) if path in kept} == set(kept)


def test_files_that_were_read_make_room_the_longest_unused_first(uploads, clock):
    first, second = store(uploads, b"x" * 40), store(uploads, b"x" * 40)
    for clock.now, path in enumerate((second, first)):
        uploads.take(path)
    third = store(uploads, b"x" * 50)
    assert on_disk(uploads) == {first, third}


def test_a_full_disk_is_a_sentence_and_leaves_nothing(uploads, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("shutil.copyfileobj", full)
        with pytest.raises(core.PictureError, match="disk of this server is full"):
            store(uploads, b"x" * 100)
    assert not list(uploads.folder.iterdir())
    assert store(uploads, b"x" * 100)  # what failed does not count
