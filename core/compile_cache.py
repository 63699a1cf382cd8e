"""Where compiled code is kept from one start to the next: a folder of this user's alone, since it is executed."""

import os
import stat
import sys
from pathlib import Path

from core.errors import RequestError

FOLDER = "TORCHINDUCTOR_CACHE_DIR"  # what torch reads
WORKERS = "TORCHINDUCTOR_COMPILE_THREADS"


def use_compile_cache() -> Path:
    """Let torch keep compiled code in a folder of the user's, unless another one is set. Returns the folder.

    It compiles on half of the cores: pictures are made meanwhile. Raises RequestError where the folder cannot be made,
    or belongs to others, or lets others write.
    """
    os.environ.setdefault(WORKERS, str(max((os.cpu_count() or 1) // 2, 1)))
    folder = Path(os.environ.get(FOLDER) or _user_cache() / "onestroke" / "compiled")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.stat()
    except OSError as error:
        raise RequestError(f"The folder for compiled code, {folder}, cannot be made: {error.strerror}.") from error
    foreign = hasattr(os, "getuid") and found.st_uid != os.getuid()
    if foreign or (os.name == "posix" and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        raise RequestError(f"The folder for compiled code, {folder}, can be written by others: nothing is compiled.")
    os.environ[FOLDER] = str(folder)
    return folder


def _user_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
