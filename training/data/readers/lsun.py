"""LSUN as published: an lmdb database of encoded pictures, which is a folder with a file data.mdb."""

from pathlib import Path

import numpy as np

from core.errors import ConfigError, PictureError
from training.data.readers.reader import RUN_LENGTH, Reader

FILE = "data.mdb"  # in the database's folder


class LsunReader(Reader):
    """All pictures of the database in the order of its keys."""

    run_length = RUN_LENGTH

    def __init__(self, path: Path):
        """Raises ConfigError if the package lmdb is not installed or the file is damaged."""
        self.source, lmdb = str(path), _lmdb()
        try:
            self._database = lmdb.open(str(path), readonly=True, lock=False, readahead=False)
            self._check_length(path / FILE)
            with self._database.begin() as look, look.cursor() as cursor:
                keys = list(cursor.iternext(values=False))
        except lmdb.Error as error:
            raise ConfigError(f"{path} holds an lmdb database that cannot be opened: {error}.") from error
        self._keys, self._ends = b"".join(keys), np.cumsum([len(key) for key in keys], dtype=np.int64)  # one string, as there are 3 million keys

    def _check_length(self, file: Path) -> None:
        """Raises ConfigError for a file that is cut short.

        lmdb maps the file into memory, and reading a missing part would end the process. A complete file may lack pages
        at its end that were freed before they were written.
        """
        expected = (self._database.info()["last_pgno"] + 1) * self._database.stat()["psize"]
        if file.stat().st_size < 0.99 * expected:
            raise ConfigError(f"{file} is cut short: {file.stat().st_size} of {expected} bytes are there.")

    def __len__(self) -> int:
        return len(self._ends)

    def _key(self, index: int) -> bytes:
        return self._keys[self._ends[index - 1] if index else 0 : self._ends[index]]

    def name(self, index: int) -> str:
        """The picture's key."""
        return self._key(index).decode(errors="backslashreplace")

    def read(self, index: int) -> bytes:
        """The encoded picture. Raises PictureError if the database no longer has it."""
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
