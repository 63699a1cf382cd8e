"""Files in object storage, by URLs that fsspec knows, beside files of this computer.

A `RemotePath` has of a `Path` what the command line uses, so both are planned, read and written alike. fsspec is
imported when the first URL is opened.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

LOCAL = ("file", "local")  # how fsspec calls this computer
NOT_KNOWN = (
    "{} cannot be opened: {}. Each kind of storage needs a package: pip install s3fs for s3://, gcsfs for gs://."
)
FAILED = "{} cannot be reached: {}."


@dataclass(frozen=True, order=True)
class RemotePath:
    """A file or a folder in object storage. What cannot be done raises OSError, whose message is a sentence."""

    url: str
    listed_file: bool = field(default=False, compare=False)  # a listing says that it is a file: nobody asks again

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> "RemotePath":
        return RemotePath(f"{self.url}/{name}")

    @property
    def name(self) -> str:
        """Its last part."""
        return PurePosixPath(self.url).name

    @property
    def suffix(self) -> str:
        """The ending of its name."""
        return PurePosixPath(self.url).suffix

    @property
    def stem(self) -> str:
        """Its name without the ending."""
        return PurePosixPath(self.url).stem

    def with_suffix(self, suffix: str) -> "RemotePath":
        """The same with another ending."""
        return RemotePath(self.url.removesuffix(self.suffix) + suffix)

    def exists(self) -> bool:
        """Whether there is a file or a folder."""
        with self._opened() as (system, path):
            return self.listed_file or system.exists(path)

    def is_file(self) -> bool:
        """Whether there is a file."""
        with self._opened() as (system, path):
            return self.listed_file or system.isfile(path)

    def is_dir(self) -> bool:
        """Whether there is a folder."""
        with self._opened() as (system, path):
            return not self.listed_file and system.isdir(path)

    def samefile(self, other: object) -> bool:
        """Whether both are one."""
        return self == other

    def iterdir(self) -> Iterator["RemotePath"]:
        """What is in the folder, itself left out, which some storages list as an empty file."""
        with self._opened() as (system, path):
            entries = system.ls(path, detail=True)
        for entry in entries:
            name = PurePosixPath(entry["name"]).name
            if name != self.name or entry["type"] != "file":
                yield RemotePath(f"{self.url}/{name}", entry["type"] == "file")

    def read(self, limit: int) -> bytes:
        """The first bytes of the file, `limit` at most."""
        with self._opened() as (system, path):
            return system.cat_file(path, start=0, end=limit)

    def write_whole(self, data: bytes) -> None:
        """Write the file whole or not at all, with the folders that it lies in."""
        with self._opened() as (system, path):
            if not system.exists(system._parent(path)):
                system.makedirs(system._parent(path), exist_ok=True)
            with system.transaction:  # for those where a file can be seen before it is whole
                system.pipe_file(path, data)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, str]]:
        """The file system, and the path in it. Every error in here becomes an OSError: each storage has its own."""
        from fsspec.core import url_to_fs

        try:
            yield url_to_fs(self.url)
        except FileNotFoundError:
            raise
        except (ImportError, ValueError) as error:
            raise OSError(NOT_KNOWN.format(self.url, _reason(error))) from error
        except Exception as error:
            raise OSError(FAILED.format(self.url, _reason(error))) from error


Location = Path | RemotePath


def location(text: str) -> Location:
    """What a person writes: a URL of object storage if it has ://, else a path; file:// is a path, too."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        return Path(text)
    return Path(rest) if scheme in LOCAL else RemotePath(text.rstrip("/"))


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
