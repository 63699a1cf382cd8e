"""The description of an edit: its name and its fields, for the page, the command line, the endpoints and the records.

Nothing heavy is imported here, so that the command line prints its help at once. What an edit does is in the module of
its name (app/edits/inpaint.py, ...). Each of these modules has two functions:

    read_request(material, values, settings, card)    an `Edit` (app/edits/base.py); raises OnestrokeError
    evaluations(model, requests)                      yields an `Evaluation` (app/edits/results.py) of them as a batch

`values` has a checked value for each field of `EditSpec.own`, `settings` the fields of `Edit` itself.
"""

import importlib
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any, Literal

MAX_SEED = 2**31 - 1
MAX_PAINT_STEPS, MAX_EDIT_STEPS = 4, 40
STEPS = 4
PAGE_SEED = 2417  # the first seed of every tab
SCHEDULES = ("default", "paper")

Kind = Literal["file", "whole", "number", "word", "seed", "box", "text"]


@dataclass(frozen=True)
class Field:
    """One parameter of an edit.

    kind: "file" is a picture. "whole" and "number" are numbers from `low` to `high`, or one of `choices`. "word" is one
    of `words`. "box" is several whole numbers, whose names are `parts`. "seed" is a seed, "text" a name such as a
    look. default: None means that the edit finds the value itself.
    """

    name: str
    kind: Kind
    help: str  # half a sentence, without a full stop
    default: Any = None
    low: float = 0
    high: float = 0
    choices: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    title: str = ""  # the first words of the message about a wrong value; by default the name
    needed: bool = False


@dataclass(frozen=True)
class EditSpec:
    """An edit. `takes`: its parameters, in the order of its endpoint."""

    name: str  # as a person writes it: "super-resolve"
    does: str  # half a sentence
    takes: tuple[Field, ...]
    about: str = ""  # sentences for those who call the endpoint
    animated: bool = False  # its result has an animation, too
    several: bool = False  # requests of several photos can be one batch
    steps: int = STEPS
    most_steps: int = MAX_EDIT_STEPS

    @cached_property
    def code(self) -> ModuleType:
        """The module with its two functions, imported when first needed."""
        return importlib.import_module(f"app.edits.{self.name.replace('-', '_')}")

    @property
    def own(self) -> tuple[Field, ...]:
        """Its numbers, words and seeds, without those of SETTINGS that every edit has."""
        values = ("whole", "number", "word", "seed")
        return tuple(each for each in self.takes if each.kind in values and each not in SETTINGS)

    @property
    def files(self) -> tuple[Field, ...]:
        """Its picture files."""
        return tuple(each for each in self.takes if each.kind == "file")

    @property
    def source(self) -> Field | None:
        """The picture file that is required; None if none is."""
        return next((each for each in self.files if each.needed), None)

    @property
    def begins_with_photo(self) -> bool:
        """Whether the required picture is a photo of any size."""
        return self.source is not None and self.source.name == "photo"

    def takes_a(self, name: str) -> bool:
        """Whether it has a field of this name."""
        return any(each.name == name for each in self.takes)

    def __getitem__(self, name: str) -> Field:
        """The field of this name. Raises KeyError if there is none."""
        for each in self.takes:
            if each.name == name:
                return each
        raise KeyError(name)


SEED = Field("seed", "seed", f"a whole number from 0 to {MAX_SEED}; the same seed and inputs give the same picture", 0)
STEP_COUNT = Field("steps", "whole", "noise levels", STEPS, 1, MAX_EDIT_STEPS)
LOOK = Field("look", "text", "one of the model's looks; the first if left out", "")
SCHEDULE = Field(
    "schedule", "word", "default, or paper for the 40 evaluations of the paper, whatever the steps say", "default",
    words=SCHEDULES,
)  # fmt: skip
SETTINGS = (SEED, STEP_COUNT, LOOK, SCHEDULE)
