"""LSUN's export: an lmdb database of encoded pictures, a folder with data.mdb in it."""

from pathlib import Path

import numpy as np

from core.errors import ConfigError, PictureError
from training.data.readers.reader import IN_A_ROW, Reader

FILE = "data.mdb"


class LsunReader(Reader):
    """Every value of the database in the order of the keys. Raises ConfigError without lmdb or for a damaged file."""

    in_a_row = IN_A_ROW

    def __init__(self, path: Path):
        self.place, lmdb = str(path), _lmdb()
        try:
            self._database = lmdb.open(str(path), readonly=True, lock=False, readahead=False)
            self._check_length(path / FILE)
            with self._database.begin() as look, look.cursor() as cursor:
                keys = list(cursor.iternext(values=False))
        except lmdb.Error as error:
            raise ConfigError(f"{path} holds an lmdb database that cannot be opened: {error}.") from error
        self._keys, self._ends = b"".join(keys), np.cumsum([len(key) for key in keys], dtype=np.int64)  # 3 million

    def _check_length(self, file: Path) -> None:
        """Raises ConfigError for a file that is cut short: lmdb maps it, and reading what is missing ends the process.

        Pages at the end that were given up before they were written may be missing from a whole file.
        """
        expected = (self._database.info()["last_pgno"] + 1) * self._database.stat()["psize"]
        if file.stat().st_size < 0.99 * expected:
            raise ConfigError(f"{file} is cut short: {file.stat().st_size} of {expected} bytes are there.")

    def __len__(self) -> int:
        return len(self._ends)

    def _key(self, index: int) -> bytes:
        return self._keys[self._ends[index - 1] if index else 0 : self._ends[index]]

    def name(self, index: int) -> str:
        return self._key(index).decode(errors="backslashreplace")

    def read(self, index: int) -> bytes:
        with self._database.begin() as look:
            value = look.get(self._key(index))
        if value is None:
            raise PictureError("The database no longer has this picture.")
        return value


def _lmdb():
    try:
        import lmdb
    except ImportError as error:
        raise ConfigError("LSUN's lmdb files need the package lmdb: pip install lmdb") from error
    return lmdb
