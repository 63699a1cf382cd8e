"""The noise levels of a multistep model: the segments that it was trained on, and walks down their borders.

Multistep consistency models (Heek et al. 2024) divide the cosine schedule's time u = 0 .. 1, which is noise level
sigma = tan(pi u / 2), into segments. At any level the model's estimate leads to the lower border of its segment, so the
walk that it was made for visits sigma_max and then border after border. A model made by progressive distillation
(Salimans & Ho 2022) is of the same kind: its estimates lead to the next of its own levels.

A card names the walks as its schedules for "generate": {"4": [80.0, 2.41, 1.0, 0.414]}, one for each step count.
"""

from collections.abc import Sequence
from math import atan, pi, tan

from core.card import ModelCard
from core.errors import RequestError
from core.schedule import MAX_STEPS, SIGMA_MAX, validated_sigmas


def cosine_time(sigma: float) -> float:
    """u in [0, 1) with sigma = tan(pi u / 2)."""
    return 2 / pi * atan(sigma)


def cosine_sigma(time: float) -> float:
    """tan(pi u / 2), for u in [0, 1)."""
    return tan(pi / 2 * time)


def equal_segments(count: int, *, sigma_max: float = SIGMA_MAX) -> list[float]:
    """The upper borders of `count` segments of equal time, descending.

    The first segment would begin at infinity: it begins at sigma_max. Raises RequestError unless count is 1 to 1000.
    """
    if not 1 <= count <= MAX_STEPS:
        raise RequestError(f"{count} segments are not possible: choose 1 to {MAX_STEPS}.")
    return [sigma_max, *(cosine_sigma(k / count) for k in range(count - 1, 0, -1))]


def walks(card: ModelCard) -> dict[int, list[float]]:
    """The levels of each step count that the card's model was made for, from sigma_max down."""
    found = card.levels("generate")
    counts = card.network.step_counts or tuple(found) or (card.default_steps,)
    return {n: validated_sigmas(found.get(n) or equal_segments(n, sigma_max=card.sigma_max)) for n in counts}


def _below(levels: Sequence[float], first: float) -> list[float]:
    return [first, *(level for level in levels if level < first)]


def nearest_count(card: ModelCard, first: float, steps: int) -> int:
    """The step count whose walk from level `first` down has nearest to `steps` evaluations."""
    table = walks(card)
    return min(table, key=lambda n: (abs(len(_below(table[n], first)) - steps), -n))


def segment_sigmas(card: ModelCard, first: float, steps: int) -> list[float]:
    """A walk of `steps` evaluations from level `first` down a multistep model's borders.

    Where there are more borders than evaluations, those between the shortest segments are passed over; where there are
    fewer, the longest segments are divided. Both depart from what the model was trained for, so the step count is
    chosen that needs it least.
    """
    levels = _below(walks(card)[nearest_count(card, first, steps)], first)
    end = card.sampling.sigma_min
    while len(levels) > steps:
        merged = _lengths(levels, [*levels[2:], end])
        del levels[merged.index(min(merged)) + 1]
    while len(levels) < steps:
        lengths = _lengths(levels, [*levels[1:], end])
        longest = lengths.index(max(lengths))
        middle = cosine_sigma(cosine_time(levels[longest]) - lengths[longest] / 2)
        levels.insert(longest + 1, middle)
    return levels


def _lengths(levels: Sequence[float], ends: Sequence[float]) -> list[float]:
    """The cosine schedule's time from each level to its end."""
    return [cosine_time(level) - cosine_time(end) for level, end in zip(levels, ends)]
