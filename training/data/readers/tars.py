"""Picture files in a tar file, such as the shards of webdataset."""

import tarfile
import zlib
from lzma import LZMAError
from pathlib import Path

import numpy as np

from core.errors import ConfigError, PictureError
from core.pictures.limits import MAX_BYTES
from training.data.readers.labels import BESIDE, key_of, label_beside
from training.data.readers.reader import RUN_LENGTH, Reader, is_picture

COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")  # first bytes of gzip, bzip2 and xz files
DAMAGED = (tarfile.TarError, OSError, EOFError, zlib.error, LZMAError)  # errors of an archive that is cut short


class TarReader(Reader):
    """All pictures of a tar file in the file's order.

    Of a plain file only the position of each picture is kept in memory. In a compressed file one cannot seek, so its
    contents are kept in memory.
    """

    run_length = RUN_LENGTH

    def __init__(self, path: Path, *, stream: bool = False):
        """Raises ConfigError for a damaged file, and for a compressed one as a stream."""
        self.source, self._path = str(path), path
        # Contents by their position in the uncompressed file.
        self._contents: dict[int, bytes] | None = {} if _is_compressed(path) else None
        if stream and self._contents is not None:
            raise ConfigError(f"{path} is compressed, which cannot be streamed: unpack it to a plain .tar file.")
        self._names: list[str] = []
        self._beside: dict[str, tuple[str, int, int]] = {}
        spans: list[tuple[int, int]] = []  # position and length of each picture, in bytes
        try:
            with tarfile.open(path) as tar:
                while (member := tar.next()) is not None:
                    # Otherwise a million members fill a gigabyte. The list is missing in Python's type stubs.
                    tar.members.clear()  # type: ignore[attr-defined]
                    if member.isfile() and self._register(member.name, (member.offset_data, member.size), spans):
                        self._store(tar, member)
        except DAMAGED as error:
            raise ConfigError(f"{path} is neither a folder nor a readable tar or zip file.") from error
        self._spans = np.array(spans, dtype=np.int64).reshape(-1, 2)

    def _register(self, name: str, span: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
        """Note a picture or a label file. Returns whether it is one of these."""
        if is_picture(name):
            self._names.append(name)
            spans.append(span)
        elif name.endswith(".cls") or (name.endswith(BESIDE) and key_of(name) not in self._beside):
            self._beside[key_of(name)] = (name, *span)
        return is_picture(name) or name.endswith(BESIDE)

    def _store(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        """Keep the content of a member of a compressed file."""
        if self._contents is not None:
            content = tar.extractfile(member)
            assert content is not None  # it is a file
            self._contents[member.offset_data] = content.read() if member.size <= MAX_BYTES else b""

    def __len__(self) -> int:
        return len(self._names)

    def name(self, index: int) -> str:
        """The member's path in the tar file."""
        return self._names[index]

    def read(self, index: int) -> bytes:
        """The encoded picture. Raises PictureError if the file cannot be read."""
        return self._content(*self._spans[index].tolist())

    def _content(self, offset: int, size: int) -> bytes:
        if self._contents is not None:
            return self._contents[offset]
        try:
            with self._path.open("rb") as file:
                file.seek(offset)
                return file.read(min(size, MAX_BYTES + 1))
        except OSError as error:
            raise PictureError(f"The tar file cannot be read: {error.strerror}.") from error

    def file_labels(self) -> list[str | int]:
        """The labels in the .cls or .json files beside the pictures. Raises ConfigError if a picture has none."""
        unlabelled = next((name for name in self._names if key_of(name) not in self._beside), None)
        if unlabelled is not None:
            raise ConfigError(f"{self.source}: {unlabelled} has no {' or '.join(BESIDE)} file with a label beside it.")
        files = [self._beside[key_of(name)] for name in self._names]
        return [label_beside(name, self._content(offset, size)) for name, offset, size in files]


def _is_compressed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(6).startswith(COMPRESSED)
