"""The painted examples: a JSON file for each in assets/examples. Coordinates run from 0 to 256."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "assets" / "examples"


def load_examples(folder: Path = FOLDER) -> list[dict]:
    """Every example as {"name", "title", "paper", "ops"}, in the order of the file names."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
