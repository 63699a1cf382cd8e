"""`python -m app.gallery [--out docs/images] [--made assets/made]`: makes the pictures of docs/ and of the page."""

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
from app.gallery.samples import write_made
from app.models import DEFAULT_MODEL, MODEL_HELP, model_path
from core.console import unbreakable_output
from core.files import overwritten
from core.models import ScaledModel
from core.runtime import use_threads


@unbreakable_output()
def main(arguments: Sequence[str] | None = None) -> int:
    """Load a model in float32 and write NAME.webp for each sheet. Returns the exit code.

    The files are WebP because every new model brings new sheets, and PNG files would be six times as large.
    """
    parser = argparse.ArgumentParser(prog="python -m app.gallery", description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL, help=MODEL_HELP)
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="a folder (docs/images)")
    parser.add_argument("--made", type=Path, metavar="FOLDER", help="what the page shows at first, and nothing else")
    options = parser.parse_args(arguments)
    use_threads(interactive_threads())
    path = model_path(options.model)
    if overwritten((options.made or options.out).glob("*.webp"), [path]):
        print(f"A picture could take the place of {path}, which is given: choose another folder.", file=sys.stderr)
        return 2
    try:
        model = core.load_model(path, "cpu", "float32")
        if options.made:
            write_made(model, options.made)
        else:
            _write_sheets(model, options.out)
    except core.OnestrokeError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename} cannot be written: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


def _write_sheets(model: ScaledModel, out: Path) -> None:
    """Write NAME.webp for each sheet into the folder `out`. Raises OSError."""
    out.mkdir(parents=True, exist_ok=True)
    for name, pixels in (example_sheets(model) | edit_sheets(model)).items():
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "WEBP", quality=90, method=6)
        print(core.write_whole(out / f"{name}.webp", file.getvalue()))


if __name__ == "__main__":
    sys.exit(main())
