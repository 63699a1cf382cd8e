"""Safetensors files, read and written one tensor at a time (https://github.com/huggingface/safetensors).

Eight bytes say how long the header is: a JSON object with the precision, shape and place of every tensor, and texts
under `__metadata__`. The tensors' bytes follow without gaps. The safetensors library maps files into memory, or holds
them whole.
"""

import json
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.errors import CheckpointError
from core.json_values import read_json
from core.regions import FileRegions
from core.weights import TensorInfo, Weights, as_bytes

METADATA = "__metadata__"
MAX_HEADER = 20_000_000  # bytes
MAX_DIMENSIONS = 8
DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip
CODES = {dtype: code for code, dtype in DTYPES.items()}


class SafetensorsFile(Weights):
    """The header of a file, and its tensors when they are asked for."""

    def __init__(self, path: str | Path):
        """Raises CheckpointError for what is not such a file, or not all of one."""
        self.path = Path(path)
        try:
            self._file = FileRegions(path)
            header, self._start = _header(self._file)
            self.metadata: dict[str, str] = _texts(header.pop(METADATA, {}))
            self._places = _places(header, self._file.size - self._start)
        except (OSError, ValueError) as error:
            raise self._broken() from error
        self._infos = {name: TensorInfo(DTYPES[e["dtype"]], tuple(e["shape"])) for name, e in sorted(header.items())}

    @property
    def infos(self) -> Mapping[str, TensorInfo]:
        """Precision and shape of every tensor, sorted by name."""
        return self._infos

    def read(self, name: str) -> Tensor:
        """The tensor [...] in memory of its own. Raises CheckpointError."""
        begin, end = self._places[name]
        try:
            values = self._file.read(self._start + begin, end - begin)
        except OSError as error:
            raise self._broken() from error
        dtype, shape = self._infos[name]
        return values.view(dtype).reshape(shape)

    def _broken(self) -> CheckpointError:
        return CheckpointError(f"{self.path.name} is not a safetensors file, or is cut short.")


def _header(file: FileRegions) -> tuple[dict[str, Any], int]:
    """The header and where it ends. Raises OSError or ValueError."""
    length = int.from_bytes(as_bytes(file.read(0, 8)), "little")
    if length > MAX_HEADER:
        raise ValueError("its header is too long")
    header = read_json(bytes(as_bytes(file.read(8, length))).decode())
    if not isinstance(header, dict):
        raise ValueError("its header is no object")
    return header, 8 + length


def _texts(values: Any) -> dict[str, str]:
    if not (isinstance(values, dict) and all(isinstance(text, str) for text in values.values())):
        raise ValueError("its metadata are not texts")
    return values


def _places(header: dict[str, Any], size: int) -> dict[str, tuple[int, int]]:
    """Where the tensors begin and end. Raises ValueError unless they fill the `size` bytes without gaps."""
    places = {name: _place(entry) for name, entry in header.items()}
    end = 0
    for begin, next_end in sorted(places.values()):
        if begin != end:
            raise ValueError("its tensors do not follow each other")
        end = next_end
    if end != size:
        raise ValueError("its tensors do not fill it")
    return places


def _place(entry: Any) -> tuple[int, int]:
    """Where one tensor begins and ends. Raises ValueError for an entry that does not describe one."""
    dtype, shape, place = _fields(entry)
    whole = [type(number) is int and number >= 0 for number in (*shape, *place)]
    if not (all(whole) and len(shape) <= MAX_DIMENSIONS and len(place) == 2 and dtype in DTYPES):
        raise ValueError("it describes a tensor that cannot be")
    if place[1] - place[0] != prod(shape) * DTYPES[dtype].itemsize:
        raise ValueError("a tensor's size is not that of its shape")
    return place[0], place[1]


def _fields(entry: Any) -> tuple[str, list, list]:
    if not (isinstance(entry, dict) and entry.keys() == {"dtype", "shape", "data_offsets"}):
        raise ValueError("it describes a tensor otherwise")
    dtype, shape, place = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not (isinstance(dtype, str) and isinstance(shape, list) and isinstance(place, list)):
        raise ValueError("it describes a tensor otherwise")
    return dtype, shape, place


def safetensors_parts(weights: Weights, metadata: Mapping[str, str]) -> Iterator[memoryview | bytes]:
    """A file's bytes: header, then each tensor in turn, in the library's order: wide numbers first, then by name."""
    names = sorted(weights.infos, key=lambda name: (-weights.infos[name].dtype.itemsize, name))
    yield _header_bytes({name: weights.infos[name] for name in names}, metadata)
    for name in names:
        yield as_bytes(weights.read(name))


def _header_bytes(infos: Mapping[str, TensorInfo], metadata: Mapping[str, str]) -> bytes:
    """With spaces at its end, so that the tensors begin at a multiple of 8 bytes."""
    header: dict[str, Any] = {METADATA: metadata} if metadata else {}
    end = 0
    for name, (dtype, shape) in infos.items():
        begin, end = end, end + prod(shape) * dtype.itemsize
        header[name] = {"dtype": CODES[dtype], "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text
