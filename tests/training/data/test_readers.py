"""Places that pictures come from: what is read, in which order, with which labels, and what is refused."""

import io
import json
import pickle
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import core
from core import ConfigError, PictureError
from tests import tiny
from tests.picture_files import encoded
from training.config import Source
from training.data.synthetic import synthetic_pictures
from training.data.readers.labels import label_numbers
from training.data.readers.sources import open_source
from training.data.dataset import PictureSet

BATCHES = [f"data_batch_{number}" for number in range(1, 6)]


def files(count: int, folders=("",)) -> dict[str, bytes]:
    """PNG files by name, in turns in these folders."""
    return {f"{folders[i % len(folders)]}{i:03d}.png": core.images.png_bytes(tiny.picture(i)) for i in range(count)}


def write_tar(path: Path, content: dict[str, bytes], mode: str = "w") -> None:
    with tarfile.open(path, mode) as tar:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def write_zip(path: Path, content: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def write_folder(path: Path, content: dict[str, bytes]) -> None:
    for name, data in content.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)


def write_lsun(path: Path, content: dict[str, bytes]) -> None:
    database = pytest.importorskip("lmdb").open(str(path), map_size=1 << 22)
    with database.begin(write=True) as change:
        for name, data in content.items():
            change.put(name.encode(), data)
    database.close()


WRITERS = {"p": write_folder, "p.tar": write_tar, "p.zip": write_zip, "p_lmdb": write_lsun}
WRITERS["p.tgz"] = lambda path, content: write_tar(path, content, "w:gz")
sources = pytest.mark.parametrize("source", sorted(WRITERS))


def opened(root: Path, path: str, classes=(), resolution=tiny.SIDE, **source) -> PictureSet:
    return PictureSet(root, (Source(path, **source),), classes, resolution)


@sources
def test_every_kind_of_source_gives_the_same_pictures_by_index(tmp_path, source):
    WRITERS[source](tmp_path / source, files(5))
    found = opened(tmp_path, source)
    for number in (3, 0, 4, 1, 2):
        assert np.array_equal(found.pixels(number), tiny.picture(number).transpose(2, 0, 1))
    assert [found.name(number) for number in range(len(found))] == [f"{source}: {number:03d}.png" for number in range(5)]


@sources
def test_a_picture_that_is_damaged_does_not_hurt_its_neighbours(tmp_path, source):
    WRITERS[source](tmp_path / source, files(3) | {"001.png": b"no picture"})
    found = opened(tmp_path, source)
    with pytest.raises(PictureError):
        found.pixels(1)
    assert np.array_equal(found.pixels(2), tiny.picture(2).transpose(2, 0, 1))


