"""Picture files in a zip file; StyleGAN's and EDM's data sets are such files."""

from collections.abc import Sequence
import zipfile
import zlib
from lzma import LZMAError
from pathlib import Path

from core.errors import ConfigError, PictureError
from core.images import MAX_BYTES
from training.data.readers.labels import INDEX_NAME, labels_of_index
from training.data.readers.reader import IN_A_ROW, Reader, is_picture

SIGNATURE = b"PK\x03\x04"
UNREADABLE = (zipfile.BadZipFile, zlib.error, LZMAError, OSError, EOFError, RuntimeError)  # the last: locked, unknown


class ZipReader(Reader):
    """Every picture of a zip file in the file's order. Raises ConfigError for a file that is damaged."""

    in_a_row = IN_A_ROW

    def __init__(self, path: Path):
        self.place = str(path)
        try:
            self._zip = zipfile.ZipFile(path)  # its lock lets several threads read
        except UNREADABLE as error:
            raise ConfigError(f"{path} is neither a folder nor a readable tar or zip file.") from error
        self._infos = [info for info in self._zip.infolist() if is_picture(info.filename) and not info.is_dir()]

    def __len__(self) -> int:
        return len(self._infos)

    def name(self, index: int) -> str:
        return self._infos[index].filename

    def read(self, index: int) -> bytes:
        info = self._infos[index]
        if info.file_size > MAX_BYTES:
            raise PictureError(f"This picture is larger than {MAX_BYTES // 1_000_000} MB.")
        try:
            return self._zip.read(info)
        except UNREADABLE as error:
            raise PictureError("This part of the zip file is damaged or locked.") from error

    def file_labels(self) -> Sequence[str | int]:
        try:
            return labels_of_index(self._zip.read(INDEX_NAME), self)
        except KeyError:
            return super().file_labels()
