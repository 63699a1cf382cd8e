"""Fetches a model from the Hub into a folder: it can be stopped, goes on where it stopped, and every file is checked.

The library's own download of a file begins anew each time, so its parts are put together here: what the Hub says of the
files, their addresses, and the transfer of one. A folder is there when all of it has arrived and was checked; until
then it is a hidden one beside it.
"""

import hashlib
import io
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from threading import Event

from core.errors import CheckpointError
from core.published.folder import CONFIG
from core.published.hub import DESCRIBING, WEIGHTS, is_hub_id

PART = ".part"  # how the name of a folder ends that is being fetched; it begins with a dot
PLAIN = re.compile(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*")  # a path that stays in its folder
BLOCK = 1 << 20  # bytes that are checked at once
OFFLINE = "The Hugging Face Hub does not answer. Look whether there is a connection; what has arrived is kept."
CUT_SHORT = "The connection broke off. What has arrived is kept: fetch it again, and it goes on from there."


class Stopped(Exception):
    """Somebody stopped it; what has arrived is kept."""


@dataclass(frozen=True)
class Piece:
    """A file on the Hub, with its size in bytes and what it is checked by."""

    name: str
    size: int
    sha256: str | None  # of large files
    git: str | None  # of all others: the id of a git blob

    def is_whole(self, path: Path) -> bool:
        """Whether the file there is this one, byte for byte."""
        if path.stat().st_size != self.size:
            return False
        if self.sha256 is None and self.git is None:
            return True
        digest = hashlib.sha256() if self.sha256 else hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
        return digest.hexdigest() == (self.sha256 or self.git)


def fetch(model: str, target: Path, heard: Callable[[int, int], None], stop: Event) -> Path:
    """Fetch the model of that id into a new folder and return it.

    heard: is told how many bytes of how many are here. stop: ends it, as Stopped. Raises CheckpointError where there is
    no such model, no network, no room, or no folder to be had, and for files that were damaged.
    """
    from huggingface_hub.errors import HTTPError, RepositoryNotFoundError

    if target.exists():
        raise CheckpointError(f"{target} is there already.")
    part = target.with_name(f".{target.name}{PART}")
    try:
        commit, pieces = pieces_of(model)
        part.mkdir(parents=True, exist_ok=True)
        _check_room(part, pieces)
        _Transfer(model, commit, part, pieces, heard, stop).run()
        os.rename(part, target)
    except RepositoryNotFoundError as error:
        raise CheckpointError(f"There is no model {model} on the Hugging Face Hub.") from error
    except (ConnectionError, HTTPError) as error:
        raise CheckpointError(OFFLINE) from error
    except OSError as error:
        if error.errno is None:  # the library's own: less or more arrived than was promised
            raise CheckpointError(CUT_SHORT) from error
        raise CheckpointError(f"{target} cannot be written: {error.strerror or error}.") from error
    return target


def pieces_of(model: str) -> tuple[str, list[Piece]]:
    """The commit that is the newest, and the files of it that are read. Raises CheckpointError, and the library's."""
    from huggingface_hub import HfApi

    if not is_hub_id(model):
        raise CheckpointError(f"{model} is no id on the Hugging Face Hub.")
    info = HfApi().model_info(model, files_metadata=True)
    for weights in WEIGHTS:
        wanted = DESCRIBING + weights
        found = [
            Piece(each.rfilename, each.size or 0, each.lfs.sha256 if each.lfs else None, each.blob_id)
            for each in info.siblings or ()
            if PLAIN.fullmatch(each.rfilename) and any(fnmatchcase(each.rfilename, name) for name in wanted)
        ]
        names = {piece.name for piece in found}
        if info.sha and f"unet/{CONFIG}" in names and len(names - set(DESCRIBING)) > 0:
            return info.sha, found
    raise CheckpointError(f"{model} on the Hugging Face Hub is no model of these kinds: it has no unet with weights.")


def _check_room(part: Path, pieces: list[Piece]) -> None:
    here = sum(path.stat().st_size for path in part.rglob("*") if path.is_file())
    missing = sum(piece.size for piece in pieces) - here
    if missing > shutil.disk_usage(part).free:
        raise CheckpointError(f"There is no room for it: {missing / 1e9:.1f} GB more would have to be free at {part}.")


@dataclass
class _Transfer:
    model: str
    commit: str
    part: Path
    pieces: list[Piece]
    heard: Callable[[int, int], None]
    stop: Event
    done: int = 0

    def run(self) -> None:
        for piece in self.pieces:
            path = self.part / piece.name
            path.parent.mkdir(parents=True, exist_ok=True)
            before = self.done
            self._fetch(piece, path)
            if not piece.is_whole(path):
                path.unlink()
                raise CheckpointError(f"{piece.name} of {self.model} was damaged on its way. Fetch it again.")
            self.done = before + piece.size

    def _fetch(self, piece: Piece, path: Path) -> None:
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils import build_hf_headers, disable_progress_bars

        disable_progress_bars("huggingface_hub.http_get")
        path.touch()
        if path.stat().st_size > piece.size:  # of an older version
            os.truncate(path, 0)
        with _Counted(path, self._arrived) as file:
            here = file.seek(0, io.SEEK_END)
            self._arrived(here)
            address = hf_hub_url(self.model, piece.name, revision=self.commit)
            # The library's types know no raw files, which it only writes to and truncates.
            http_get(address, file, resume_size=here, headers=build_hf_headers(), expected_size=piece.size)  # type: ignore[arg-type]
            os.fsync(file.fileno())

    def _arrived(self, count: int) -> None:
        self.done += count
        self.heard(self.done, sum(piece.size for piece in self.pieces))
        if self.stop.is_set():
            raise Stopped


class _Counted(io.FileIO):
    """A file that tells how much is written to it."""

    def __init__(self, path: Path, arrived: Callable[[int], None]):
        super().__init__(path, "r+")
        self.arrived = arrived

    def write(self, data) -> int:
        count = super().write(data)
        self.arrived(count)
        return count
