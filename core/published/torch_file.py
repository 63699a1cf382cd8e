"""State dicts in PyTorch's own files (.pt, .bin): zip archives with one uncompressed record for each tensor.

torch reads the archive's table of tensors, restricted to plain weights, with the data mapped but not touched. Where
each tensor's bytes are in the file follows from its place in that map; they are then read as any file is. So no code of
the file runs, and all tensors together are not larger than the file.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from core.errors import CheckpointError
from core.regions import FileRegions
from core.weights import TensorInfo, Weights

SUFFIXES = (".pt", ".pth", ".bin")
MAX_TABLE = 8_000_000  # bytes of the table of tensors, and of the archive's list of records
LOCAL_HEADER = 30  # bytes in front of a record's name
END, LOCATOR = 22, 20  # bytes of an archive's end, and of what points to its twin with wide numbers
DATA = re.compile(r"[^/]+/data/[^/]+")  # the names of records that hold a tensor's numbers
TENSOR_LIMIT = 100_000


class _Place(NamedTuple):
    start: int  # of its first number in the file, in bytes
    reach: int  # numbers from its first to its last one
    stride: tuple[int, ...]


def is_torch_file(path: str | Path) -> bool:
    """Whether a file is one of PyTorch's, by the end of its name or by its first bytes."""
    path = Path(path)
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        return bytes(FileRegions(path).read(0, 2).numpy()) == b"PK"
    except OSError:
        return False


class TorchFile(Weights):
    """A state dict: its tensors' names and shapes, and each tensor when it is asked for."""

    def __init__(self, path: str | Path):
        """Raises CheckpointError for anything else than a state dict that torch has written, whole."""
        self.path = Path(path)
        try:
            self._file = FileRegions(path)
            records = _records(self._file)
            tensors = _tensors(path)
            self._infos = {name: TensorInfo(value.dtype, tuple(value.shape)) for name, value in tensors.items()}
            self._places = _places(tensors, records)
            if sum(value.numel() * value.itemsize for value in tensors.values()) > self._file.size:
                raise ValueError("its tensors are larger than the file")
        except Exception as error:  # torch, zipfile and the restricted unpickler raise many kinds for what is malformed
            raise self._broken() from error

    @property
    def infos(self) -> Mapping[str, TensorInfo]:
        """Precision and shape of every tensor."""
        return self._infos

    def read(self, name: str) -> Tensor:
        """The tensor [...] in memory of its own. Raises CheckpointError."""
        (dtype, shape), place = self._infos[name], self._places[name]
        try:
            values = self._file.read(place.start, place.reach * dtype.itemsize).view(dtype)
        except OSError as error:
            raise self._broken() from error
        return values.as_strided(shape, place.stride)

    def _broken(self) -> CheckpointError:
        return CheckpointError(
            f"{self.path.name} is not a state dict of PyTorch, or is cut short: tensors by name were expected."
        )


class _Bounded(io.FileIO):
    """A file of which zipfile cannot read much at once: the list of its records may claim to be any size."""

    def read(self, size: int | None = -1) -> bytes:
        """At most MAX_TABLE bytes. Raises ValueError if more are asked for."""
        wanted = MAX_TABLE + 1 if size is None or size < 0 else size
        if wanted > MAX_TABLE + 1:
            raise ValueError("its list of records is too long")
        return super().read(wanted)


def _records(file: FileRegions) -> dict[int, int]:
    """The sizes of the archive's data records by where they begin in the file. Raises an error for any odd archive."""
    with _Bounded(file.path) as opened, zipfile.ZipFile(opened) as archive:
        infos = archive.infolist()
        if any(info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size for info in infos):
            raise ValueError("its records are compressed")
        if archive.start_dir != _list_start(file):
            raise ValueError("it has two lists of records")
        tables = [info for info in infos if not DATA.fullmatch(info.filename)]
        if sum(info.file_size for info in tables) > MAX_TABLE or len(infos) > TENSOR_LIMIT:
            raise ValueError("its table of tensors is too long")
        orders = [archive.read(info) for info in tables if info.filename.endswith("/byteorder")]
        if orders not in ([], [b"little"]):
            raise ValueError("its numbers are in another byte order")
    return {_start(file, info): info.file_size for info in infos if DATA.fullmatch(info.filename)}


def _list_start(file: FileRegions) -> int:
    """Where the list of records begins, as the archive's end says: zipfile and torch may take different ones for it."""
    end = bytes(file.read(file.size - END, END).numpy())
    locator = bytes(file.read(file.size - END - LOCATOR, LOCATOR).numpy())
    if end[:4] != b"PK\5\6" or end[20:] != b"\0\0":
        raise ValueError("its end is not where it must be")
    if locator[:4] != b"PK\6\7":
        return int.from_bytes(end[16:20], "little")
    wide_end = int.from_bytes(locator[8:16], "little")
    return int.from_bytes(bytes(file.read(wide_end + 48, 8).numpy()), "little")


def _start(file: FileRegions, info: zipfile.ZipInfo) -> int:
    """Where a record's data begin: behind its local header, the name and an extra field."""
    header = bytes(file.read(info.header_offset, LOCAL_HEADER).numpy())
    lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    return info.header_offset + LOCAL_HEADER + lengths


def _tensors(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a state dict, mapped into memory: their values must not be touched."""
    values = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    if not isinstance(values, dict) or not values:
        raise ValueError("it is no dictionary")
    if not all(isinstance(name, str) and name.isprintable() for name in values):
        raise ValueError("its names are not texts")
    if not all(_is_plain(value) for value in values.values()):
        raise ValueError("it holds something else than tensors")
    return values


def _is_plain(value: object) -> bool:
    if not isinstance(value, Tensor) or value.device.type != "cpu" or value.layout != torch.strided:
        return False
    return not (value.is_quantized or value.is_conj() or value.is_neg())


def _places(tensors: Mapping[str, Tensor], records: Mapping[int, int]) -> dict[str, _Place]:
    """Where each tensor is in the file.

    The map is the file, so addresses differ as places in the file do. The first record and the lowest address give the
    distance; raises ValueError unless then every tensor's memory is one whole record.
    """
    storages = {name: value.untyped_storage() for name, value in tensors.items()}
    stored = {name: storage for name, storage in storages.items() if storage.nbytes()}
    addresses = {name: storage.data_ptr() for name, storage in stored.items()}
    filled = [start for start, size in records.items() if size]
    distance = min(addresses.values(), default=0) - min(filled, default=0)
    places = {}
    for name, value in tensors.items():
        start = addresses.get(name, distance) - distance
        if name in stored and records.get(start) != stored[name].nbytes():
            raise ValueError("its tensors are not its records")
        reach = 1 + sum((size - 1) * step for size, step in zip(value.shape, value.stride())) if value.numel() else 0
        places[name] = _Place(start + int(value.storage_offset()) * value.itemsize, reach, value.stride())
    return places
