"""Uploaded files: read by everybody who uploaded them, removed later, and nothing else is touched."""

import os
from pathlib import Path

import pytest

import core
from app.store.uploads import KEPT_S, Uploads

NAME = "ab" * 32


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def uploads(tmp_path, clock):
    return Uploads(tmp_path / "cache", clock=clock)


def arrive(uploads: Uploads, name: str = NAME, data: bytes = b"data") -> Path:
    """As Gradio does it: under a temporary name first, then over whatever is there."""
    (uploads.folder / name).mkdir(parents=True, exist_ok=True)
    temporary = uploads.folder / "temporary"
    temporary.write_bytes(data)
    os.rename(temporary, uploads.folder / name / "a.png")
    return uploads.folder / name / "a.png"


def test_the_same_file_of_two_visitors_is_there_for_both(uploads):
    paths = [str(arrive(uploads)) for _ in range(2)]
    assert paths[0] == paths[1] and [uploads.take(path) for path in paths] == [b"data"] * 2


def test_a_file_is_removed_half_an_hour_after_it_was_read_last(uploads, clock):
    file, other = arrive(uploads), arrive(uploads, "cd" * 32)
    uploads.take(str(file))
    clock.now = KEPT_S - 1
    uploads.take(str(file))
    clock.now = 2 * KEPT_S - 2
    uploads.take(str(other))
    assert file.exists()
    clock.now = 2 * KEPT_S
    uploads.take(str(other))
    assert not file.exists() and other.exists() and len(uploads._read) == 1


def test_a_file_that_was_uploaded_again_is_not_removed_with_the_first_one(uploads, clock):
    file = arrive(uploads)
    uploads.take(str(file))
    clock.now = KEPT_S + 1
    arrive(uploads)
    assert uploads.take(str(file)) == b"data" and [each.name for each in file.parent.iterdir()] == ["a.png"]


STRANGE = [
    "",
    ".",
    "a",
    "x/a.png",
    f"{NAME}/deep/a.png",
    f"{NAME}/none.png",
    NAME,
    "../out.png",
    "\0",
    "~",
    None,
    3,
    [],
]


@pytest.mark.parametrize("path", STRANGE)
def test_nothing_but_an_upload_is_read_or_removed(uploads, tmp_path, clock, path):
    root = uploads.folder
    files = [root / "a", root / "x/a.png", root / NAME / "deep/a.png", tmp_path / "out.png"]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"data")
    for clock.now in (0, 2 * KEPT_S):
        with pytest.raises(core.PictureError, match="did not arrive"):
            uploads.take(str(root / path) if isinstance(path, str) else path)
    assert all(file.exists() for file in files)


def test_a_link_out_of_the_folder_is_not_followed(uploads, tmp_path):
    (uploads.folder / NAME).mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(b"data")
    (uploads.folder / NAME / "a.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(core.PictureError):
        uploads.take(str(uploads.folder / NAME / "a.png"))


def test_a_file_that_is_too_large_is_an_error(uploads, monkeypatch):
    monkeypatch.setattr("app.store.uploads.MAX_BYTES", 3)
    with pytest.raises(core.PictureError, match="larger than"):
        uploads.take(str(arrive(uploads)))
