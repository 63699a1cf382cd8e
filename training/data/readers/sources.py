"""Opening a source of pictures: the readers for each file or folder that its path names, chosen by content."""

import re
from collections.abc import Iterable, Iterator
from glob import glob
from pathlib import Path

from core.errors import ConfigError
from training.config import Source
from training.data.synthetic import synthetic_pictures
from training.data.readers import cifar, lsun, zips
from training.data.readers.arrays import ArrayReader
from training.data.readers.folders import FolderReader
from training.data.readers.lsun import LsunReader
from training.data.readers.reader import SUFFIXES, Reader
from training.data.readers.tars import TarReader
from training.data.readers.zips import ZipReader

RANGE = re.compile(r"\{(\d{1,9})\.\.(\d{1,9})\}")  # {000..127}
CHOICE = re.compile(r"\{([^{}]*,[^{}]*)\}")  # {a,b}


def open_source(root: str | Path, source: Source, resolution: int, *, stream: bool = False) -> list[Reader]:
    """The readers of a source, one for each file or folder that its path names.

    root: the folder that the path is relative to. resolution: pixels, the side of synthetic pictures. Raises
    ConfigError for a file or folder that is missing, empty or damaged, and for one that cannot be streamed.
    """
    if source.made:
        return [ArrayReader("made", synthetic_pictures(source.made, resolution, seed=0))]
    readers = [_open(path, stream) for path in _paths(Path(root), source.path)]
    for reader in readers:
        if not len(reader):
            raise ConfigError(f"{reader.source} holds no pictures ({', '.join(sorted(SUFFIXES))}).")
    return readers


def _paths(root: Path, path: str) -> list[Path]:
    """The path itself, or all paths that its patterns {000..127}, {a,b}, *, ? and [...] match, sorted by name."""
    if (root / path).exists() or cifar.is_batch(root / path):
        return [root / path]
    paths = []
    for pattern in _expanded(path):
        names = [pattern] if (root / pattern).exists() else sorted(glob(pattern, root_dir=root))
        if not names:
            raise ConfigError(
                f"There is no folder or file {root / pattern}; say where the pictures are with --set data.root=..."
            )
        paths += [root / name for name in names]
    return paths


def _expanded(pattern: str) -> Iterator[str]:
    """All texts that the braces of a pattern stand for, as in a shell: numbers keep their leading zeros."""
    texts: Iterable[str]
    if match := RANGE.search(pattern):
        first, last = match.groups()
        texts = (str(number).zfill(len(first)) for number in range(int(first), int(last) + 1))
    elif match := CHOICE.search(pattern):
        texts = match[1].split(",")
    else:
        yield pattern
        return
    for text in texts:
        yield from _expanded(pattern[: match.start()] + text + pattern[match.end() :])


def _open(path: Path, stream: bool) -> Reader:
    """The reader of one file or folder. Raises ConfigError if it cannot be read."""
    if path.is_dir():
        return _open_folder(path)
    if cifar.is_batch(path):
        return _open_batch(path)
    if not path.is_file():
        raise ConfigError(f"{path} is neither a folder nor a file, so it cannot be read.")  # a pipe or a device
    with path.open("rb") as file:
        start = file.read(len(zips.SIGNATURE))
    if start == zips.SIGNATURE:
        return ZipReader(path)
    tar = TarReader(path, stream=stream)
    return tar if len(tar) else cifar.read_archive(path) or tar


def _open_folder(path: Path) -> Reader:
    """The reader of a folder: LSUN, CIFAR-10 or picture files."""
    if (path / lsun.FILE).is_file():
        return LsunReader(path)
    batches = cifar.training_batches(path)
    return cifar.read_batches(str(path), batches) if batches else FolderReader(path)


def _open_batch(path: Path) -> Reader:
    """A batch file of CIFAR-10, or one inside the published tar file: cifar-10-python.tar.gz/test_batch."""
    if path.is_file():
        return cifar.read_batches(str(path), [path])
    batch = cifar.read_archive(path.parent, path.name) if path.parent.is_file() else None
    if batch is None:
        raise ConfigError(f"There is no batch {path}; say where the pictures are with --set data.root=...")
    return batch
