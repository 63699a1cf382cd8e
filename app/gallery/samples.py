"""What the page shows before anybody has asked: the rooms of the examples, a grid, a way, as the page makes them.

The settings are those that the page begins with, and the pictures go through the same functions as those of a visitor.
"""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import core
from app.edits.material import Material
from app.edits.previews import enlarged
from app.edits.registry import EDITS, PAINT
from app.edits.requests import edit_request, evaluations_of
from app.edits.results import Result
from app.edits.spec import MAX_PAINT_STEPS, PAGE_SEED
from app.examples import load_examples
from app.gallery.render import render_painting
from app.samples import INDEX
from core.models import ScaledModel

SIDE = 256  # of a picture in its strip, in pixels
QUALITY = 84  # of the WebP files


def made_files(model: ScaledModel) -> dict[str, bytes]:
    """{name of a file: its bytes} for assets/made."""
    examples = load_examples()
    rooms = [results_of(model, "paint", painting_material(example))[0] for example in examples]
    files = {"paint.webp": strip(rooms)}
    tasks: dict[str, Any] = {"paint": {"count": len(rooms), "names": [example["name"] for example in examples]}}
    for task in ("generate", "interpolate"):
        made = results_of(model, task, Material())
        files[f"{task}.webp"] = strip(made)
        seeds = [result.seed for result in made]
        tasks[task] = {"count": len(made), "seeds": seeds, "settings": page_settings(model.card, task)}
    index = {"model": model.card.name, "tasks": tasks}
    return files | {INDEX: (json.dumps(index, indent=1) + "\n").encode()}


def page_settings(card: core.ModelCard, task: str) -> dict[str, Any]:
    """The settings that the page begins with in a tab, by name."""
    spec = EDITS[task]
    steps = min(max(card.default_steps, 1), MAX_PAINT_STEPS) if spec is PAINT else spec.steps
    common = {"look": next(iter(card.classes), None), "steps": steps, "seed": PAGE_SEED, "schedule": "default"}
    numbers = {each.name: each.default for each in spec.own if each.default is not None}
    return common | numbers | ({"seed_b": PAGE_SEED + 1} if spec.takes_a("seed_b") else {})


def strip(results: list[Result]) -> bytes:
    """Pictures [R,R,3] beside each other, enlarged for the eye to SIDE, as a WebP file."""
    row = np.concatenate([enlarged(each.pixels, SIDE / each.pixels.shape[0]) for each in results], axis=1)
    stream = io.BytesIO()
    Image.fromarray(row).save(stream, "WEBP", quality=QUALITY, method=6)
    return stream.getvalue()


def write_made(model: ScaledModel, out: Path) -> None:
    """Write the files into the folder `out` and print their names. Raises OSError."""
    out.mkdir(parents=True, exist_ok=True)
    for name, data in made_files(model).items():
        print(core.write_whole(out / name, data))


def painting_material(example: dict) -> Material:
    """A painted example as the page sends it."""
    return Material(layer=core.png_bytes(np.asarray(render_painting(example))))


def results_of(model: ScaledModel, task: str, material: Material) -> list[Result]:
    """What a tab makes of the material with the settings that it begins with."""
    settings = page_settings(model.card, task)
    common = {name: settings[name] for name in ("look", "steps", "seed", "schedule")}
    request = edit_request(task, material, settings=common, extra=settings, card=model.card)
    *_, last = evaluations_of(model, request)
    assert last.finish is not None
    return list(last.finish().results)
