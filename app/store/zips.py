"""How much disk the zip files of batches may take: those that are being written, and those that wait to be fetched."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import PictureError

ALL_BYTES = 16_000_000_000  # on disk at the same time

NO_ROOM = "There is no room for more zip files at the moment. Fetch those that are finished, or wait half an hour."
LEFT = "This batch was given up."


@dataclass
class ZipFile:
    """A zip file on disk. owner: the address that had it made. fetched: whether its download has begun."""

    owner: str
    size: int = 0
    fetched: bool = False


@dataclass
class Zips:
    """All zip files by their path. owner_bytes: of one owner's together. all_bytes: of everybody's."""

    owner_bytes: int = ALL_BYTES
    all_bytes: int = ALL_BYTES
    files: dict[Path, ZipFile] = field(default_factory=dict)

    def grow(self, path: Path, size: int) -> Iterator[Path]:
        """Counts so many bytes more of a file. Yields the fetched files that have to leave for them.

        Raises PictureError, and counts nothing, where that is not enough, and for a file that has left.
        """
        growing = self.files.get(path)
        if growing is None:
            raise PictureError(LEFT)
        for limit, counts in ((self.owner_bytes, lambda zipped: zipped.owner == growing.owner), (self.all_bytes, bool)):
            counted = {each: zipped for each, zipped in self.files.items() if counts(zipped)}
            excess = sum(zipped.size for zipped in counted.values()) + size - limit
            spare = [each for each, zipped in counted.items() if zipped.fetched and each != path]
            if excess > sum(counted[each].size for each in spare):
                raise PictureError(NO_ROOM)
            for each in spare:
                if excess <= 0:
                    break
                excess -= counted[each].size
                yield each
        growing.size += size

    def shrink(self, path: Path, size: int) -> None:
        """So many bytes were counted and not written."""
        if path in self.files:
            self.files[path].size -= size
