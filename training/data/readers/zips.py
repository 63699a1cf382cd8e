"""Picture files in a zip file, such as the data sets of StyleGAN and EDM."""

from collections.abc import Sequence
import struct
import zipfile
import zlib
from pathlib import Path

from core.errors import ConfigError, PictureError
from core.pictures.limits import MAX_BYTES
from training.data.readers.labels import INDEX_NAME, check_names, index_limit, labels_of_index
from training.data.readers.reader import RUN_LENGTH, Reader, is_picture

SIGNATURE = b"PK\x03\x04"  # first bytes of a zip file
# Errors of a file that is damaged, encrypted (RuntimeError), or written to do harm.
UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, struct.error)


class ZipReader(Reader):
    """All pictures of a zip file in the file's order."""

    run_length = RUN_LENGTH

    def __init__(self, path: Path):
        """Raises ConfigError for a damaged file, and for one that has a name twice."""
        self.source = str(path)
        try:
            self._zip = zipfile.ZipFile(path)  # it has a lock, so several threads may read
        except UNREADABLE as error:
            raise ConfigError(f"{path} is neither a folder nor a readable tar or zip file.") from error
        self._infos = [info for info in self._zip.infolist() if is_picture(info.filename) and not info.is_dir()]
        check_names(self.source, [info.filename for info in self._infos])

    def __len__(self) -> int:
        return len(self._infos)

    def name(self, index: int) -> str:
        """The file's path in the zip file."""
        return self._infos[index].filename

    def read(self, index: int) -> bytes:
        """The encoded picture. Raises PictureError if it is too large, damaged or encrypted."""
        info = self._infos[index]
        if info.file_size > MAX_BYTES:
            raise PictureError(f"This picture is larger than {MAX_BYTES // 1_000_000} MB.")
        try:
            return self._unpacked(info)
        except UNREADABLE as error:
            raise PictureError("This part of the zip file is damaged or locked.") from error

    def _unpacked(self, info: zipfile.ZipInfo) -> bytes:
        """The content of a file, of which no more is unpacked than it says that it has. Raises one of UNREADABLE."""
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise zipfile.BadZipFile("it is packed in a way that cannot be unpacked up to a size")
        with self._zip.open(info) as file:
            return file.read(info.file_size)

    def file_labels(self) -> Sequence[str | int]:
        """The labels in the dataset.json of the zip file. Raises ConfigError if there is none or it lacks pictures."""
        try:
            index = self._zip.getinfo(INDEX_NAME)
        except KeyError:
            return super().file_labels()
        if index.file_size > index_limit(len(self)):
            raise ConfigError(f"{self.source}: {INDEX_NAME} is too large to be the labels of {len(self)} pictures.")
        try:
            return labels_of_index(self._unpacked(index), self)
        except UNREADABLE as error:
            raise ConfigError(f"{self.source}: {INDEX_NAME} is damaged or locked.") from error
