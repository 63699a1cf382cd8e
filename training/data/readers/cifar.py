"""CIFAR-10 as its authors publish it: five batches for training and one for testing, in Python's or in plain format.

Python's batches are pickles, and a pickle can run any program. So they are read by an unpickler that knows plain values
and one array of bytes, and nothing else: what numpy would build is only written down here, then checked.
"""

import pickle
import re
import tarfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np

from core.errors import ConfigError
from training.data.readers.arrays import ArrayReader
from training.data.readers.tars import DAMAGED

BATCH = re.compile(r"(data_batch_\d|test_batch)(\.bin)?")
TRAINING = re.compile(r"data_batch_\d(\.bin)?")
SHAPE = (3, 32, 32)
NUMBERS = 3 * 32 * 32
MAX_BATCH = 100_000_000  # bytes; a batch has 31 million


def is_batch(path: Path) -> bool:
    """Whether a file has the name of a batch."""
    return BATCH.fullmatch(path.name) is not None


def training_batches(path: Path) -> list[Path]:
    """The training batches in a folder, if it is CIFAR-10's."""
    return sorted(file for file in path.iterdir() if TRAINING.fullmatch(file.name))


def read_batches(place: str, paths: Iterable[Path]) -> ArrayReader:
    """These batch files, one after another. Raises ConfigError for one that is not what its name says."""
    return _joined(place, [(path.name, path.read_bytes()) for path in paths])


def read_archive(path: Path, batch: str = "") -> ArrayReader | None:
    """The batch of that name in the published tar file, by default those for training; None if it has none."""
    wanted, found = re.compile(re.escape(batch)) if batch else TRAINING, []
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                name = PurePosixPath(member.name).name
                if member.isfile() and member.size <= MAX_BATCH and wanted.fullmatch(name):
                    content = tar.extractfile(member)
                    assert content is not None  # it is a file
                    found.append((name, content.read()))
    except DAMAGED as error:
        raise ConfigError(f"{path} is not a readable tar file.") from error
    return _joined(str(path), sorted(found)) if found else None


def _joined(place: str, batches: list[tuple[str, bytes]]) -> ArrayReader:
    parts = [_plain(name, data) if name.endswith(".bin") else _pickled(name, data) for name, data in batches]
    pixels, labels = zip(*parts)
    return ArrayReader(place, np.concatenate(pixels), [label for part in labels for label in part])


def _plain(name: str, data: bytes) -> tuple[np.ndarray, list[int]]:
    """Records of one byte of label and 3072 of picture."""
    if not data or len(data) % (1 + NUMBERS):
        raise ConfigError(f"{name} is not a batch of CIFAR-10: {len(data)} bytes are not whole pictures.")
    records = np.frombuffer(data, np.uint8).reshape(-1, 1 + NUMBERS)
    return records[:, 1:].reshape(-1, *SHAPE), records[:, 0].tolist()


def _pickled(name: str, data: bytes) -> tuple[np.ndarray, list[int]]:
    try:
        values = _PlainUnpickler(BytesIO(data), encoding="bytes").load()
        values = {key.decode() if isinstance(key, bytes) else key: value for key, value in values.items()}
        pixels, labels = values["data"].pixels(), values["labels"]
        if len(pixels) != len(labels) or any(type(label) is not int for label in labels):
            raise ValueError("pictures and labels do not match")
    except Exception as error:  # a broken pickle raises a dozen kinds
        raise ConfigError(f"{name} is not a batch of CIFAR-10: {error}.") from error
    return pixels, labels


class _Dtype:
    """What the file says of an array's numbers."""

    def __init__(self, kind="", *rest):
        self.kind = kind.decode() if isinstance(kind, bytes) else kind

    def __setstate__(self, state):
        pass  # byte order and alignment: bytes have neither


class _Array:
    """What the file says of an array: shape, dtype, content."""

    def __setstate__(self, state):
        _, self.shape, self.dtype, self.by_columns, self.content = state

    def pixels(self) -> np.ndarray:
        """uint8 [N,3,32,32]. Raises ValueError for any other array."""
        rows, columns = self.shape
        if (self.dtype.kind, columns, bool(self.by_columns)) != ("u1", NUMBERS, False):
            raise ValueError("its array is not one of pictures")
        return np.frombuffer(self.content, np.uint8).reshape(rows, *SHAPE)


def _latin1(text: str, encoding: str) -> bytes:
    """How Python 3 writes bytes in the old format."""
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
    """Plain values and arrays of bytes. Any other name in the file is refused, and nothing of it is imported."""

    def find_class(self, module: str, name: str):
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"it wants to run {module}.{name}, which no batch needs")
        return _KNOWN[module, name]
