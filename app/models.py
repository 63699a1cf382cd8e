"""From the name of a model to its file, and where a person keeps models."""

import os
import sys
from pathlib import Path

MODELS = Path(__file__).resolve().parent.parent / "assets" / "models"
DEFAULT_MODEL = "bedroom-128"
MODEL_HELP = (
    f"a model file, the bundled one by its name ({DEFAULT_MODEL}), one in the models folder by its name, or a published"
    " one (docs/models.md)"
)
COMPILE_HELP = "compile the model behind the first pictures, and use that where it is faster (docs/performance.md)"
SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")


def models_folder() -> Path:
    """Where a person's models are: ONESTROKE_MODELS, or a folder among the user's data. It need not exist."""
    chosen = os.environ.get("ONESTROKE_MODELS")
    return Path(chosen).expanduser() if chosen else _user_data() / "onestroke" / "models"


def model_path(name: str) -> Path:
    """What the name of a model means: a path that exists, the bundled model, one in the models folder by its name with
    or without the ending; or else the path or Hub id that `name` is.
    """
    if Path(name).exists():
        return Path(name)
    bundled = MODELS / f"{name}.safetensors"
    own = [models_folder() / f"{name}{suffix}" for suffix in ("", *SUFFIXES)]
    plain = name not in ("", ".", "..") and Path(name).name == name
    return next((path for path in (bundled, *own) if plain and path.exists()), Path(name))


def _user_data() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
