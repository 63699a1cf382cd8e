"""From untrusted values to a request, and from a request to its evaluations.

Page, command line and endpoints all use these two functions, so the same values give the same pictures everywhere.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import core
from app.edits.base import Edit
from app.edits.group import BatchRequest
from app.edits.inputs import read_field, read_settings
from app.edits.material import Material
from app.edits.registry import EDITS
from app.edits.results import Evaluation
from core.errors import RequestError

NO_PHOTO = "There is no photo yet. Open one first."


def edit_request(task: Any, material: Material, *, settings: dict, extra: Any, card: core.ModelCard) -> Edit:
    """A request from untrusted values. Small pictures are decoded here.

    settings: "look", "steps", "seed" and "schedule". extra: the numbers and words that this edit alone takes, by
    name; anything but a dict counts as an empty one. Raises OnestrokeError (mostly RequestError or PictureError) for
    wrong values.
    """
    spec = EDITS.get(task) if isinstance(task, str) else None
    if spec is None:
        raise RequestError(f"The edits are {', '.join(EDITS)}.")
    if spec.begins_with_photo and material.photo is None:
        raise RequestError(NO_PHOTO)
    fields = read_settings(spec, card, **settings)
    extra = extra if isinstance(extra, dict) else {}
    values = {field.name: read_field(field, extra.get(field.name)) for field in spec.own}
    request = spec.code.read_request(material, values, fields, card)
    return replace(request, note=" ".join(dict.fromkeys(material.notes))) if material.notes else request


def evaluations_of(model: core.Model, request: Edit | BatchRequest) -> Iterator[Evaluation]:
    """Yields an evaluation `request.evaluations` times, and pauses between them. The first `next` begins to compute."""
    requests = request.requests if isinstance(request, BatchRequest) else (request,)
    return EDITS[requests[0].task].code.evaluations(model, requests)
