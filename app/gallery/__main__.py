"""`python -m app.gallery [--out docs/images]`: makes the pictures of docs/ with the bundled model."""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

import core
from app.engine.loading import interactive_threads
from app.gallery.edits import edit_sheets
from app.gallery.paintings import example_sheets
from app.models import DEFAULT_MODEL, MODEL_HELP, model_path
from core.runtime import use_threads


def main(arguments: Sequence[str] | None = None) -> int:
    """Load a model in float32 and write NAME.webp for each sheet. Returns the exit code.

    The files are WebP because every new model brings new sheets, and PNG files would be six times as large.
    """
    parser = argparse.ArgumentParser(prog="python -m app.gallery", description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL, help=MODEL_HELP)
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="a folder (docs/images)")
    options = parser.parse_args(arguments)
    use_threads(interactive_threads())
    try:
        model = core.load_model(model_path(options.model), "cpu", "float32")
    except core.OnestrokeError as error:
        print(error, file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    for name, pixels in (example_sheets(model) | edit_sheets(model)).items():
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "WEBP", quality=90, method=6)
        print(core.write_whole(options.out / f"{name}.webp", file.getvalue()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
