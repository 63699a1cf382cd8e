"""CIFAR-10 as its authors publish it: five batches for training and one for testing, in Python's or in plain format.

Python's batches are pickles, and loading a pickle can run any program. So they are read by an unpickler that accepts
plain values and one array of bytes only. The description of numpy's array is recorded and checked, and numpy's own code
for unpickling is not called.

Shapes: N pictures.
"""

import pickle
import pickletools
import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np

from core.errors import ConfigError
from core.files import read_regular
from training.data.readers.arrays import ArrayReader
from training.data.readers.tars import open_tar

BATCH = re.compile(r"(data_batch_\d|test_batch)(\.bin)?")
TRAINING = re.compile(r"data_batch_\d(\.bin)?")
SHAPE = (3, 32, 32)  # channels, rows, columns of a picture
NUMBERS = 3 * 32 * 32  # bytes of a picture
MAX_BATCH = 60_000_000  # bytes; a batch of the data set has 31 million
NUMBERING = ("PUT", "BINPUT", "LONG_BINPUT")  # what gives a value in a pickle its number


def is_batch(path: Path) -> bool:
    """Whether the file has the name of a batch."""
    return BATCH.fullmatch(path.name) is not None


def training_batches(path: Path) -> list[Path]:
    """The training batches in a folder, sorted by name; empty for a folder that is not CIFAR-10's."""
    return sorted(file for file in path.iterdir() if TRAINING.fullmatch(file.name))


def read_batches(source: str, paths: Iterable[Path]) -> ArrayReader:
    """The pictures of these batch files, one after another. Raises ConfigError for a file that is not a batch."""
    try:
        return _joined(source, [(path.name, read_regular(path, MAX_BATCH)) for path in paths])
    except OSError as error:
        raise ConfigError(f"{error.filename} is not a batch of CIFAR-10: {error.strerror}.") from error


def read_archive(path: Path, batch: str = "") -> ArrayReader | None:
    """The batch of that name in the published tar file, by default all batches for training; None if it has none.

    Raises ConfigError for a file that is no readable tar file, or whose batches are damaged.
    """
    pattern, batches = re.compile(re.escape(batch)) if batch else TRAINING, []
    with open_tar(path) as tar:
        for member in tar:
            name = PurePosixPath(member.name).name
            if member.isfile() and member.size <= MAX_BATCH and pattern.fullmatch(name):
                content = tar.extractfile(member)
                assert content is not None  # it is a file
                batches.append((name, content.read()))
    return _joined(str(path), sorted(batches)) if batches else None


def _joined(source: str, batches: list[tuple[str, bytes]]) -> ArrayReader:
    """One reader of several batches, given by name and content."""
    parts = [_plain(name, data) if name.endswith(".bin") else _pickled(name, data) for name, data in batches]
    pixels, labels = zip(*parts)
    return ArrayReader(source, np.concatenate(pixels), [label for part in labels for label in part])


def _plain(name: str, data: bytes) -> tuple[np.ndarray, list[int]]:
    """Pictures [N,3,32,32] uint8 and labels of a plain batch: records of 1 byte label and 3072 bytes picture."""
    if not data or len(data) % (1 + NUMBERS):
        raise ConfigError(f"{name} is not a batch of CIFAR-10: {len(data)} bytes are not whole pictures.")
    records = np.frombuffer(data, np.uint8).reshape(-1, 1 + NUMBERS)
    return records[:, 1:].reshape(-1, *SHAPE), records[:, 0].tolist()


def _pickled(name: str, data: bytes) -> tuple[np.ndarray, list[int]]:
    """Pictures [N,3,32,32] uint8 and labels of a pickled batch."""
    try:
        _check_sizes(data)
        values = _PlainUnpickler(BytesIO(data), encoding="bytes").load()
        values = {key.decode() if isinstance(key, bytes) else key: value for key, value in values.items()}
        pixels, labels = values["data"].pixels(), values["labels"]
        if len(pixels) != len(labels) or any(type(label) is not int for label in labels):
            raise ValueError("pictures and labels do not match")
    except Exception as error:  # a broken pickle can raise a dozen kinds of error
        raise ConfigError(f"{name} is not a batch of CIFAR-10: {error}.") from error
    return pixels, labels


def _check_sizes(data: bytes) -> None:
    """Raises ValueError for a pickle that claims more than it holds.

    Python's reader takes memory for what a few bytes claim: for a value number of 900 million it takes 14 GB.
    """
    for opcode, argument, _ in pickletools.genops(data):  # which looks at the lengths of texts and bytes by itself
        if opcode.name in NUMBERING and int(argument or 0) > len(data):
            raise ValueError("it counts more values than it has bytes")


class _Dtype:
    """The number type of an array, as the file describes it."""

    def __init__(self, kind="", *rest):
        self.kind = kind.decode() if isinstance(kind, bytes) else kind

    def __setstate__(self, state):
        pass  # byte order and alignment, which bytes do not have


class _Array:
    """An array as the file describes it: shape, number type, content."""

    def __setstate__(self, state):
        _, self.shape, self.dtype, self.by_columns, self.content = state

    def pixels(self) -> np.ndarray:
        """uint8 [N,3,32,32]. Raises ValueError for any other array."""
        rows, columns = self.shape
        if (self.dtype.kind, columns, bool(self.by_columns)) != ("u1", NUMBERS, False):
            raise ValueError("its array is not one of pictures")
        return np.frombuffer(self.content, np.uint8).reshape(rows, *SHAPE)


def _latin1(text: str, encoding: str) -> bytes:
    """The bytes that Python 3 wrote as text in the old pickle format."""
    if encoding != "latin1":
        raise ValueError("its bytes are written in an unknown way")
    return text.encode("latin1")


_KNOWN = {
    ("numpy.core.multiarray", "_reconstruct"): lambda *_: _Array(),
    ("numpy._core.multiarray", "_reconstruct"): lambda *_: _Array(),
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _latin1,
}


class _PlainUnpickler(pickle.Unpickler):
    """Reads plain values and arrays of bytes. Any other name in the file raises UnpicklingError; none is imported."""

    def find_class(self, module: str, name: str):
        """The substitute for a class of numpy. Raises UnpicklingError for any other name."""
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"it wants to run {module}.{name}, which no batch needs")
        return _KNOWN[module, name]
