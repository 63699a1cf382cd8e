"""Picture files in a tar file, such as the shards of webdataset."""

import bz2
import gzip
import lzma
import os
import tarfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, cast

import numpy as np

from core.errors import ConfigError, PictureError
from core.pictures.limits import MAX_BYTES
from training.data.readers.labels import BESIDE, check_names, key_of, label_beside, stem_of
from training.data.readers.reader import RUN_LENGTH, Reader, is_picture

OPENERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}  # by the first bytes of a file
# What a compressed file may unpack to: pictures are compressed already, so they hardly become smaller.
UNPACKED, UNPACKED_TIMES = 100_000_000, 50  # bytes, and times the file's own size
# Errors of an archive that is cut short, or written to do harm.
DAMAGED = (tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError, ValueError, OverflowError, RecursionError)

Span = tuple[int, int]  # position and length of a member's content, in bytes


class Bounded:
    """A file, perhaps a compressed one, that refuses to give more than fits. Raises tarfile.ReadError then."""

    def __init__(self, file: IO[bytes], limit: int):
        """limit: how many bytes may lie before any position, uncompressed."""
        self._file, self._limit = file, limit
        self.tell, self.close = file.tell, file.close

    def read(self, size: int = -1) -> bytes:
        """At most MAX_BYTES at once: more than any picture has, and than any name in a header."""
        if not 0 <= size <= MAX_BYTES + tarfile.RECORDSIZE:
            raise tarfile.ReadError("a part of the archive is too large")
        self._check(self._file.tell() + size - tarfile.RECORDSIZE)
        return self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position, as seek of files does. A compressed file is unpacked up to there."""
        if whence == os.SEEK_SET:
            self._check(offset)
        return self._file.seek(offset, whence)

    def _check(self, position: int) -> None:
        if position > self._limit:
            raise tarfile.ReadError("the archive unpacks to far more than pictures take")


@contextmanager
def open_tar(path: Path) -> Iterator[tarfile.TarFile]:
    """A tar file, compressed or not. Raises ConfigError for one that is damaged, or unpacks to far more than it is."""
    opener, size = _opener(path), path.stat().st_size
    limit = size if opener is None else UNPACKED + UNPACKED_TIMES * size
    try:
        with (opener or open)(path, "rb") as file:
            bounded = cast(IO[bytes], Bounded(cast(IO[bytes], file), limit))
            with tarfile.open(fileobj=bounded, mode="r:") as tar:
                yield tar
    except DAMAGED as error:
        raise ConfigError(f"{path} is neither a folder nor a readable tar or zip file: {error}.") from error


class TarReader(Reader):
    """All pictures of a tar file in the file's order.

    Of a plain file only the position of each picture is kept in memory. In a compressed file one cannot seek, so its
    contents are kept in memory.
    """

    run_length = RUN_LENGTH

    def __init__(self, path: Path, *, stream: bool = False):
        """Raises ConfigError for a damaged file, for one that has a name twice, and for a compressed one as a stream."""
        self.source, self._path = str(path), path
        # Contents by their position in the uncompressed file.
        self._contents: dict[int, bytes] | None = {} if _opener(path) else None
        if stream and self._contents is not None:
            raise ConfigError(f"{path} is compressed, which cannot be streamed: unpack it to a plain .tar file.")
        self._names: list[str] = []
        self._beside: dict[str, Span] = {}  # the files with labels
        self._of_key: dict[str, list[str]] = defaultdict(list)  # the names of those files by key and suffix
        spans: list[Span] = []  # of each picture
        with open_tar(path) as tar:
            while (member := tar.next()) is not None:
                # Otherwise a million members fill a gigabyte. The list is missing in Python's type stubs.
                tar.members.clear()  # type: ignore[attr-defined]
                if member.isfile() and self._register(member.name, (member.offset_data, member.size), spans):
                    self._store(tar, member)
        check_names(self.source, [*self._names, *chain.from_iterable(self._of_key.values())])
        self._spans = np.array(spans, dtype=np.int64).reshape(-1, 2)

    def _register(self, name: str, span: Span, spans: list[Span]) -> bool:
        """Note a picture or a label file. Returns whether it is one of these."""
        if is_picture(name):
            self._names.append(name)
            spans.append(span)
        elif name.endswith(BESIDE):
            self._beside[name] = span
            self._of_key[key_of(name) + _suffix(name)].append(name)
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
        """The labels in the .cls or .json files beside the pictures. Raises ConfigError if a picture has none, or two."""
        files = [self._label_file(name) for name in self._names]
        return [label_beside(name, self._content(*self._beside[name])) for name in files]

    def _label_file(self, picture: str) -> str:
        """The file with the label of a picture: that of its name without the last suffix, else the one of its key."""
        for suffix in BESIDE:
            if (exact := stem_of(picture) + suffix) in self._beside:
                return exact
        for suffix in BESIDE:
            found = self._of_key.get(key_of(picture) + suffix, [])
            if len(found) > 1:
                raise ConfigError(f"{self.source}: {picture} has two files with a label, {found[0]} and {found[1]}.")
            if found:
                return found[0]
        raise ConfigError(f"{self.source}: {picture} has no {' or '.join(BESIDE)} file with a label beside it.")


def _suffix(name: str) -> str:
    return next(suffix for suffix in BESIDE if name.endswith(suffix))


def _opener(path: Path):
    """What opens a compressed file by its first bytes; None for a plain one."""
    with path.open("rb") as file:
        start = file.read(6)
    return next((opener for signature, opener in OPENERS.items() if start.startswith(signature)), None)
