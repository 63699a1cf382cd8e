"""The card of a model: what it is, how it was made, how it is to be used. Stored as JSON inside the model file."""

import dataclasses
import json
from dataclasses import dataclass, field, fields
from typing import Any

from core.errors import CheckpointError
from core.network_base import NetworkConfig
from core.networks import DEFAULT_KIND, NETWORKS, from_values, to_values
from core.sampling_rules import SamplingRules
from core.schedule import RHO, SIGMA_DATA, SIGMA_MAX, SIGMA_MIN

FORMAT = 1


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
        if not (0 < self.sigma_min < self.sigma_max and self.sigma_data > 0 and self.rho > 0):
            raise CheckpointError("The card's noise levels do not make a range: 0 < sigma_min < sigma_max.")
        if len(self.stroke_sigmas) != 2 or not self.stroke_sigmas[0] > self.stroke_sigmas[1] > 0:
            raise CheckpointError(f"The card's stroke_sigmas must be two descending levels, not {self.stroke_sigmas}.")

    @property
    def resolution(self) -> int:
        """Side of its pictures in pixels."""
        return self.network.resolution

    def levels(self, edit: str) -> dict[int, list[float]]:
        """The noise levels that the card brings for an edit, by their number; what makes no sense there is left out."""
        table = self.schedules.get(edit)
        if not isinstance(table, dict):
            return {}
        rows = {int(name): levels for name, levels in table.items() if str(name).isdecimal()}
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
        try:
            values = json.loads(text)
        except ValueError as error:
            raise CheckpointError("The model file's card is not JSON, so it cannot be read.") from error
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
            raise CheckpointError(f"The model file's card has a field that cannot be read: {error}.") from error


def _fits(default, value) -> bool:
    """Whether a value is of its default's kind. Whole numbers serve as floats; parts of the card come as objects."""
    if dataclasses.is_dataclass(default):
        return isinstance(value, dict)
    return isinstance(value, (int, float) if isinstance(default, float) else type(default))


def _frozen(value):
    return tuple(value) if isinstance(value, list) else value
