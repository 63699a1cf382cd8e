"""Damaged and invented training data: pictures that are read or left out, or a ConfigError."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import core
from core.errors import ConfigError
from tests import tiny
from tests.fuzz.effort import usual
from tests.fuzz.mutations import BYTES, NOISE, changed_bytes, changed_value
from tests.fuzz.sentences import check_sentence
from tests.training.data.test_readers import files, write_folder, write_tar, write_zip
from training.config import Source
from training.data.memory import load_pictures

LABELLED = {"a/0.png": core.png_bytes(tiny.picture(0)), "a/0.cls": b"0", "b/1.png": core.png_bytes(tiny.picture(1)),
            "b/1.json": b'{"label": 1}'}  # fmt: skip
INDEX = {"labels": [["000.png", 0], ["001.png", 1]]}


def cifar_batch() -> bytes:
    """As its authors write it: a pickle of a dict, of two pictures."""
    return pickle.dumps({b"data": np.zeros((2, 3072), np.uint8), b"labels": [3, 5]}, protocol=2)


@pytest.fixture(scope="module")
def archives(tmp_path_factory) -> dict[str, bytes]:
    """The bytes of a source of each kind that is one file, by its name."""
    folder = tmp_path_factory.mktemp("archives")
    write_tar(folder / "p.tar", LABELLED)
    write_tar(folder / "p.tgz", LABELLED, "w:gz")
    write_zip(folder / "p.zip", files(2) | {"dataset.json": json.dumps(INDEX).encode()})
    (folder / "data_batch_1").write_bytes(cifar_batch())
    (folder / "test_batch.bin").write_bytes(bytes(2 * 3073))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("sources")


def check(root: Path, source: Source, classes: tuple[str, ...]) -> None:
    try:
        found = load_pictures(root, (source,), classes, tiny.SIDE)
    except ConfigError as error:
        check_sentence(str(error).replace("\n", " "))  # it may name a file with such a name
        return
    assert found.pixels.shape[1:] == (3, tiny.SIDE, tiny.SIDE) and len(found) == len(found.labels) > 0
    assert not classes or 0 <= found.labels.min() <= found.labels.max() < len(classes)


@pytest.mark.parametrize("name", ["p.tar", "p.tgz", "p.zip", "data_batch_1", "test_batch.bin"])
@usual
@given(st.data())
def test_a_changed_archive_is_read_or_refused(archives, root, name, data):
    (root / name).write_bytes(data.draw(changed_bytes([archives[name]])))
    for labels in ("", "files", "folders"):
        check(root, Source(name, labels=labels), tuple("0123456789") if labels else ())


LABELS = (NOISE.map(json.dumps) | st.builds('{{"label": {}}}'.format, NOISE.map(json.dumps))).map(str.encode)


@usual
@given(LABELS | BYTES, LABELS | BYTES)
def test_any_file_with_a_label_is_one_or_refused(root, first, second):
    for write, name in ((write_tar, "l.tar"), (write_zip, "l.zip")):
        write(root / name, LABELLED | {"a/0.cls": first, "b/1.json": second})
        check(root, Source(name, labels="files"), ("0", "1"))


@usual
@given(changed_value([INDEX]).map(json.dumps).map(str.encode) | changed_bytes([json.dumps(INDEX).encode()]))
def test_any_list_of_labels_is_one_or_refused(root, index):
    shutil.rmtree(root / "p", ignore_errors=True)
    write_folder(root / "p", files(2) | {"dataset.json": index})
    check(root, Source("p", labels="files"), ("0", "1"))


@usual
@given(st.text("{}.,*?[]!0123456789ab/\\é\n", max_size=30).map("p{}".format))  # "/" would be all of this machine
def test_any_path_is_a_source_or_refused(root, path):
    try:
        source = Source(path)
    except ConfigError as error:
        check_sentence(str(error))
    else:
        check(root / "nothing", source, ())
