"""Whatever picture comes from outside is decoded by the reader that the program was started with."""

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from app.edits.data_url import to_data_url
from app.edits.registry import EDITS
from app.store.uploads import Uploads
from app.web.events import Events
from app.web.launch import prepare_import
from core import PictureError
from core.pictures.limits import PUBLIC
from tests.picture_files import encoded, promising_png, tiff

prepare_import()

# Gradio makes event loops to create its locks, and never closes them.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

ROOT = Path(__file__).resolve().parents[3]
SMALL = encoded(Image.new("RGB", (8, 8)), "JPEG")
REFUSED = "This reader opens nothing."


class Refusing:
    """A `PictureReader` that opens nothing."""

    def image(self, source, *, background=None, at_least=None, notes=None):
        raise PictureError(REFUSED)

    layer = image


def test_strangers_files_are_held_to_their_limits(engine, tmp_path):
    events = Events(engine, Uploads(tmp_path), picture_limits=PUBLIC)
    for data, word in (
        (tiff(np.zeros((9, 9), np.float32)), "TIFF pictures cannot be opened here"),
        (promising_png(7000, 7000), "up to 40 million"),
        (promising_png(13_000, 10), "up to 12000 a side"),
    ):
        message = {"visitor": "ann", "image": to_data_url(data, "png")}
        for answer in (events.open_photo(message), events.photo_strokes(message)):
            assert word in asyncio.run(answer)["error"]


def asked(events, **value) -> dict:
    async def last() -> dict:
        sent = {"seq": 1, "visitor": "ann", "kind": "refine", "settings": {"steps": 1}, **value}
        return [answer async for answer in events.answers(sent)][-1]

    return asyncio.run(last())


@pytest.mark.parametrize(
    "answer",
    [
        lambda events, url, photo: asyncio.run(events.open_photo({"visitor": "ann", "image": url})),
        lambda events, url, photo: asyncio.run(events.open_photo({"visitor": "ann", "image": url, "batch": True})),
        lambda events, url, photo: asyncio.run(events.photo_strokes({"image": url})),
        lambda events, url, photo: asked(events, task="inpaint", photo=photo, mask=url),
        lambda events, url, photo: asked(events, task="inpaint", photo=photo, image=url),
        lambda events, url, photo: asked(events, task="colorize", photo=photo, image=url),
        lambda events, url, photo: asked(events, task="generate", image=url),
        lambda events, url, photo: asked(events, task="interpolate", ends=[url, None]),
    ],
    ids=["photo", "photo of a batch", "strokes", "mask", "strokes over a photo", "dabs", "variation", "end"],
)
def test_every_way_in_leads_through_the_reader(engine, tmp_path, answer):
    events = Events(engine, Uploads(tmp_path))
    url = to_data_url(encoded(Image.new("RGB", (8, 8))), "png")
    photo = asyncio.run(events.open_photo({"visitor": "ann", "image": url}))["photo"]
    events.pictures = Refusing()
    assert answer(events, url, photo)["error"] == REFUSED


def test_the_files_of_scripts_lead_through_it_too(engine, tmp_path):
    from app.web.api import _Scripts

    events = SimpleNamespace(pictures=Refusing(), pool=None, listeners=None)
    caller = _Scripts(engine, Uploads(tmp_path), events)
    given = dict.fromkeys((field.name for field in EDITS["denoise"].takes), None)
    with pytest.raises(PictureError, match=REFUSED):
        caller._request(EDITS["denoise"], given | {"photo": to_data_url(SMALL, "jpeg")}, engine.card)


def test_nothing_else_of_the_page_decodes_files():
    """Only what the program made itself, and paintings, whose size is small and known."""
    files = [path for room in ("edits", "store", "web") for path in (ROOT / "app" / room).rglob("*.py")]
    decode = re.compile(r"read_image|read_layer|DirectReader\(|imdecode")
    found = {path.relative_to(ROOT).as_posix() for path in files if decode.search(path.read_text(encoding="utf-8"))}
    assert found == {"app/edits/paint.py", "app/store/results.py"}
