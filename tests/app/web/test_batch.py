"""The zip file of a batch grows by whole files, and a failed addition takes nothing away."""

import errno
import zipfile

import pytest

from app.web.batch import append_to_zip


def contents(file) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_files_are_added_one_by_one(tmp_path):
    file, expected = tmp_path / "a.zip", {}
    for n in range(5):
        expected[f"{n}.png"] = bytes([n]) * 1000 * n
        append_to_zip(file, f"{n}.png", expected[f"{n}.png"])
        assert contents(file) == expected


@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_full_disk_takes_away_nothing_that_is_there(tmp_path, monkeypatch, before):
    file, expected = tmp_path / "a.zip", {}
    for n in range(before):
        expected[f"{n}.png"] = bytes([n]) * 1000
        append_to_zip(file, f"{n}.png", expected[f"{n}.png"])
    written = file.read_bytes() if before else None

    def full(self, name, data):
        self.fp.seek(self.start_dir)
        self.fp.write(b"half of it")
        self.fp.flush()
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(zipfile.ZipFile, "writestr", full)
        with pytest.raises(OSError, match="No space"):
            append_to_zip(file, "new.png", b"x" * 1000)
    assert (file.read_bytes() if file.exists() else None) == written
    append_to_zip(file, "new.png", b"x")
    assert contents(file) == expected | {"new.png": b"x"}
