"""The models on this computer: what a page can choose from, with what their cards say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.models import MODELS, SUFFIXES, models_folder
from core.card import ModelCard
from core.errors import OnestrokeError
from core.model_hub import cached_models
from core.open_model import read_card


@dataclass(frozen=True)
class InstalledModel:
    """A model by its id, which is what `--model` takes. size: in bytes. problem: why it has no card, in a sentence."""

    id: str
    source: Path
    size: int
    card: ModelCard | None = None
    problem: str = ""


class InstalledModels:
    """Looks at what is there. The cards of what has not changed since are not read again."""

    def __init__(self) -> None:
        self._read: dict[tuple, InstalledModel] = {}

    def all(self, opened: Iterable[Path] = ()) -> list[InstalledModel]:
        """The bundled models, those in the models folder, those in the Hub's cache, and those opened by their path."""
        found: dict[Path, InstalledModel] = {}
        for id, source, place in self._places(opened):
            if place.resolve() not in found:
                found[place.resolve()] = self._model(id, source, place)
        return list(found.values())

    def _places(self, opened: Iterable[Path]) -> Iterator[tuple[str, Path, Path]]:
        """Id, what `load_model` takes, and where the files are."""
        bundled = sorted(MODELS.glob("*.safetensors"))
        own = [path for path in (*in_folder(models_folder()), *opened) if path.exists()]
        yield from ((path.stem, path, path) for path in bundled)
        yield from ((str(path), path, path) for path in own)
        yield from ((id, Path(id), folder) for id, folder in cached_models().items())

    def _model(self, id: str, source: Path, place: Path) -> InstalledModel:
        files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
        states = [path.stat() for path in files]
        key = id, *((state.st_mtime_ns, state.st_size) for state in states)
        if key not in self._read:
            self._read = {old: model for old, model in self._read.items() if old[0] != id}
            self._read[key] = _read(id, source, sum(state.st_size for state in states))
        return self._read[key]


def in_folder(folder: Path) -> list[Path]:
    """The model files and folders in a folder, in the order of their names; without hidden ones and other files."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return []
    shown = [path for path in entries if not path.name.startswith(".")]
    return [path for path in shown if path.is_dir() or (path.is_file() and path.suffix.lower() in SUFFIXES)]


def _read(id: str, source: Path, size: int) -> InstalledModel:
    try:
        return InstalledModel(id, source, size, read_card(source))
    except (OnestrokeError, OSError) as error:
        return InstalledModel(id, source, size, problem=str(error))
