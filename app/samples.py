"""Pictures that the bundled model made, for the page to show before anybody has asked for one.

assets/made has a strip of square pictures for each task, and `samples.json`: the model's name, and for each task what
its pictures are of. `python -m app.gallery --made assets/made` makes them.
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "assets" / "made"
INDEX = "samples.json"


def load_samples(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """{task: {"model", "file", "count", ...}}; of "paint" the "names" of the examples, else "settings" and "seeds"."""
    index = json.loads((folder / INDEX).read_text("utf-8"))
    return {task: {"model": index["model"], "file": f"{task}.webp", **about} for task, about in index["tasks"].items()}


def with_rooms(examples: list[dict], paint: dict[str, Any]) -> list[dict]:
    """The painted examples, each with the "room" that was made of it: {"model", "file", "count", "at"}.

    paint: of `load_samples`. An example without a room stays as it is.
    """
    shared = {name: paint[name] for name in ("model", "file", "count")}
    rooms = {name: {"room": shared | {"at": at}} for at, name in enumerate(paint["names"])}
    return [example | rooms.get(example["name"], {}) for example in examples]
