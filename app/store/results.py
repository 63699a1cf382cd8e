"""Results at full size: kept for half an hour, downloaded under an id that nobody can guess.

A result waits as pixels and becomes a file when it is asked for; those of a batch wait on disk, in their zip file.
"""

import re
import secrets
import shutil
import tempfile
import threading
import time
import weakref
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import core
from app.edits.results import Result
from core.errors import PictureError

ROUTE = "/onestroke/picture"
KEPT_S = 30 * 60
MAX_BYTES = 1_000_000_000  # of all results in memory
MAX_FILES = 16  # zip files on disk

GONE = "This picture is no longer here: results are kept for half an hour. Make it again."


@dataclass(eq=False)
class Kept:
    """A result, the file of a batch or one picture (`member`) of it, with the name that a browser saves it under."""

    name: str
    result: Result | None = None
    file: Path | None = None
    member: str | None = None
    used: float = 0.0

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return self.result.pixels.nbytes if self.result else 0

    @property
    def zip_file(self) -> Path | None:
        """The file of a batch, if it is one."""
        return self.file if self.member is None else None

    def png(self) -> bytes:
        """The picture's file. Raises PictureError for a zip file, and where that is gone."""
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
    """Results by their id, the longest unused ones dropped first. May be called from any thread."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, clock: Callable[[], float] = time.monotonic):
        self.max_bytes, self.clock = max_bytes, clock
        self.kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._folder: Path | None = None

    def keep(self, kept: Kept) -> str:
        """The id under which it can be found. The newest is kept whatever its size."""
        name = secrets.token_urlsafe(16)
        with self._lock:
            kept.used = self.clock()
            self.kept[name] = kept
            self._bound()
        return name

    def find(self, name: Any) -> Kept:
        """Raises PictureError where there is none."""
        with self._lock:
            self._forget(lambda kept: self.clock() - kept.used > KEPT_S)
            kept = self.kept.get(name) if isinstance(name, str) else None
            if kept is None:
                raise PictureError(GONE)
            kept.used = self.clock()
            self.kept.move_to_end(name)
            return kept

    def new_file(self, suffix: str) -> Path:
        """A place on disk for a file that will be kept; all of them go with the program."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="onestroke-"))
                weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder / f"{secrets.token_hex(8)}{suffix}"

    def _bound(self) -> None:
        self._forget(lambda kept: self.clock() - kept.used > KEPT_S)
        files = [name for name, kept in self.kept.items() if kept.zip_file is not None]
        self._forget(lambda kept: True, among=files[:-MAX_FILES])
        while len(self.kept) > 1 and sum(kept.size for kept in self.kept.values()) > self.max_bytes:
            self._forget(lambda kept: True, among=[next(iter(self.kept))])

    def _forget(self, condition: Callable[[Kept], bool], among: list[str] | None = None) -> None:
        for name in [name for name in (self.kept if among is None else among) if condition(self.kept[name])]:
            kept = self.kept.pop(name)
            if kept.zip_file is not None:
                kept.zip_file.unlink(missing_ok=True)


def file_name(text: Any, task: str, suffix: str = ".png") -> str:
    """A harmless file name from the photo's own, which may be anything: "kitchen-inpaint.png"."""
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
            kept = results.find(request.path_params["name"])
            if kept.zip_file is not None:
                return FileResponse(kept.zip_file, media_type="application/zip", filename=kept.name, headers=headers)
            data = await run_in_threadpool(kept.png)
        except PictureError as error:
            return PlainTextResponse(str(error), 404)
        return Response(data, media_type="image/png", headers=headers | _attachment(kept.name))

    return [Route(f"{ROUTE}/{{name}}", picture)]


def _attachment(name: str) -> dict[str, str]:
    from urllib.parse import quote

    return {"content-disposition": f"attachment; filename*=utf-8''{quote(name)}"}
