"""How a model is walked down the noise levels: the rules in its card, and the moves that they name.

A move says what noise lies around an estimate at the next level, and which levels a walk visits. A new one is a class
here and a line in MOVES.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from reprlib import repr as shortened
from typing import Protocol

from torch import Tensor

from core.errors import CheckpointError
from core.json_values import is_number
from core.schedule import SIGMA_MIN, geometric_sigmas, karras_sigmas

MAX_GUIDANCE, MAX_SHIFTS = 20, 8


@dataclass(frozen=True)
class SamplingRules:
    """How a model is walked down the noise levels. Raises CheckpointError for values that cannot be followed."""

    move: str = "renoise"  # a name in MOVES
    clamp: bool = True  # estimates are cut to [-1, 1]
    sigma_min: float = SIGMA_MIN
    # Where every walk of a move that keeps its noise ends: one evaluation removes all the noise that is left there.
    # Small models make grain of the levels below (docs/painting.md).
    carry_end: float = 0.05
    guidance: float = 0.0  # of walks of two steps or more, see core/unet.py; 0 for none
    shifts: int = 1  # estimates at the last level of such a walk, see core/shifts.py

    def __post_init__(self):
        if not isinstance(self.move, str) or self.move not in MOVES:
            known = " or ".join(f'"{name}"' for name in MOVES)
            raise CheckpointError(f"The sampling move {shortened(self.move)} is not known: it is {known}.")
        if not isinstance(self.clamp, bool):
            raise CheckpointError(f"Whether sampling clamps is true or false, not {shortened(self.clamp)}.")
        for level in (self.sigma_min, self.carry_end):
            if not is_number(level, 1e-6, 1e6):
                raise CheckpointError(f"Sampling cannot end at a noise level of {shortened(level)}.")
        if type(self.shifts) is not int or not 1 <= self.shifts <= MAX_SHIFTS:
            raise CheckpointError(f"The last level takes 1 to {MAX_SHIFTS} estimates, not {shortened(self.shifts)}.")
        if not is_number(self.guidance, 0, MAX_GUIDANCE):
            about = f"it takes 0 to {MAX_GUIDANCE}"
            raise CheckpointError(f"Sampling cannot be guided by {shortened(self.guidance)}: {about}.")


class Move(Protocol):
    """A rule for the way from one noise level to the next."""

    @property
    def keeps_noise(self) -> bool:
        """Whether the noise that is there stays: then it is still that around the start of the walk."""

    @property
    def ends_itself(self) -> bool:
        """Whether the rules say where its walks end, whatever last level is asked for."""

    def next_noise(
        self, old: Tensor, sigma: float, sigma_next: float, fresh: Callable[[], Tensor], rules: SamplingRules
    ) -> Tensor:
        """The noise around the estimate at the next level, [B,C,H,W].

        old: the noise around the estimate at this level, x - x0. fresh: draws standard normal noise of that shape.
        """

    def levels(self, first: float, last: float, steps: int, rules: SamplingRules) -> list[float]:
        """The levels of a walk of two steps or more from `first` down, descending."""


class Renoise:
    """Every step adds fresh noise to the last estimate (Song et al. 2023, Algorithm 1): for consistency functions."""

    keeps_noise = False
    ends_itself = False

    def next_noise(
        self, old: Tensor, sigma: float, sigma_next: float, fresh: Callable[[], Tensor], rules: SamplingRules
    ) -> Tensor:
        """Fresh noise [B,C,H,W], of variance sigma_next^2 - sigma_min^2."""
        return sqrt(sigma_next**2 - rules.sigma_min**2) * fresh()

    def levels(self, first: float, last: float, steps: int, rules: SamplingRules) -> list[float]:
        """In equal ratios."""
        return geometric_sigmas(first, last, steps)


class Carry:
    """The noise that is there is kept and scaled, a deterministic DDIM step: for models that are no such functions.

    Over a multistep model's own levels this is Heek et al. 2024, Algorithm 2.
    """

    keeps_noise = True
    ends_itself = True

    def next_noise(
        self, old: Tensor, sigma: float, sigma_next: float, fresh: Callable[[], Tensor], rules: SamplingRules
    ) -> Tensor:
        """The old noise [B,C,H,W] times sigma_next / sigma."""
        return (sigma_next / sigma) * old

    def levels(self, first: float, last: float, steps: int, rules: SamplingRules) -> list[float]:
        """On a Karras grid down to `carry_end`, as the probability flow is followed."""
        return karras_sigmas(steps, sigma_max=first, sigma_min=min(rules.carry_end, first / 2))


MOVES: dict[str, Move] = {"renoise": Renoise(), "carry": Carry()}