def test_a_picture_that_is_cut_short_does_not_open(tmp_path):
    whole = encoded(Image.fromarray(tiny.picture(1, 64, 64)), "JPEG")
    write_zip(tmp_path / "p.zip", files(1) | {"001.jpg": whole[: len(whole) // 2]})
    with pytest.raises(PictureError, match="cut short"):
        opened(tmp_path, "p.zip").pixels(1)


@sources
def test_a_source_without_pictures_is_refused(tmp_path, source):
    if source == "p":
        (tmp_path / source).mkdir()
    else:
        WRITERS[source](tmp_path / source, {} if source == "p_lmdb" else {"notes.txt": b"no picture"})
    with pytest.raises(ConfigError, match=r"holds no pictures .*\.jpg"):
        opened(tmp_path, source)


def test_a_file_that_goes_away_is_a_picture_that_does_not_open(tmp_path):
    for source in ("p", "p.tar"):
        WRITERS[source](tmp_path / source, files(2))
    found = [opened(tmp_path, source) for source in ("p", "p.tar")]
    (tmp_path / "p" / "001.png").unlink()
    (tmp_path / "p.tar").unlink()
    for pictures in found:
        with pytest.raises(PictureError):
            pictures.pixels(1)


def test_a_locked_zip_file_gives_no_pictures_and_no_traceback(tmp_path):
    write_zip(tmp_path / "p.zip", files(1))
    data = bytearray((tmp_path / "p.zip").read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1  # says "encrypted"
    (tmp_path / "p.zip").write_bytes(data)
    with pytest.raises(PictureError, match="damaged or locked"):
        opened(tmp_path, "p.zip").pixels(0)


@pytest.mark.parametrize("source", ["p.zip", "p_lmdb"])
def test_a_damaged_file_is_refused(tmp_path, source):
    WRITERS[source](tmp_path / source, files(20))
    path = tmp_path / source / "data.mdb" if source == "p_lmdb" else tmp_path / source
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ConfigError, match=f"{source}.*(nor a readable tar or zip file|cannot be opened)"):
        opened(tmp_path, source)


def test_a_database_that_is_cut_short_is_refused_before_it_ends_the_process(tmp_path):
    write_lsun(tmp_path / "p", {f"{i:03d}.png": bytes(9000) for i in range(20)})
    path = tmp_path / "p" / "data.mdb"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ConfigError, match=r"data\.mdb is cut short: \d+ of \d+ bytes"):
        opened(tmp_path, "p")


def test_without_lmdb_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    write_folder(tmp_path / "p", {"data.mdb": b""})
    monkeypatch.setitem(sys.modules, "lmdb", None)
    with pytest.raises(ConfigError, match="pip install lmdb"):
        opened(tmp_path, "p")


@pytest.mark.parametrize("pattern", ["s/part-{00..02}.tar", "s/part-*.tar", "s/part-{00,01}.tar"])
def test_shards_by_pattern_are_read_one_after_another(tmp_path, pattern):
    (tmp_path / "s").mkdir()
    for shard in range(3):
        write_tar(tmp_path / "s" / f"part-{shard:02d}.tar", {f"{shard}{i}.png": b"" for i in range(2)})
    found = opened(tmp_path, pattern)
    expected = ["00", "01", "10", "11", "20", "21"][: 4 if "," in pattern else 6]
    assert [found.name(i).split()[1] for i in range(len(found))] == [f"{name}.png" for name in expected]
    assert found.name(2) == "s/part-01.tar: 10.png"


@pytest.mark.parametrize("pattern", ["s-{0..3}.tar", "none-*.tar", "none"])
def test_a_pattern_with_a_gap_is_refused_with_what_is_missing(tmp_path, pattern):
    for shard in (0, 1, 3):
        write_tar(tmp_path / f"s-{shard}.tar", files(1))
    with pytest.raises(ConfigError, match=r"(s-2\.tar|none-\*\.tar|none); .*--set data\.root="):
        opened(tmp_path, pattern)


def test_an_existing_name_with_braces_is_not_a_pattern(tmp_path):
    write_tar(tmp_path / "a{1..3}[x].tar", files(1))
    assert opened(tmp_path, "a{1..3}[x].tar").name(0) == "a{1..3}[x].tar: 000.png"


def test_a_synthetic_source_has_the_pictures_that_the_project_draws():
    found = PictureSet(".", (Source(made=3, label="b"), Source(made=2, label="a")), ("a", "b"), 16)
    assert found.labels.tolist() == [1, 1, 1, 0, 0]
    assert np.array_equal(found.pixels(2), synthetic_pictures(3, 16, seed=0)[2])
    assert found.name(4) == "made: 000001"


def test_only_archives_have_runs_of_consecutive_pictures(tmp_path):
    write_folder(tmp_path / "p", files(2))
    write_tar(tmp_path / "p.tar", {f"{i:03d}.png": b"" for i in range(100)})
    found = PictureSet(tmp_path, (Source("p"), Source("p.tar"), Source("p")), (), 8)
    assert found.run_starts().tolist() == [0, 1, 2, 66, 102, 103]


# Labels


@pytest.mark.parametrize("source", ["p", "p.tar", "p.tgz", "p.zip"])
def test_folders_are_classes_when_asked_for(tmp_path, source):
    WRITERS[source](tmp_path / source, files(6, ("set/b/", "set/a/")))
    found = opened(tmp_path, source, ("0", "1"), labels="folders")
    numbers = {"a": 0, "b": 1}
    assert found.labels.tolist() == [numbers[Path(found.name(i).split()[1]).parent.name] for i in range(6)]
    assert sorted(found.labels) == [0, 0, 0, 1, 1, 1]
    assert opened(tmp_path, source, ("b", "x", "a"), labels="folders").labels.max() == 2


@pytest.mark.parametrize("source", ["p.tar", "p.tgz"])
@pytest.mark.parametrize(
    ("suffix", "label"), [("cls", "1"), ("json", '{"label": 1}'), ("json", '{"class": "b", "x": 3}'), ("cls", "b\n")]
)
def test_labels_beside_pictures_are_understood(tmp_path, source, suffix, label):
    content = {}
    for name, data in files(2, ("deep.er/",)).items():
        content |= {name.replace(".png", f".{suffix}"): label.encode(), name: data}
    content[f"deep.er/000.{suffix}"] = b'{"cls": 0}' if suffix == "json" else b"0"
    WRITERS[source](tmp_path / source, content)
    assert opened(tmp_path, source, ("a", "b"), labels="files").labels.tolist() == [0, 1]


@pytest.mark.parametrize("source", ["p", "p.zip"])
def test_labels_in_a_list_are_understood(tmp_path, source):
    content = files(3, ("0/", "1/"))
    listed = [[name, number % 2] for number, name in reversed(list(enumerate(content)))]
    WRITERS[source](tmp_path / source, content | {"dataset.json": json.dumps({"labels": listed}).encode()})
    found = opened(tmp_path, source, ("0", "1"), labels="files")
    assert [(found.name(i).split()[1], label) for i, label in enumerate(found.labels)] == [
        (name, dict(listed)[name]) for name in (sorted(content) if source == "p" else content)
    ]
    WRITERS[source](tmp_path / source, content | {"dataset.json": b'{"labels": null}'})
    with pytest.raises(ConfigError, match=r"dataset\.json does not list a label for every picture"):
        opened(tmp_path, source, ("0", "1"), labels="files")


@pytest.mark.parametrize("beside", [b'{"caption": "a bed"}', b"[", b'{"label": 1.5}', b"3", b'{"label": true}'])
def test_invalid_labels_are_refused(tmp_path, beside):
    write_tar(tmp_path / "p.tar", files(1) | {"000.json": beside})
    with pytest.raises(ConfigError, match=r"000\.json (holds no label|has a label that is neither)"):
        opened(tmp_path, "p.tar", ("a", "b"), labels="files")


@sources
def test_a_source_without_labels_raises_a_sentence(tmp_path, source):
    WRITERS[source](tmp_path / source, files(2))
    for labels in ("files", "folders"):
        with pytest.raises(ConfigError, match=r"no labels of its own|no \.cls or \.json|outside any folder"):
            opened(tmp_path, source, ("a",), labels=labels)
    with pytest.raises(ConfigError, match=r"network\.classes is 0"):
        opened(tmp_path, source, (), labels="folders")


@pytest.mark.parametrize(
    ("labels", "classes", "numbers"),
    [
        (["b", "a", "b"], ("a", "b"), [1, 0, 1]),
        (["b", "a", "b"], ("b", "c", "a"), [0, 2, 0]),
        (["n2", "n10"], ("0", "1"), [1, 0]),  # unnamed classes: by the alphabet
        (["1", "0"], ("0", "1"), [1, 0]),
        ([1, 0, 1], ("a", "b"), [1, 0, 1]),
        (["2", "10"], tuple(map(str, range(11))), [2, 10]),
    ],
)
def test_labels_become_numbers(labels, classes, numbers):
    assert label_numbers(labels, classes) == numbers


@pytest.mark.parametrize(
    ("labels", "classes"), [(["c"], ("a", "b")), ([2], ("a", "b")), ([-1], ("a",)), (["x", "y", "z"], ("0", "1"))]
)
def test_labels_beyond_the_classes_are_refused(labels, classes):
    with pytest.raises(ConfigError, match=r"none of the network's . classes.*data\.classes.*network\.classes"):
        label_numbers(labels, classes)


# CIFAR-10


def cifar(count: int, seed: int) -> tuple[np.ndarray, list[int]]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 3072), dtype=np.uint8), rng.integers(0, 10, count).tolist()


