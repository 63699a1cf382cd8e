"""A training run as data: TOML over frozen dataclasses, with `--set section.key=value` on top.

Durations are in kimg (thousands of pictures seen), never in steps, so that a run means the same at any batch size.
Unknown keys and impossible values are errors, raised before anything is loaded.
"""

import dataclasses
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from reprlib import repr as shortened
from typing import Any, get_args, get_origin, get_type_hints

from core.errors import CheckpointError, ConfigError
from core.files import read_regular
from core.network_base import NetworkConfig
from core.networks import DEFAULT_KIND, NETWORKS, to_values
from core.schedule import MAX_STEPS, SIGMA_MAX, SIGMA_MIN
from training.data.crop import CROPS
from training.objectives import OBJECTIVES

OPTIMISERS = ("adam", "adamw", "radam")
LABELS = ("folders", "files")  # the names of the folders that pictures lie in; labels in files beside or around them
NONLEAKY_LABELS = 9  # numbers of each picture that the network gets as inputs with data.nonleaky

# From and to which value a setting makes sense. A run is at least one picture long, and an average has a width.
PICTURE, LONGEST = 0.001, 100_000_000  # kimg
MOST_MADE = 1_000_000
RANGES = {
    "data.flip": (0, 1),
    "data.crop": (0, 1),
    "data.tint": (0, 1),
    "data.nonleaky": (0, 1),
    "data.buffer": (1, 10_000_000),
    "data.workers": (1, 256),
    "run.kimg": (PICTURE, LONGEST),
    "run.batch": (1, 1_000_000),
    "run.accumulate": (1, 1_000_000),
    "run.dropout": (0, 0.99),
    "run.dropout_grid": (0, 4096),
    "run.seed": (0, 2**63 - 1),
    "run.ema_sigma_rel": (1e-4, 0.28),
    "run.ema_half_life_kimg": (0, LONGEST),
    "run.save_kimg": (PICTURE, LONGEST),
    "run.validate_kimg": (PICTURE, LONGEST),
    "run.sample_kimg": (PICTURE, LONGEST),
    "card.default_steps": (1, MAX_STEPS),
}
OPTIMISER_RANGES = {
    "rate": (0, 1000),
    "betas": (0, 0.9999999),
    "eps": (0, 1),
    "weight_decay": (0, 1000),
    "ramp_kimg": (0, LONGEST),
    "root_after_kimg": (0, LONGEST),
    "decay_from": (0, 1),
    "clip_norm": (0, 1_000_000),
    "clip_median": (0, 1_000_000),
}
LARGEST = 100_000_000  # of any other number in a configuration, positive or negative
MAX_FILE = 10_000_000  # bytes of a configuration


@dataclass(frozen=True)
class Source:
    """Pictures of one file, folder or pattern (training/data/readers/), or pictures that the project draws itself."""

    # Relative to data.root: a folder; a tar or zip file; several of them by a pattern such as shard-{000..127}.tar or
    # *.tar; an LSUN export (a folder with data.mdb); CIFAR-10, as the downloaded file, its folder or one batch of it.
    path: str = ""
    label: str = ""  # the class of all of them; empty for a model without classes
    labels: str = ""  # instead of label, where each picture's class stands: one of LABELS
    made: int = 0  # instead of a path: the number of bedrooms that the project draws (training/data/synthetic.py)

    def __post_init__(self):
        """Raises ConfigError."""
        if bool(self.path) == bool(self.made) or not 0 <= self.made <= MOST_MADE:
            raise ConfigError(
                f"A source of pictures has either a path or made, a number of pictures to draw, up to {MOST_MADE}."
            )
        if self.labels not in ("", *LABELS) or (self.labels and self.label):
            raise ConfigError(f"A source has either a label or labels, which are one of {', '.join(LABELS)}.")


