"""Stored photos and results: bounded, and found by their ids alone."""

import numpy as np
import pytest

import core
from app.edits.previews import fitted
from app.edits.results import Result
from app.store.photos import KEPT_S, MAX_DECODED, MAX_FILES, Photo, PhotoStore, is_grey, view_url
from app.store.results import MAX_FILES as MAX_ZIPS
from app.store.results import ResultStore, StoredResult, file_name
from tests.app.edits.test_edits import photo


def kept(store: PhotoStore, count: int, visitor: str = "ann", **content) -> list[str]:
    content = content or {"pixels": photo(10, 10)}
    return [store.keep(Photo(visitor, **content)) for _ in range(count)]


def found(store: PhotoStore, names: list[str], visitor: str = "ann") -> list[bool]:
    return [name in store.photos and store.find(name, visitor) is not None for name in names]


def test_a_visitor_keeps_the_latest_photos_and_the_files_of_one_batch():
    store = PhotoStore()
    files = kept(store, MAX_FILES, data=b"file")
    decoded = kept(store, MAX_DECODED + 2)
    assert found(store, decoded) == [False] * 2 + [True] * MAX_DECODED
    assert found(store, files) == [True] * MAX_FILES


def test_one_visitor_does_not_push_out_another_s_photos():
    store = PhotoStore()
    ann = kept(store, 1)
    kept(store, 50, visitor="bob")
    assert found(store, ann) == [True]


def test_all_photos_together_are_bounded_and_the_longest_unused_are_dropped_first():
    store = PhotoStore(max_bytes=1000)  # three of 300 bytes
    names = [*kept(store, 3)]
    store.find(names[0], "ann")
    names += kept(store, 1)
    assert found(store, names) == [True, False, True, True]
    with pytest.raises(core.PictureError, match="too large to be kept"):
        store.keep(Photo("ann", pixels=photo(20, 20)))


def test_photos_and_results_are_forgotten_after_half_an_hour(clock):
    photos, results = PhotoStore(clock=clock), ResultStore(clock=clock)
    (name,) = kept(photos, 1)
    result = results.keep(StoredResult("a.png", Result(1, photo(), "{}")))
    clock.now = KEPT_S - 1
    assert photos.find(name, "ann") and results.find(result)
    clock.now = 3 * KEPT_S
    for find in (lambda: photos.find(name, "ann"), lambda: results.find(result)):
        with pytest.raises(core.PictureError, match="half an hour"):
            find()


def test_results_are_bounded_but_the_newest_is_always_there():
    results = ResultStore(max_bytes=photo().nbytes + 1)
    first, second = (results.keep(StoredResult("a.png", Result(1, photo(), "{}"))) for _ in range(2))
    assert results.find(second)
    with pytest.raises(core.PictureError):
        results.find(first)


def test_a_zip_file_is_removed_with_its_entry_in_the_store():
    results = ResultStore()
    files = [results.new_zip("") for _ in range(18)]
    for file in files:
        file.write_bytes(b"zip")
        results.keep(StoredResult("a.zip", file=file))
    assert [file.exists() for file in files] == [False] * 2 + [True] * 16


def test_views_are_exact_when_small_and_bounded_when_large():
    assert view_url(photo(256, 100)).startswith("data:image/png")
    assert view_url(photo(257, 100)).startswith("data:image/jpeg")
    assert fitted(photo(3000, 10), 1024).shape == (3, 1024, 3) and fitted(photo(2000, 1), 1024).shape == (1, 1024, 3)


def test_grey_photos_are_recognised():
    assert is_grey(np.repeat(photo()[..., :1], 3, axis=2)) and not is_grey(photo())


@pytest.mark.parametrize(
    "given, name",
    [
        ("kitchen.jpg", "kitchen-inpaint.png"),
        ("../../etc/passwd", "passwd-inpaint.png"),
        ('a"b\r\nset-cookie: x.png', "a-b-set-cookie- x-inpaint.png"),
        ("Küche 1.jpeg", "Küche 1-inpaint.png"),
        ("...", "onestroke-inpaint.png"),
        (None, "onestroke-inpaint.png"),
    ],
)
def test_file_names_from_photos_are_safe(given, name):
    assert file_name(given, "inpaint") == name


def test_a_stranger_s_photos_and_results_push_out_nobody_else_s():
    photos, results = PhotoStore(max_bytes=1000), ResultStore(max_bytes=3 * photo().nbytes)
    own = photos.keep(Photo("ann", pixels=photo(10, 10), owner="198.51.100.1"))
    made = results.keep(StoredResult("a.png", Result(1, photo(), "{}"), owner="198.51.100.1"))
    for k in range(40):
        photos.keep(Photo(f"invented {k}", pixels=photo(10, 10), owner="203.0.113.1"))
        results.keep(StoredResult("b.png", Result(1, photo(), "{}"), owner="203.0.113.1"))
    assert photos.find(own, "ann").size == 300 and results.find(made)
    assert len(photos.photos) == len(results.stored) == 3


def test_a_stranger_s_zip_files_push_out_nobody_else_s(tmp_path):
    results, files = ResultStore(), [tmp_path / f"{k}.zip" for k in range(60)]
    for file in files:
        file.write_bytes(b"zip")
    made = results.keep(StoredResult("a.zip", file=files[0], owner="198.51.100.1"))
    for file in files[1:]:
        results.keep(StoredResult("b.zip", file=file, owner="203.0.113.1"))
    assert results.find(made) and files[0].exists() and sum(file.exists() for file in files) == MAX_ZIPS


def test_pictures_leave_with_their_zip_file(tmp_path):
    results, files = ResultStore(), [tmp_path / f"{k}.zip" for k in range(MAX_ZIPS + 2)]
    for file in files:
        file.write_bytes(b"zip")
        for member in ("a.png", "b.png"):
            results.keep(StoredResult(member, file=file, member=member))
        results.keep(StoredResult("a.zip", file=file))
    results.drop_file(files[-1])
    there = [file for file in files if file.exists()]
    assert there == files[2:-1] and {stored.file for stored in results.stored.values()} == set(there)
    assert len(results.stored) == 3 * len(there)
