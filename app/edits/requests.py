"""From what a person brings (files, numbers, anything) to a request, and from a request to its evaluations.

Page, command line and endpoints meet here: what they are asked alike they do alike.
"""

from collections.abc import Iterator
from typing import Any

import core
from app.edits.base import Edit
from app.edits.group import Together
from app.edits.inputs import read_field, read_settings
from app.edits.material import Material
from app.edits.registry import EDITS
from app.edits.results import Evaluation
from core.errors import RequestError

NO_PHOTO = "There is no photo yet. Open one first."


def edit_request(task: Any, material: Material, *, settings: dict, extra: Any, card: core.ModelCard) -> Edit:
    """A request from untrusted values. Small pictures are decoded here. Raises OnestrokeError.

    settings: "look", "steps", "seed" and "schedule"; extra: the numbers of the edit itself, by name.
    """
    spec = EDITS.get(task) if isinstance(task, str) else None
    if spec is None:
        raise RequestError(f"The edits are {', '.join(EDITS)}.")
    if spec.begins_with_photo and material.photo is None:
        raise RequestError(NO_PHOTO)
    fields = read_settings(spec, card, **settings)
    extra = extra if isinstance(extra, dict) else {}
    values = {field.name: read_field(field, extra.get(field.name)) for field in spec.numbers}
    return spec.code.read_request(material, values, fields, card)


def work(model: core.Model, request: Edit | Together) -> Iterator[Evaluation]:
    """Yields `request.evaluations` times and pauses. Nothing is computed before the first is asked for."""
    requests = request.requests if isinstance(request, Together) else (request,)
    return EDITS[requests[0].task].code.evaluations(model, requests)
