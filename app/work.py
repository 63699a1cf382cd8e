"""From any request to its evaluations: the one function that the page, the command line and the API call."""

from collections.abc import Iterator

from app.edits.inpaint import InpaintRequest, inpaint_evaluations
from app.evaluate import Evaluation, evaluations
from app.request import PaintRequest

WORK = {
    PaintRequest: evaluations,
    InpaintRequest: inpaint_evaluations,
}


def work(model, request) -> Iterator[Evaluation]:
    """Yields `request.evaluations` times. Nothing is computed before the first is asked for."""
    return WORK[type(request)](model, request)
