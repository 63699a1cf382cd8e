"""The noise levels of each zero-shot edit: where it starts and how it is spaced, for any number of evaluations.

The paper runs 40 levels from 80 down to sigma_min for every edit (Song et al. 2023, appendix D). Most of them are spent
where nothing that can be seen changes: the known part says more of a picture than a level of 80 lets through, and
below 0.1 the network is close to the identity. A card may bring levels that were searched for its model.
"""

from core.card import ModelCard
from core.errors import RequestError
from core.schedule import check_steps, karras_sigmas, validated_sigmas
from core.spacing import spaced

PAPER_STEPS = 40
SCHEDULES = ("default", "paper")
# The first and the last level of four evaluations where the card says nothing. Between them the levels are geometric;
# more evaluations go further down, fewer end higher (see `_last_level`).
RANGES = {
    "generate": (80.0, 0.5),
    "interpolate": (80.0, 0.5),
    "inpaint": (10.0, 0.3),
    "colorize": (20.0, 0.5),
    "super-resolve": (3.0, 0.2),
    "deblur": (0.6, 0.15),
}
LOWEST = 0.05  # below this an evaluation changes nothing that can be seen


def edit_sigmas(card: ModelCard, edit: str, steps: int, schedule: str = "default") -> list[float]:
    """Descending noise levels, one evaluation each: `steps` of them, or the paper's 40 for schedule "paper".

    A card's own levels for that edit and number come first, then its levels for the nearest number, then RANGES. Raises
    RequestError for an unknown edit or schedule, and for steps outside 1 to 1000.
    """
    if edit not in RANGES:
        raise RequestError(f"There are no noise levels for {edit}: {', '.join(RANGES)} have some.")
    if schedule == "paper":
        return karras_sigmas(PAPER_STEPS, sigma_min=card.sigma_min, sigma_max=card.sigma_max, rho=card.rho)
    if schedule != "default":
        raise RequestError(f"The schedule is one of {' and '.join(SCHEDULES)}.")
    check_steps(steps)
    searched = card.levels(edit)
    if steps in searched:
        return validated_sigmas(searched[steps], sigma_min=card.sampling.sigma_min)
    first, last = _ends(searched, edit, steps)
    first = min(first, card.sigma_max)
    return spaced(card, first, min(last, first / 2), steps)


def _ends(searched: dict[int, list[float]], edit: str, steps: int) -> tuple[float, float]:
    """The first and the last level: of the searched row with the nearest number of steps, or of the table above."""
    if not searched:
        first, last = RANGES[edit]
        return first, _last_level(first, last, 4, steps)
    nearest = min(searched, key=lambda n: (abs(n - steps), n))
    levels = searched[nearest]
    return levels[0], _last_level(levels[0], levels[-1], nearest, steps) if nearest > 1 else LOWEST


def _last_level(first: float, last: float, known: int, steps: int) -> float:
    """The last level of `steps`, from that of `known` steps: half of the added levels go between, half below."""
    return max(last * (last / first) ** ((steps - known) / (2 * known)), LOWEST)
