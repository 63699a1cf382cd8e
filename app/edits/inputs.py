"""What can be asked, as plain data, made from input that may be anything at all.

Every wrong thing raises an OnestrokeError with one sentence for the person. What is checked here costs
nothing: lengths, types, ranges. Pixels are decoded later, on the model's thread.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from app.edits.data_url import painting_bytes
from app.engine.jobs import Lane, Ticket
from core.errors import RequestError

MAX_SEED = 2**31 - 1
MAX_STEPS = 4
MAX_EDIT_STEPS = 40
MAX_VARIATIONS = 16
MAX_SEQ = 2**53  # the largest whole number that JavaScript counts to exactly
MAX_VISITOR = 40  # characters

BAD_SEED = f"The seed is a whole number from 0 to {MAX_SEED}."
BAD_STEPS = f"Steps is a whole number from 1 to {MAX_STEPS}."
BAD_EDIT_STEPS = f"Steps is a whole number from 1 to {MAX_EDIT_STEPS}."
BAD_STRENGTH = "Strength is a number from 0 to 1."
BAD_TICKET = "The page sent something that is not a painting. Reload it; your strokes are kept."
NO_LOOKS = "This model knows one look only. Leave the look out."


@dataclass(frozen=True)
class PaintRequest:
    """Strokes to a picture. One picture for each seed; `steps` evaluations for all of them together."""

    task: ClassVar[str] = "paint"

    strokes: bytes  # a PNG file, its size checked, its pixels not yet
    strength: float  # 0 follows the strokes, 1 surprises; 0.5 is the model's own stroke level
    seeds: tuple[int, ...]
    steps: int = 1  # noise levels, 1 to 4
    look: str | None = None  # one of the model's classes; None for a model without

    @property
    def evaluations(self) -> int:
        """How many answers there will be."""
        return self.steps

    def quick(self) -> Self:
        """The same wish in one evaluation."""
        return replace(self, steps=1)

    def variations(self, count: int = 4) -> Self:
        """The same wish for the `count` seeds (at most 16) that follow the first one; past the last comes 0."""
        if not 1 <= count <= MAX_VARIATIONS:
            raise RequestError(f"Between 1 and {MAX_VARIATIONS} variations can be made at once.")
        first = self.seeds[0]
        return replace(self, seeds=tuple((first + i) % (MAX_SEED + 1) for i in range(1, count + 1)))

    def settings(self) -> dict[str, Any]:
        """What a picture's record says of this request, apart from the seed, which is the picture's own."""
        return {"task": self.task, "steps": self.steps, "strength": self.strength, "look": self.look}


def paint_request(
    image: Any, *, look: Any, steps: Any, strength: Any, seed: Any, classes: Sequence[str]
) -> PaintRequest:
    """A PaintRequest from untrusted values; `image` is a PNG data URL, `classes` the looks of the model."""
    return PaintRequest(
        strokes=painting_bytes(image),
        strength=read_strength(strength),
        seeds=(read_seed(seed),),
        steps=read_steps(steps),
        look=read_look(look, classes),
    )


def read_ticket(message: Any, lane: Lane = "picture") -> Ticket:
    """Who sent this, and at which of their changes. Raises RequestError."""
    seq, visitor = (message.get("seq"), message.get("visitor")) if isinstance(message, dict) else (None, None)
    known = isinstance(visitor, str) and 0 < len(visitor) <= MAX_VISITOR
    if not known or not _is_whole(seq) or not 0 <= seq <= MAX_SEQ:
        raise RequestError(BAD_TICKET)
    return Ticket(visitor, int(seq), lane)


def read_seed(value: Any) -> int:
    """A whole number from a number or from a text field."""
    if isinstance(value, str) and len(value) <= 20 and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    if not _is_whole(value) or not 0 <= value <= MAX_SEED:
        raise RequestError(BAD_SEED)
    return int(value)


def read_steps(value: Any) -> int:
    if not _is_whole(value) or not 1 <= value <= MAX_STEPS:
        raise RequestError(BAD_STEPS)
    return int(value)


def read_edit_steps(value: Any) -> int:
    """The steps of an edit: more than strokes may have, as the paper's schedule has more."""
    if not _is_whole(value) or not 1 <= value <= MAX_EDIT_STEPS:
        raise RequestError(BAD_EDIT_STEPS)
    return int(value)


def read_whole(value: Any, name: str, low: int, high: int) -> int:
    """A whole number in a range; `name` begins the sentence that tells of any other."""
    if not _is_whole(value) or not low <= value <= high:
        raise RequestError(f"{name} is a whole number from {low} to {high}.")
    return int(value)


def read_number(value: Any, name: str, low: float, high: float) -> float:
    """A number in a range; `name` begins the sentence that tells of any other."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RequestError(f"{name} is a number from {low} to {high}.")
    return float(value)


def read_strength(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:  # NaN is not in 0..1
        raise RequestError(BAD_STRENGTH)
    return float(value)


def read_look(value: Any, classes: Sequence[str]) -> str | None:
    """One of the model's looks, the first if none was chosen; None for a model without looks."""
    if value is None:
        return classes[0] if classes else None
    if not classes:
        raise RequestError(NO_LOOKS)
    if isinstance(value, str) and value in classes:
        return value
    raise RequestError(f"This model knows these looks: {', '.join(classes)}. Choose one of them.")


def _is_whole(value: Any) -> bool:
    """An int, or a float without a fraction, as JSON may bring either. True and False are not numbers here."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or (math.isfinite(value) and value.is_integer())
