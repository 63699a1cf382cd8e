"""The zip files of batches: what one address and all together may have on disk, and what makes room."""

import pytest

from app.store.results import ResultStore, StoredResult
from app.store.zips import Zips
from app.web.batch import Batch
from app.web.border.limits import LOCAL, PUBLIC
from core import PictureError

OWNER, ALL = 5_000, 8_000
PICTURE = bytes(1_000)


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return ResultStore(zips=Zips(OWNER, ALL))


def batch_of(results: ResultStore, owner: str, pictures: int = 0) -> Batch:
    batch = Batch(results, results.new_zip(owner), [f"{k}.png" for k in range(20)], "sharpen")
    for number in range(pictures):
        batch.add(number, PICTURE)
    return batch


def finished(results: ResultStore, owner: str, pictures: int) -> Batch:
    """A batch whose zip file waits to be fetched."""
    batch = batch_of(results, owner, pictures)
    results.keep(StoredResult("a.zip", file=batch.file, owner=owner))
    return batch


def counted(results: ResultStore) -> int:
    return sum(zipped.size for zipped in results.zips.files.values())


def test_one_address_has_room_for_so_many_bytes_in_all_its_zip_files(results):
    batches = [batch_of(results, "a") for _ in range(8)]
    taken = 0
    for number in range(10):
        for batch in batches:
            try:
                batch.add(number, PICTURE)
                taken += 1
            except PictureError as error:
                assert "room for more zip files" in str(error)
    assert taken == OWNER // len(PICTURE) and counted(results) == OWNER
    assert batch_of(results, "b", 3).written
    results.drop_file(batches[0].file)
    batches[1].add(11, PICTURE)


def test_all_addresses_together_have_a_limit(results):
    batch_of(results, "a", 4), batch_of(results, "b", 4)
    with pytest.raises(PictureError):
        batch_of(results, "c", 1)


def test_what_was_fetched_makes_room_and_what_was_not_stays(results):
    waiting, fetched = finished(results, "a", 2), finished(results, "a", 2)
    results.note_fetched(fetched.file)
    new = batch_of(results, "a", 3)
    assert not fetched.file.exists() and waiting.file.exists() and counted(results) == OWNER
    with pytest.raises(PictureError):
        new.add(4, PICTURE)
    assert waiting.file.exists() and len(new.written) == 3


def test_what_others_fetched_makes_room_only_when_all_is_full(results):
    fetched = finished(results, "a", 4)
    results.note_fetched(fetched.file)
    batch_of(results, "b", 4)
    assert fetched.file.exists()
    batch_of(results, "c", 1)
    assert not fetched.file.exists()


def test_what_was_not_written_does_not_count_nor_what_has_left(results, monkeypatch):
    batch = batch_of(results, "a", 1)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("app.web.batch.append_to_zip", full)
        with pytest.raises(OSError):
            batch.add(1, PICTURE)
    assert counted(results) == len(PICTURE)
    results.drop_file(batch.file)
    assert counted(results) == 0
    with pytest.raises(PictureError):  # a picture that comes late brings no file back
        batch.add(2, PICTURE)
    assert not batch.file.exists()


def test_old_zip_files_leave_and_are_counted_no_more(results):
    finished(results, "a", 5)
    results.clock = lambda: 1e9
    results.sweep()
    assert counted(results) == 0 and not results.zips.files


def test_a_stranger_has_room_for_one_whole_batch():
    from app.web.batch import MAX_ZIP

    assert MAX_ZIP <= PUBLIC.zip_bytes < PUBLIC.all_zip_bytes < LOCAL.zip_bytes