@dataclass(frozen=True)
class DataConfig:
    """The pictures of a run, and how they are cropped and varied."""

    root: str = "."  # folder that the paths below start from
    train: tuple[Source, ...] = ()
    validation: tuple[Source, ...] = ()
    classes: tuple[str, ...] = ()  # their names; empty: each label of the sources, or numbers for pictures with labels
    square: str = "box"  # how a picture becomes a square of the network's side: one of CROPS (training/data/crop.py)
    stream: bool = False  # decode while training, for sets that do not fit into memory; otherwise once, at the start
    buffer: int = 10_000  # pictures that a stream shuffles among each other
    workers: int = 2  # threads that decode a stream, in each process
    flip: float = 0.5  # probability of a mirror image
    crop: float = 0.5  # probability of a random square of 0.8 to 1 of the side
    tint: float = 0.03  # largest relative change of a colour channel; brightness changes by twice that
    nonleaky: float = 0.0  # probability of each variation whose label the network gets (data/augment_nonleaky.py)

    def __post_init__(self):
        """Raises ConfigError."""
        if self.square not in CROPS:
            raise ConfigError(f"data.square is {_quoted(self.square)}; {', '.join(CROPS)} are known.")

    def class_names(self, count: int) -> tuple[str, ...]:
        """The names of the `count` classes in the order of their numbers."""
        if self.classes:
            return self.classes
        if any(source.labels for source in self.train):
            return tuple(str(number) for number in range(count))
        return tuple(dict.fromkeys(source.label for source in self.train if source.label))


@dataclass(frozen=True)
class OptimiserConfig:
    """The optimiser, its learning rate over the run, and the clipping of gradients."""

    kind: str = "adam"  # one of OPTIMISERS
    rate: float = 1e-3  # the learning rate of the plateau
    betas: tuple[float, float] = (0.9, 0.99)
    eps: float = 1e-8
    weight_decay: float = 0.0  # only with "adamw"
    ramp_kimg: float = 3.0  # length of the rise from 0 to `rate`, linear
    root_after_kimg: float = 0.0  # after which the rate falls with 1/sqrt(pictures seen) (Karras et al. 2024); 0: never
    decay_from: float = 0.75  # fraction of the run, 0 to 1, after which the rate falls linearly to 0
    clip_norm: float = 0.0  # largest norm of the gradient; 0 for none
    clip_median: float = 0.0  # the same as a multiple of the last norms' median; 0 for none


@dataclass(frozen=True)
class RunConfig:
    """The length of a run, its batches, its machine, its averages, and how often it writes."""

    kimg: float = 500.0
    batch: int = 32  # of all processes together
    accumulate: int = 1  # parts into which each process divides its pictures of a batch, to fit into memory
    dropout: float = 0.0  # probability, 0 to below 1, that a channel is dropped, in every block
    dropout_grid: int = 0  # only blocks on grids of at most this side drop channels; 0: all blocks do
    seed: int = 0
    device: str = "auto"
    precision: str = ""  # a name in core.runtime.DTYPES; empty: the fastest there that does for the objective
    compile: bool = False
    shard: bool = False  # one copy of the weights over all processes instead of one in each (training/loop/sharding.py)
    ema_sigma_rel: tuple[float, ...] = (0.05, 0.10)  # widths of the power-function averages
    ema_half_life_kimg: tuple[float, ...] = ()  # of exponential averages; the first average of all is shipped
    save_kimg: float = 20.0
    validate_kimg: float = 20.0
    sample_kimg: float = 50.0


@dataclass(frozen=True)
class CardConfig:
    """What the model file says of itself (core/card.py)."""

    name: str = "untitled"
    subject: str = ""  # what each picture shows, as a noun in the singular: "bedroom"
    stroke_sigmas: tuple[float, ...] = (1.35, 0.56)
    generate_sigmas: tuple[float, ...] = ()  # descending levels of pictures from noise, one a step; empty: the usual
    carry_end: float = 0.05
    guidance: float = 0.0
    shifts: int = 1
    default_steps: int = 2
    description: str = ""
    limits: str = ""
    data: str = ""  # where the pictures come from
    licence: str = ""
    credits_file: str = ""  # text file whose lines become the card's credits

    def __post_init__(self):
        """Raises ConfigError."""
        levels = self.generate_sigmas
        if any(not SIGMA_MIN <= level <= SIGMA_MAX for level in levels) or list(levels) != sorted(set(levels))[::-1]:
            raise ConfigError(f"card.generate_sigmas must descend between {SIGMA_MAX} and {SIGMA_MIN}.")


