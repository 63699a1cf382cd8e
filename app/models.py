"""From the name of a model to its file."""

from pathlib import Path

MODELS = Path(__file__).resolve().parent.parent / "assets" / "models"
DEFAULT_MODEL = "bedroom-128"
MODEL_HELP = f"a model file, the bundled one by its name ({DEFAULT_MODEL}), or a published one (docs/models.md)"


def model_path(name: str) -> Path:
    """The file of a bundled model by its name, or else the path that `name` is. The file need not exist."""
    bundled = MODELS / f"{name}.safetensors"
    return bundled if bundled.is_file() and not Path(name).is_file() else Path(name)
