"""The noise levels of a walk between a first and a last one, as the model of a card is walked."""

from core.card import ModelCard
from core.sampling_rules import MOVES
from core.segments import segment_sigmas


def spaced(card: ModelCard, first: float, last: float, steps: int) -> list[float]:
    """`steps` descending levels from `first` down, one evaluation each.

    One step is `first` alone. A consistency model goes down to `last`, or to twice the card's sigma_min where that is
    higher. A multistep model goes down its own borders, a denoiser to the end in its card: both whatever `last` is.
    """
    if steps == 1:
        return [first]
    if card.parameterisation == "multistep":
        return segment_sigmas(card, first, steps)
    return MOVES[card.sampling.move].levels(first, max(last, 2 * card.sigma_min), steps, card.sampling)
