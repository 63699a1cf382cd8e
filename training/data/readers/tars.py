"""Picture files in a tar file, webdataset's shards among them."""

import tarfile
import zlib
from lzma import LZMAError
from pathlib import Path

import numpy as np

from core.errors import ConfigError, PictureError
from core.images import MAX_BYTES
from training.data.readers.labels import BESIDE, key_of, label_beside
from training.data.readers.reader import IN_A_ROW, Reader, is_picture

COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")  # gzip, bzip2, xz
DAMAGED = (tarfile.TarError, OSError, EOFError, zlib.error, LZMAError)  # what a cut archive raises


class TarReader(Reader):
    """Every picture of a tar file in the file's order.

    Only where each lies is kept. A compressed file cannot be jumped about in, so its contents are kept instead; for a
    stream it is refused with ConfigError, as is a file that is damaged.
    """

    in_a_row = IN_A_ROW

    def __init__(self, path: Path, *, stream: bool = False):
        self.place, self._path = str(path), path
        # Content by its place in the uncompressed file.
        self._held: dict[int, bytes] | None = {} if _is_compressed(path) else None
        if stream and self._held is not None:
            raise ConfigError(f"{path} is compressed, which cannot be streamed: unpack it to a plain .tar file.")
        self._names: list[str] = []
        self._beside: dict[str, tuple[str, int, int]] = {}
        places: list[tuple[int, int]] = []
        try:
            with tarfile.open(path) as tar:
                while (member := tar.next()) is not None:
                    # Or a million members fill a gigabyte. Python's types leave the list out.
                    tar.members.clear()  # type: ignore[attr-defined]
                    if member.isfile() and self._keep(member.name, (member.offset_data, member.size), places):
                        self._hold(tar, member)
        except DAMAGED as error:
            raise ConfigError(f"{path} is neither a folder nor a readable tar or zip file.") from error
        self._places = np.array(places, dtype=np.int64).reshape(-1, 2)

    def _keep(self, name: str, place: tuple[int, int], places: list[tuple[int, int]]) -> bool:
        if is_picture(name):
            self._names.append(name)
            places.append(place)
        elif name.endswith(".cls") or (name.endswith(BESIDE) and key_of(name) not in self._beside):
            self._beside[key_of(name)] = (name, *place)
        return is_picture(name) or name.endswith(BESIDE)

    def _hold(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        if self._held is not None:
            content = tar.extractfile(member)
            assert content is not None  # it is a file
            self._held[member.offset_data] = content.read() if member.size <= MAX_BYTES else b""

    def __len__(self) -> int:
        return len(self._names)

    def name(self, index: int) -> str:
        return self._names[index]

    def read(self, index: int) -> bytes:
        return self._content(*self._places[index].tolist())

    def _content(self, offset: int, size: int) -> bytes:
        if self._held is not None:
            return self._held[offset]
        try:
            with self._path.open("rb") as file:
                file.seek(offset)
                return file.read(min(size, MAX_BYTES + 1))
        except OSError as error:
            raise PictureError(f"The tar file cannot be read: {error.strerror}.") from error

    def file_labels(self) -> list[str | int]:
        alone = next((name for name in self._names if key_of(name) not in self._beside), None)
        if alone is not None:
            raise ConfigError(f"{self.place}: {alone} has no {' or '.join(BESIDE)} file with a label beside it.")
        found = [self._beside[key_of(name)] for name in self._names]
        return [label_beside(name, self._content(offset, size)) for name, offset, size in found]


def _is_compressed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(6).startswith(COMPRESSED)
