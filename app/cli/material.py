"""From the files of a task to a request."""

import argparse
from pathlib import Path

import core
from app.cli.parser import ENDS
from app.cli.plan import Task
from app.cli.storage import Location
from app.edits.base import Edit
from app.edits.material import Material
from app.edits.registry import EDITS
from app.edits.requests import edit_request
from core.errors import PictureError
from core.pictures.limits import MAX_BYTES
from core.pictures.read import picture_bytes
from core.pictures.reader import DirectReader

PAINT_SIDE = 512  # pixels a side of a painting, at most: the model is smaller, so it cannot see the difference


def request_of(model: core.Model, options: argparse.Namespace, task: Task) -> Edit:
    """The request of one task. Raises OnestrokeError for bad files and wrong values."""
    spec, values = EDITS[options.task], vars(options)
    notes: list[str] = []
    places = {field.name: values.get(field.name) for field in spec.files} | {"mask": task.mask}
    if spec.source:
        places[spec.source.name] = task.source
    files: dict[str, Path | bytes] = {name: content(place) for name, place in places.items() if place is not None}
    files |= zip(ENDS, [picture_bytes(content(place)) for place in values.get("pictures", [])])
    if spec.source and not spec.begins_with_photo:
        files[spec.source.name] = _painting(files[spec.source.name], notes)
    seed, seed_b = values.get("seeds") or (values.get("seed", 0), None)
    steps, schedule = values.get("steps", spec.steps), values.get("schedule")
    material = Material.of(files, DirectReader(), square=values.get("square"), frame=values.get("extend"))
    material.notes.extend(notes)
    return edit_request(
        spec.name,
        material,
        settings={"look": options.look, "steps": steps, "seed": seed, "schedule": schedule},
        extra=values | {"seed_b": seed_b},
        card=model.card,
    )


def content(place: Location) -> Path | bytes:
    """What a picture is read from: the path of a file of this computer, else its bytes. Raises PictureError."""
    if isinstance(place, Path):
        return place
    try:
        return place.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise PictureError(f"There is no picture file {place}.") from error
    except OSError as error:
        raise PictureError(str(error)) from error


def _painting(source: Path | bytes, notes: list[str]) -> bytes:
    """A picture of strokes of any size as a PNG file of at most PAINT_SIDE pixels a side. Raises PictureError."""
    strokes = core.read_image(source, at_least=PAINT_SIDE, notes=notes)
    if max(strokes.size) > PAINT_SIDE:
        strokes = core.to_uint8(core.to_model(strokes, resolution=PAINT_SIDE))[0]
    return core.png_bytes(core.to_uint8(core.to_model(strokes))[0])
