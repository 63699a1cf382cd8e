"""The painted examples: one JSON file each in assets/examples, strokes in units of a paper of 256."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "assets" / "examples"


def load_examples(folder: Path = FOLDER) -> list[dict]:
    """Every example {"name", "title", "paper", "ops"}, by file name."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