@dataclass(frozen=True)
class Config:
    """One run. `objective` is the frozen dataclass of the chosen file in training/objectives/."""

    objective: Any
    network: NetworkConfig = field(default_factory=NETWORKS[DEFAULT_KIND].config)
    data: DataConfig = field(default_factory=DataConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    critic: OptimiserConfig = field(default_factory=OptimiserConfig)  # of the objective's critic, if it has one
    run: RunConfig = field(default_factory=RunConfig)
    card: CardConfig = field(default_factory=CardConfig)
    start: str = ""  # where the weights come from: a model file, a configuration, "teacher"; empty: random
    teacher: str = ""  # the frozen denoiser: a model file or a configuration

    def __post_init__(self):
        """Raises ConfigError."""
        for name, (low, high) in RANGES.items():
            section, setting = name.split(".")
            _check_range(name, getattr(getattr(self, section), setting), low, high)
        for section in ("optimiser", "critic"):
            self._check_optimiser(section, getattr(self, section))
        if self.run.dropout_grid and not self.run.dropout:
            raise ConfigError("run.dropout_grid is the side of a grid, and needs run.dropout.")
        self._check_objective()
        if not self.data.train:
            raise ConfigError("data.train lists no pictures: give at least one folder or tar file.")
        if self.network.augment_labels != (NONLEAKY_LABELS if self.data.nonleaky else 0):
            raise ConfigError(f"data.nonleaky and network.augment_labels = {NONLEAKY_LABELS} need each other.")
        if self.network.classes != len(self.classes):
            raise ConfigError(
                f"network.classes is {self.network.classes}, but data.train has the labels {list(self.classes)}."
            )
        if self.card.generate_sigmas and self.objective.schedules():
            raise ConfigError("This objective brings its own levels to the card: leave card.generate_sigmas out.")

    def _check_optimiser(self, name: str, optimiser: OptimiserConfig) -> None:
        for setting, (low, high) in OPTIMISER_RANGES.items():
            _check_range(f"{name}.{setting}", getattr(optimiser, setting), low, high)
        if optimiser.kind not in OPTIMISERS:
            raise ConfigError(f"{name}.kind is {_quoted(optimiser.kind)}; {', '.join(OPTIMISERS)} are known.")

    def _check_objective(self) -> None:
        if self.objective.needs_teacher and not self.teacher:
            raise ConfigError("This objective learns from a teacher: name its model file or configuration as teacher.")
        if self.critic != OptimiserConfig() and not self.objective.has_critic:
            raise ConfigError("This objective has no critic: leave the settings under critic out.")
        if self.start == "teacher" and not self.teacher:
            raise ConfigError('start is "teacher", but no teacher is named.')
        if self.network.step_counts != self.objective.step_counts:
            raise ConfigError(
                f"network.step_counts is {list(self.network.step_counts)}, but must be"
                f" {list(self.objective.step_counts)}: objective.segments if those are several, empty otherwise."
            )
        if self.objective.uses_jvp and self.run.compile:
            raise ConfigError("run.compile does not go with an objective that differentiates forward.")
        if self.run.shard and self.run.compile:
            raise ConfigError("run.shard does not go with run.compile: leave one of them out.")

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes in the order of their numbers."""
        return self.data.class_names(self.network.classes)


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> Config:
    """Read a TOML file and apply `section.key=value` overrides. Raises ConfigError."""
    try:
        values = tomllib.loads(read_regular(path, MAX_FILE).decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(f"There is no configuration {path}.") from error
    except OSError as error:
        raise ConfigError(f"The configuration {path} cannot be read: {error.strerror}.") from error
    except RecursionError as error:
        raise ConfigError(f"{path} is not valid TOML: its values are nested too deeply.") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    for override in overrides:
        _apply(values, override)
    return from_dict(values)


def from_dict(values: dict) -> Config:
    """A configuration from plain values. Raises ConfigError for unknown keys and impossible values."""
    networks = {name: kind.config for name, kind in NETWORKS.items()}
    chosen = {
        "objective": _chosen(values, "objective", OBJECTIVES),
        "network": _chosen(values, "network", networks, DEFAULT_KIND),
    }
    return _build(Config, values | chosen, "")


def _chosen(values: dict, section: str, kinds: Mapping[str, type], default: str = ""):
    """The frozen dataclass that a section's `kind` names, of the section's other settings. Raises ConfigError."""
    settings = values.get(section, {})
    if not isinstance(settings, dict):
        raise ConfigError(f"{section} must be a table of settings, but is {shortened(settings)}.")
    kind = settings.get("kind", default)
    if not isinstance(kind, str) or kind not in kinds:
        raise ConfigError(f"{section}.kind is {_quoted(kind)}; {', '.join(sorted(kinds))} are known.")
    chosen = _converted(kinds[kind], {name: value for name, value in settings.items() if name != "kind"}, section)
    try:
        return kinds[kind](**chosen)
    except (ConfigError, CheckpointError) as error:
        raise ConfigError(f"The settings under {section} do not fit: {error}") from error


def to_dict(config: Config) -> dict:
    """Plain values that `from_dict` turns into the same config."""
    values = dataclasses.asdict(config)
    kind = next(name for name, objective in OBJECTIVES.items() if type(config.objective) is objective)
    return values | {"objective": {"kind": kind} | values["objective"], "network": to_values(config.network)}


def to_toml(config: Config) -> str:
    """The whole config as TOML, defaults included."""
    values = to_dict(config)
    lines = [f"{key} = {_literal(value)}" for key, value in values.items() if not isinstance(value, dict)]
    for section, entries in values.items():
        if isinstance(entries, dict):
            lines += ["", f"[{section}]", *(f"{key} = {_literal(value)}" for key, value in entries.items())]
    return "\n".join(lines) + "\n"


def _literal(value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_literal(item)}" for key, item in value.items()) + "}"
    return repr(value)


def _apply(values: dict, override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals:
        raise ConfigError(f"--set takes section.key=value, but was given {_quoted(override)}.")
    *sections, name = key.strip().split(".")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise ConfigError(f"{_quoted(key)} is not a setting.")
    try:
        values[name] = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        values[name] = text.strip()


def _build(kind: type, values: dict, where: str):
    """A frozen dataclass from plain values, nested ones too."""
    return kind(**_converted(kind, values, where))


def _converted(kind: type, values: dict, where: str) -> dict[str, Any]:
    """Plain values as the fields of a frozen dataclass; ints serve as floats, lists as tuples."""
    hints = get_type_hints(kind)
    unknown = values.keys() - hints.keys()
    if unknown:
        name = f"{where}.{sorted(unknown)[0]}".lstrip(".")
        raise ConfigError(
            f"The setting {_quoted(name)} is not known; {where or 'the top level'} has {', '.join(hints)}."
        )
    return {name: _convert(hints[name], value, f"{where}.{name}".lstrip(".")) for name, value in values.items()}


def _convert(hint, value, where: str):
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ConfigError(f"{where} must be a table of settings, but is {shortened(value)}.")
        return _build(hint, value, where)
    if get_origin(hint) is tuple:
        kinds = get_args(hint)
        if not isinstance(value, (list, tuple)) or (... not in kinds and len(value) != len(kinds)):
            raise ConfigError(
                f"{where} must be a list{'' if ... in kinds else f' of {len(kinds)}'}, but is {shortened(value)}."
            )
        return tuple(_convert(kinds[0], entry, where) for entry in value)
    whole_for_float = hint is float and type(value) is int
    if hint in (int, float, str, bool) and type(value) is not hint and not whole_for_float:
        raise ConfigError(f"{where} must be of type {hint.__name__}, but is {shortened(value)}.")
    if hint in (int, float) and not abs(value) <= LARGEST and where != "run.seed":
        raise ConfigError(f"{where} must be a number of at most {LARGEST}, but is {shortened(value)}.")
    if hint is str and "\0" in value:
        raise ConfigError(f"{where} holds a character that no text or file name has: its number is 0.")
    return float(value) if whole_for_float else value


def _quoted(text: object) -> str:
    """What somebody has written, in one line and not too long."""
    return f'"{shortened(str(text))[1:-1]}"'


def _check_range(name: str, setting: float | tuple[float, ...], low: float, high: float) -> None:
    """Raises ConfigError unless the setting, or each of its numbers, is from low to high."""
    numbers = setting if isinstance(setting, tuple) else (setting,)
    if not all(low <= number <= high for number in numbers):
        raise ConfigError(f"{name} must be {low} to {high}, but is {shortened(setting)}.")
