"""Noise levels: lists of sigma, always descending, one network evaluation each.

Sigma is measured in model range, where pictures lie in [-1, 1].
"""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite

from core.errors import RequestError

SIGMA_MIN = 0.002
SIGMA_MAX = 80.0
SIGMA_DATA = 0.5
RHO = 7.0

MAX_STEPS = 1000


def check_steps(steps: int) -> None:
    """Raises RequestError for a number of steps outside 1 to 1000."""
    if not 1 <= steps <= MAX_STEPS:
        raise RequestError(f"{steps} steps are not possible: choose 1 to {MAX_STEPS}.")


def karras_sigmas(
    n: int, *, sigma_min: float = SIGMA_MIN, sigma_max: float = SIGMA_MAX, rho: float = RHO
) -> list[float]:
    """n levels from sigma_max down to sigma_min, evenly spaced in sigma^(1/rho) (Karras et al. 2022, equation 5).

    One level is sigma_max alone. Raises RequestError for fewer than one or more than 1000 levels and for an
    impossible range.
    """
    check_steps(n)
    if not 0 < sigma_min <= sigma_max:
        raise RequestError(f"Noise levels from {sigma_max} down to {sigma_min} are not possible.")
    if n == 1:
        return [float(sigma_max)]
    high, low = sigma_max ** (1 / rho), sigma_min ** (1 / rho)
    inner = [(high + i / (n - 1) * (low - high)) ** rho for i in range(1, n - 1)]
    return [float(sigma_max), *inner, float(sigma_min)]


def geometric_sigmas(first: float, last: float, n: int) -> list[float]:
    """n levels from first down to last in equal ratios; one level is first alone. n is at least 1."""
    return [first] if n == 1 else [first * (last / first) ** (k / (n - 1)) for k in range(n)]


def validated_sigmas(sigmas: Sequence[float], *, sigma_min: float = SIGMA_MIN) -> list[float]:
    """The same levels, once it is sure that they can be sampled: at least one, descending, none below sigma_min.

    Raises RequestError.
    """
    levels = [float(sigma) for sigma in sigmas]
    if not levels:
        raise RequestError("At least one noise level is needed: each is one step.")
    if not all(isfinite(level) for level in levels):
        raise RequestError(f"Noise levels must be finite numbers, but are {levels}.")
    if any(later >= earlier for earlier, later in pairwise(levels)):
        raise RequestError(f"Noise levels must descend, but these do not: {levels}.")
    if levels[-1] < sigma_min:
        raise RequestError(f"The noise level {levels[-1]} is below {sigma_min}, where this model ends.")
    return levels


def strength_to_sigma(strength: float, stroke_sigma: float) -> float:
    """The start level for strokes. 0.5 is the model's own; 0 is a quarter of it, 1 four times.

    In between it is geometric: what a stroke keeps depends on the ratio of noise to stroke, not on the difference.
    Raises RequestError outside 0 .. 1.
    """
    if not 0 <= strength <= 1:
        raise RequestError(f"The strength {strength} is outside the range 0 to 1.")
    return stroke_sigma * 4.0 ** (2 * strength - 1)
