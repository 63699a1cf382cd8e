"""The card of a model: what it is, how it was made, how it is to be used. Stored as JSON inside the model file."""

import dataclasses
import json
from dataclasses import dataclass, field, fields
from reprlib import repr as shortened
from typing import Any

from core.errors import CheckpointError, RequestError
from core.json_values import is_number, read_json
from core.network_base import NetworkConfig
from core.networks import DEFAULT_KIND, NETWORKS, from_values, to_values
from core.sampling_rules import SamplingRules
from core.schedule import MAX_STEPS, RHO, SIGMA_DATA, SIGMA_MAX, SIGMA_MIN, validated_sigmas

FORMAT = 1
MAX_CARD = 4_000_000  # characters of a card
MAX_NAME = 200  # characters of a name: of the model, of a class
LEVELS = (1e-6, 1e6)  # noise levels that can be computed with, and that are anywhere near a picture
RANGES = {"sigma_min": LEVELS, "sigma_max": LEVELS, "sigma_data": (1e-3, 1e3), "rho": (0.1, 1000.0)}


@dataclass(frozen=True)
class ModelCard:
    """Everything that a model file says of itself besides its weights.

    `schedules` holds noise levels per edit and step count: {"inpaint": {"4": [...], ...}, ...}. `unknown` keeps the
    fields of newer writers, so that reading and writing a file loses nothing.
    """

    name: str = "untitled"
    parameterisation: str = "consistency"
    network: NetworkConfig = field(default_factory=NETWORKS[DEFAULT_KIND].config)
    sampling: SamplingRules = field(default_factory=SamplingRules)
    sigma_min: float = SIGMA_MIN
    sigma_max: float = SIGMA_MAX
    sigma_data: float = SIGMA_DATA
    rho: float = RHO
    classes: tuple[str, ...] = ()
    subject: str = ""  # what each of its pictures shows, as a noun in the singular: "bedroom"
    stroke_sigmas: tuple[float, ...] = (1.35, 0.56)  # strokes at strength 0.5: the first and the second level
    default_steps: int = 2
    schedules: dict = field(default_factory=dict)
    description: str = ""
    limits: str = ""  # what it is bad at
    training: dict = field(default_factory=dict)  # data, pictures seen, time, figures
    licence: str = ""
    credits: tuple[str, ...] = ()
    unknown: dict = field(default_factory=dict)

    def __post_init__(self):
        """Raises CheckpointError."""
        for name, (low, high) in RANGES.items():
            if not is_number(getattr(self, name), low, high):
                raise CheckpointError(f"The card's {name} must be a number from {low:g} to {high:g}.")
        if not self.sigma_min < self.sigma_max:
            raise CheckpointError("The card's noise levels do not make a range: 0 < sigma_min < sigma_max.")
        if not (_are_levels(self.stroke_sigmas) and len(self.stroke_sigmas) == 2):
            raise CheckpointError(
                f"The card's stroke_sigmas must be two descending levels, not {shortened(self.stroke_sigmas)}."
            )
        if not (is_number(self.default_steps, 1, MAX_STEPS) and isinstance(self.default_steps, int)):
            raise CheckpointError(f"The card's default_steps must be 1 to {MAX_STEPS}.")
        if not all(map(_is_name, (self.name, self.parameterisation, self.subject, *self.classes))):
            raise CheckpointError(f"A name in the card is not text of at most {MAX_NAME} printable characters.")
        if not all(isinstance(line, str) for line in self.credits):
            raise CheckpointError("The card's credits must be lines of text.")
        self._check_schedules()

    def _check_schedules(self) -> None:
        for edit in self.schedules:
            for row in self.levels(edit).values():
                try:
                    usable = _are_levels(row) and validated_sigmas(row, sigma_min=self.sampling.sigma_min)
                except RequestError as error:
                    raise CheckpointError(f"The card's levels for {shortened(edit)} cannot be used. {error}") from error
                if not usable:
                    raise CheckpointError(f"The card's levels for {shortened(edit)} are not descending noise levels.")

    @property
    def resolution(self) -> int:
        """Side of its pictures in pixels."""
        return self.network.resolution

    def levels(self, edit: str) -> dict[int, list[float]]:
        """The noise levels that the card brings for an edit, by their number; what makes no sense there is left out."""
        table = self.schedules.get(edit)
        if not isinstance(table, dict):
            return {}
        rows = {int(name): levels for name, levels in table.items() if name.isdecimal() and len(name) <= 4}
        return {n: list(row) for n, row in rows.items() if isinstance(row, list | tuple) and len(row) == n > 0}

    def to_json(self) -> str:
        """One JSON object, the format version first."""
        values = {
            f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("network", "sampling", "unknown")
        }
        values |= {"network": to_values(self.network), "sampling": dataclasses.asdict(self.sampling)}
        return json.dumps({"format": FORMAT} | values | self.unknown, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "ModelCard":
        """Raises CheckpointError for what is no card, or is of a newer format."""
        if len(text) > MAX_CARD:
            raise CheckpointError(f"The model file's card is larger than {MAX_CARD // 1_000_000} MB.")
        try:
            values = read_json(text)
        except ValueError as error:
            raise CheckpointError("The model file's card is not JSON that can be read.") from error
        if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
            raise CheckpointError(f"The model file is of a format that this version (format {FORMAT}) does not know.")
        known = {f.name for f in fields(cls)} - {"unknown"}
        try:
            parts: dict[str, Any] = {name: _frozen(value) for name, value in values.items() if name in known}
            strange = [name for name, value in parts.items() if not _fits(getattr(cls(), name), value)]
            if strange:
                raise CheckpointError(f"The model file's card has a field that cannot be read: {strange[0]}.")
            parts["network"] = from_values(parts.get("network", {}))
            parts["sampling"] = SamplingRules(**parts.get("sampling", {}))
            return cls(**parts, unknown={name: value for name, value in values.items() if name not in known})
        except (TypeError, AttributeError) as error:
            about = shortened(str(error))
            raise CheckpointError(f"The model file's card has a field that cannot be read: {about}.") from error


def _fits(default, value) -> bool:
    """Whether a value is of its default's kind. Whole numbers serve as floats; parts of the card come as objects."""
    if dataclasses.is_dataclass(default):
        return isinstance(value, dict)
    if isinstance(value, bool):  # which Python counts as a whole number
        return isinstance(default, bool)
    return isinstance(value, (int, float) if isinstance(default, float) else type(default))


def _is_name(value) -> bool:
    return isinstance(value, str) and len(value) <= MAX_NAME and value.isprintable()


def _are_levels(values) -> bool:
    """Whether these are descending noise levels."""
    numbers = all(is_number(value, *LEVELS) for value in values)
    return numbers and list(values) == sorted(set(values), reverse=True)


def _frozen(value):
    return tuple(value) if isinstance(value, list) else value
