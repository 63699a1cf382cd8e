"""What the page shows at first is what the bundled model makes with the settings that the page begins with."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import core
from app.edits.registry import PAINT
from app.edits.spec import PAGE_SEED
from app.examples import load_examples
from app.gallery.render import render_painting
from app.gallery.samples import SIDE, page_settings, painting_material, results_of
from app.samples import FOLDER, load_samples, with_rooms

BUNDLED = Path(__file__).resolve().parents[2] / "assets" / "models" / "bedroom-128.safetensors"
LIKE = 8  # levels, of 255: WebP loses a few; another seed is twice as far


@pytest.fixture(scope="module")
def model():
    return core.load_model(BUNDLED, "cpu", "float32")


def square(task: str, at: int) -> np.ndarray:
    strip = np.asarray(Image.open(FOLDER / f"{task}.webp").convert("RGB"), dtype=int)
    return strip[:, SIDE * at : SIDE * (at + 1)]


def test_each_strip_has_its_pictures_and_names_the_model():
    for about in load_samples().values():
        assert about["model"] == core.read_card(BUNDLED).name
        with Image.open(FOLDER / about["file"]) as strip:
            assert strip.size == (SIDE * about["count"], SIDE)


def test_every_example_has_its_room():
    examples = with_rooms(load_examples(), load_samples()["paint"])
    assert [example["room"]["at"] for example in examples] == list(range(len(examples)))
    assert "room" not in with_rooms([{"name": "new"}], load_samples()["paint"])[0]


def test_the_settings_are_those_that_the_page_begins_with(model):
    for task in ("generate", "interpolate"):
        assert load_samples()[task]["settings"] == page_settings(model.card, task)


def test_the_model_still_makes_these_pictures(model):
    room = results_of(model, "paint", painting_material(load_examples()[1]))[0].pixels
    shown = np.asarray(
        Image.fromarray(square("paint", 1).astype(np.uint8)).resize(room.shape[:2], Image.Resampling.BOX)
    )
    assert np.abs(shown.astype(int) - room).mean() < LIKE
    first = square("generate", 0)
    assert np.abs(first - square("interpolate", 0)).mean() < LIKE  # the same seed and settings
    assert np.abs(first - square("generate", 1)).mean() > 2 * LIKE


def test_a_newcomer_s_first_stroke_answers_with_a_picture_as_sharp_as_the_refined_one(model):
    stroke = {"tool": "brush", "color": "#d0b23a", "size": 30, "points": [[60, 170], [190, 175]]}
    painting = core.to_model(render_painting({"ops": [stroke]}), model.card.resolution)
    live, refined = (fine(paint(model, painting, steps)) for steps in (1, model.card.default_steps))
    assert live > 0.8 * refined and live > 4 * fine(core.to_uint8(painting)[0])


def paint(model, painting, steps: int) -> np.ndarray:
    sigmas = core.paint_sigmas(model.card, PAINT["strength"].default, steps)
    noise, labels = core.SeededNoise([PAGE_SEED]), model.labels(model.card.classes[0], 1)
    return core.to_uint8(core.paint(model, painting, sigmas, noise, labels=labels))[0]


def fine(pixels: np.ndarray) -> float:
    """How much pixels differ from the mean of their neighbours, in levels."""
    grey = pixels.astype(float).mean(2)
    around = (grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]) / 4
    return float(np.abs(grey[1:-1, 1:-1] - around).mean())
