"""Results at full size, stored for half an hour after their last use and downloaded by a random id.

A result is stored as pixels and becomes a PNG file when it is downloaded. The results of a batch are on disk, in a zip
file.
"""

import re
import secrets
import threading
import time
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import core
from app.edits.results import Result
from app.store.fullness import too_much
from app.store.temporary import temporary_folder
from app.store.zips import ZipFile, Zips
from core.errors import PictureError

ROUTE = "/onestroke/picture"
KEPT_S = 30 * 60  # seconds after the last use
MAX_BYTES = 1_000_000_000  # of all results in memory
MAX_FILES = 16  # zip files on disk

GONE = "This picture is no longer here: results are kept for half an hour. Make it again."


@dataclass(eq=False)
class StoredResult:
    """A result in memory, a zip file of a batch, or one picture (`member`) in such a zip file.

    name: the file name that a browser saves it under. owner: the address that had it made. used: the time of its last
    use.
    """

    name: str
    result: Result | None = None
    file: Path | None = None
    member: str | None = None
    owner: str = ""
    used: float = 0.0

    @property
    def size(self) -> int:
        """Bytes of memory; 0 for what is on disk."""
        return self.result.pixels.nbytes if self.result else 0

    @property
    def zip_file(self) -> Path | None:
        """The path of the zip file if this is a whole batch; else None."""
        return self.file if self.member is None else None

    def png(self) -> bytes:
        """The PNG file of a picture. Raises PictureError for a whole zip file, and if the zip file is gone."""
        if self.result is not None:
            return self.result.png()
        if self.file is None or self.member is None:
            raise PictureError("A zip file is no photo. Open one of its pictures.")
        try:
            with zipfile.ZipFile(self.file) as archive:
                return archive.read(self.member)
        except (OSError, KeyError) as error:
            raise PictureError(GONE) from error

    def pixels(self) -> np.ndarray:
        """[H,W,3] uint8. Raises PictureError as `png` does."""
        return self.result.pixels if self.result is not None else np.asarray(core.read_image(self.png()))


class ResultStore:
    """Results by id. A full one drops those of whoever has most (fullness.py). May be called from any thread."""

    def __init__(
        self,
        *,
        max_bytes: int = MAX_BYTES,
        zips: Zips | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        """max_bytes: of memory. zips: the limits of zip files, without any file."""
        self.max_bytes, self.zips, self.clock = max_bytes, zips or Zips(), clock
        self.stored: OrderedDict[str, StoredResult] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, result: StoredResult) -> str:
        """Stores a result and returns its id. The newest one is stored whatever its size."""
        name = secrets.token_urlsafe(16)
        with self._lock:
            result.used = self.clock()
            self.stored[name] = result
            self._bound()
        return name

    def find(self, name: Any) -> StoredResult:
        """The stored result with this id. Raises PictureError if there is none."""
        with self._lock:
            self._forget_old()
            stored = self.stored.get(name) if isinstance(name, str) else None
            if stored is None:
                raise PictureError(GONE)
            stored.used = self.clock()
            self.stored.move_to_end(name)
            return stored

    def new_zip(self, owner: str) -> Path:
        """A new path on disk for a zip file of results, which is the caller's to remove until it is kept."""
        folder = temporary_folder() / "results"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{secrets.token_hex(16)}.zip"
        with self._lock:
            self.zips.files[file] = ZipFile(owner)
        return file

    @contextmanager
    def room(self, file: Path, size: int) -> Iterator[None]:
        """While so many bytes are written to a new zip file: others of its owner that were fetched make room for them.

        Raises PictureError if that is not enough.
        """
        with self._lock:
            self._forget_old()
            for each in list(self.zips.grow(file, size)):
                self._drop_file(each)
        try:
            yield
        except BaseException:
            with self._lock:
                self.zips.shrink(file, size)
            raise

    def note_fetched(self, file: Path) -> None:
        """A zip file is being downloaded: it may leave when its owner needs the room."""
        with self._lock:
            if file in self.zips.files:
                self.zips.files[file].fetched = True

    def drop_file(self, file: Path) -> None:
        """Remove a file of results that is not kept, and every result in it."""
        with self._lock:
            self._drop_file(file)

    def sweep(self) -> None:
        """Remove what was used more than half an hour ago."""
        with self._lock:
            self._forget_old()

    def _forget_old(self) -> None:
        now = self.clock()
        self._forget(name for name, stored in self.stored.items() if now - stored.used > KEPT_S)

    def _bound(self) -> None:
        self._forget_old()
        files = {name: stored for name, stored in self.stored.items() if stored.zip_file is not None}
        self._forget(too_much(files, MAX_FILES, lambda stored: 1))
        self._forget(too_much(self.stored, self.max_bytes, lambda stored: stored.size))

    def _forget(self, names: Iterable[str]) -> None:
        for name in list(names):
            stored = self.stored.pop(name, None)  # it may have been in a zip file that has just left
            if stored is not None and stored.zip_file is not None:
                self._drop_file(stored.zip_file)

    def _drop_file(self, file: Path) -> None:
        for name in [name for name, stored in self.stored.items() if stored.file == file]:
            del self.stored[name]
        self.zips.files.pop(file, None)
        file.unlink(missing_ok=True)


def file_name(text: Any, task: str, suffix: str = ".png") -> str:
    """A safe file name from an untrusted one and the edit: "kitchen-inpaint.png"."""
    stem = Path(text).stem if isinstance(text, str) else ""
    stem = re.sub(r"[^\w\- ]+", "-", stem[:80]).strip("- ")
    return f"{stem or 'onestroke'}-{task}{suffix}"


def routes(results: ResultStore) -> list:
    """The download of a result, for Gradio's app: GET /onestroke/picture/<id>."""
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import FileResponse, PlainTextResponse, Response
    from starlette.routing import Route

    async def picture(request: Request) -> Response:
        headers = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}
        try:
            stored = results.find(request.path_params["name"])
            if stored.zip_file is not None:
                results.note_fetched(stored.zip_file)
                return FileResponse(
                    stored.zip_file, media_type="application/zip", filename=stored.name, headers=headers
                )
            if request.method == "HEAD":  # whether it is here, without making its file
                return Response(headers=headers | _attachment(stored.name))
            data = await run_in_threadpool(stored.png)
        except PictureError as error:
            return PlainTextResponse(str(error), 404)
        return Response(data, media_type="image/png", headers=headers | _attachment(stored.name))

    return [Route(f"{ROUTE}/{{name}}", picture)]


def _attachment(name: str) -> dict[str, str]:
    from urllib.parse import quote

    return {"content-disposition": f"attachment; filename*=utf-8''{quote(name)}"}
