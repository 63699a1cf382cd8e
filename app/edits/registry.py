"""From any request to its evaluations: the one function that the page, the command line and the API call."""

from collections.abc import Iterator

from app.edits.colorize import ColorizeRequest, colorize_evaluations
from app.edits.denoise import DenoiseRequest, denoise_evaluations
from app.edits.generate import GenerateRequest, generate_evaluations
from app.edits.group import Together
from app.edits.inpaint import InpaintRequest, inpaint_evaluations
from app.edits.interpolate import InterpolateRequest, interpolate_evaluations
from app.edits.paint import PaintRequest, evaluations
from app.edits.results import Evaluation
from app.edits.super_resolve import SuperResolveRequest, super_resolve_evaluations

ALONE = {
    PaintRequest: evaluations,
    InterpolateRequest: interpolate_evaluations,
    GenerateRequest: generate_evaluations,
}
TOGETHER = {
    InpaintRequest: inpaint_evaluations,
    ColorizeRequest: colorize_evaluations,
    SuperResolveRequest: super_resolve_evaluations,
    DenoiseRequest: denoise_evaluations,
}


def work(model, request) -> Iterator[Evaluation]:
    """Yields `request.evaluations` times and pauses. Nothing is computed before the first is asked for."""
    if type(request) in ALONE:
        return ALONE[type(request)](model, request)
    requests = request.requests if isinstance(request, Together) else (request,)
    return TOGETHER[type(requests[0])](model, requests)