def as_published(count: int, seed: int) -> bytes:
    """A batch as Python 2 pickled it: plain strings, numpy's old names, one array of bytes."""
    pixels, labels = cifar(count, seed)

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    def number(value: int) -> bytes:
        return b"J" + value.to_bytes(4, "little", signed=True)

    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n" + number(0) + b"\x85" + text(b"b") + b"\x87R"
    dtype = b"cnumpy\ndtype\n" + text(b"u1") + number(0) + number(1) + b"\x87R"
    dtype += b"(" + number(3) + text(b"|") + b"NNN" + number(-1) + number(-1) + number(0) + b"tb"
    content = b"T" + pixels.size.to_bytes(4, "little") + pixels.tobytes()
    array += b"(" + number(1) + number(count) + number(3072) + b"\x86" + dtype + b"\x89" + content + b"tb"
    listed = b"](" + b"".join(number(label) for label in labels) + b"e"
    return (
        b"\x80\x02}(" + text(b"batch_label") + text(b"one") + text(b"labels") + listed + text(b"data") + array + b"u."
    )


def as_plain(count: int, seed: int) -> bytes:
    pixels, labels = cifar(count, seed)
    return np.concatenate([np.array(labels, dtype=np.uint8)[:, None], pixels], axis=1).tobytes()


def write_cifar(path: Path, make=as_published, suffix: str = "") -> None:
    content = {f"{name}{suffix}": make(3, seed) for seed, name in enumerate(BATCHES)}
    write_folder(path, content | {f"test_batch{suffix}": make(2, 9), "batches.meta": b""})


def assert_is_cifar(found: PictureSet, parts) -> None:
    pixels, labels = zip(*(cifar(count, seed) for count, seed in parts))
    assert np.array_equal(np.stack([found.pixels(i) for i in range(len(found))]).reshape(-1, 3072), np.vstack(pixels))
    assert found.labels.tolist() == [label for part in labels for label in part]


