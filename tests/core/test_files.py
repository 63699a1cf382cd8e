"""Files and lines that are whole or not there."""

from errno import ENOSPC
from pathlib import Path

import pytest

from core import write_whole
from core.files import append_whole, remove_unfinished


@pytest.mark.parametrize("broken", ["os.replace", "os.fsync", "os.chmod"])
@pytest.mark.parametrize("error", [OSError("no space"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, broken, error):
    def fail(*_):
        raise error

    path = write_whole(tmp_path / "a.png", b"old")
    monkeypatch.setattr(broken, fail)
    with pytest.raises(type(error)):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_never_seen_half_written(tmp_path, monkeypatch):
    seen, path = [], write_whole(tmp_path / "a.png", b"old")
    monkeypatch.setattr("os.fsync", lambda _: seen.append(path.read_bytes()))
    write_whole(path, b"new")
    assert seen == [b"old"]
    assert path.read_bytes() == b"new"


def test_an_addition_is_whole_or_absent(tmp_path, monkeypatch):
    path = tmp_path / "log"
    for line in (b"one\n", b"two\n"):
        append_whole(path, line)
    assert path.read_bytes() == b"one\ntwo\n"
    opened = Path.open

    def almost_full(*arguments, **options):
        file = opened(*arguments, **options)
        return Short(file)

    monkeypatch.setattr(Path, "open", almost_full)
    with pytest.raises(OSError) as caught:
        append_whole(path, b"three\n")
    assert caught.value.errno == ENOSPC
    monkeypatch.undo()
    assert path.read_bytes() == b"one\ntwo\n"


class Short:
    """A file on a disk with room for two bytes more."""

    def __init__(self, file):
        self.file = file
        self.tell, self.truncate = file.tell, file.truncate

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.file.close()

    def write(self, data):
        return self.file.write(data[:2])


def test_what_a_kill_left_behind_is_removed_and_nothing_else(tmp_path):
    kept = [write_whole(tmp_path / name, b"x") for name in ("a.png", "b.tmp")]
    (tmp_path / ".a.png.k3l.tmp").write_bytes(b"half")
    remove_unfinished(tmp_path)
    assert sorted(tmp_path.iterdir()) == kept
