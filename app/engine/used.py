"""The model that is in use, while it is: its card, the model itself, and how fast it is here."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from core.card import ModelCard
from core.models import Model

M = TypeVar("M", bound=Model)
NEWEST = 0.2  # the part that the newest evaluation has in the pace


@dataclass(eq=False)
class Used(Generic[M]):
    """A model in use. number: counts the changes; two models never have the same one.

    Whoever works with the model holds this object, and nobody else does: the memory is free when the last one lets go.
    """

    number: int
    card: ModelCard
    model: Future[M] | None = None  # None until somebody begins to load it
    seconds: float = 0.0  # that an evaluation of one picture took when it was loaded; 0: not measured
    pace: float = 0.0  # seconds that a picture has taken of late, alone or among others; 0: none was evaluated yet

    def note_pace(self, seconds: float, pictures: int) -> None:
        """So many pictures were evaluated in so many seconds of the model's time."""
        if pictures:
            now = seconds / pictures
            self.pace = now if not self.pace else self.pace + NEWEST * (now - self.pace)

    def expected_s(self, pictures: int) -> float:
        """The seconds that so many evaluations of one picture will take; 0 if that is not known yet."""
        return (self.pace or self.seconds) * pictures

    @property
    def state(self) -> Literal["loading", "ready", "failed"]:
        """Whether the model is there."""
        if self.model is None or not self.model.done():
            return "loading"
        return "failed" if self.model.cancelled() or self.model.exception() else "ready"