TEN = tuple(map(str, range(10)))
TRAINING = [(3, seed) for seed in range(5)]


@pytest.mark.parametrize(("make", "suffix"), [(as_published, ""), (as_plain, ".bin")])
def test_cifar_is_read_as_published(tmp_path, make, suffix):
    write_cifar(tmp_path / "c", make, suffix)
    with tarfile.open(tmp_path / "cifar.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "c", "cifar-10-batches")
    for source in ("c", "cifar.tar.gz"):
        assert_is_cifar(opened(tmp_path, source, TEN, 32, labels="files"), TRAINING)
        assert_is_cifar(opened(tmp_path, f"{source}/test_batch{suffix}", TEN, 32, labels="files"), [(2, 9)])
        assert_is_cifar(opened(tmp_path, f"{source}/data_batch_2{suffix}", TEN, 32, labels="files"), [(3, 1)])
    with pytest.raises(ConfigError, match=r"There is no batch .*test_batch\.none|There is no .*data_batch_7"):
        opened(tmp_path, "cifar.tar.gz/data_batch_7", TEN, 32)


def test_cifar_as_python_3_pickles_it_again_is_read_too():
    pixels, labels = cifar(4, 2)
    from training.data.readers.cifar import _pickled

    for protocol in range(5):
        data = pickle.dumps({"data": pixels, "labels": labels}, protocol=protocol)
        found, found_labels = _pickled("data_batch_1", data)
        assert np.array_equal(found.reshape(4, 3072), pixels)
        assert found_labels == labels


def test_cifar_at_another_resolution_is_resized(tmp_path):
    write_cifar(tmp_path / "c")
    halves = cifar(3, 0)[0][0].reshape(3, 16, 2, 16, 2).mean(axis=(2, 4))
    assert np.abs(opened(tmp_path, "c", (), 16).pixels(0) - halves).max() <= 1


class Program:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def stacked(pixels, labels) -> bytes:
    return pickle.dumps({"data": pixels, "labels": labels}, protocol=2)


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Program(print, "run"), protocol=2),
        pickle.dumps({"data": Program(exec, "print('run')")}, protocol=2),
        pickle.dumps({"data": np.random.default_rng, "labels": []}, protocol=2),
        stacked(np.zeros((1, 3072), np.float32), [0]),
        stacked(np.zeros((1, 3072), object), [0]),
        stacked(np.asfortranarray(np.zeros((2, 3072), np.uint8)), [0, 0]),
        stacked(np.zeros((1, 3071), np.uint8), [0]),
        stacked(np.zeros((2, 3072), np.uint8), [0]),
        stacked(np.zeros((1, 3072), np.uint8), ["0"]),
        stacked([1], [0]),
        pickle.dumps([], protocol=2),
        as_published(2, 0)[:1000],
        b"",
        b"cposix\nsystem\n(S'echo run'\ntR.",
        b"cbuiltins\ngetattr\n(cnumpy\ndtype\nS'mro'\ntR.",
        b"cnumpy\nndarray\n(K\x01K\x02tb.",
        b"cnumpy.core.multiarray\n_reconstruct\n}U\x04datasb.",
    ],
)
def test_a_pickle_that_is_no_batch_is_refused_and_runs_nothing(tmp_path, content, capfd):
    write_folder(tmp_path, {"data_batch_1": content})
    with pytest.raises(ConfigError, match="data_batch_1 is not a batch of CIFAR-10"):
        opened(tmp_path, "data_batch_1", (), 32)
    assert capfd.readouterr().out == ""


def test_a_plain_batch_of_a_wrong_size_is_refused(tmp_path):
    for data in (b"", as_plain(2, 0)[:-1]):
        write_folder(tmp_path, {"test_batch.bin": data})
        with pytest.raises(ConfigError, match=r"test_batch\.bin is not a batch of CIFAR-10"):
            opened(tmp_path, "test_batch.bin", (), 32)


def test_a_source_has_one_path_and_one_kind_of_label():
    for wrong in ({}, {"path": "a", "made": 3}, {"made": -1}):
        with pytest.raises(ConfigError, match="either a path or made"):
            Source(**wrong)
    for wrong in ({"labels": "names"}, {"labels": "folders", "label": "a"}):
        with pytest.raises(ConfigError, match="either a label or labels"):
            Source("a", **wrong)


def test_only_plain_tar_files_can_be_streamed(tmp_path):
    for source in ("p.tar", "p.tgz"):
        WRITERS[source](tmp_path / source, files(2))
    assert len(open_source(tmp_path, Source("p.tar"), 8, stream=True)[0]) == 2
    with pytest.raises(ConfigError, match="compressed"):
        open_source(tmp_path, Source("p.tgz"), 8, stream=True)
