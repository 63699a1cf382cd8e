"""`python -m benchmarks.folders`: photographs a minute of `python -m app.cli` over a folder, alone and in batches.

The folder holds 16 crops of the example photographs at the model's size. "Alone" gives the command one file after the
other, "in batches" all of them at once, so that they are evaluated together (app/edits/group.py). A minute is one of
processor time, of all threads together, so that other work on the machine counts little. Both are measured in turns:
compare them within one run.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

import core
from app.cli.edit import edit_files
from app.cli.parser import build_parser
from app.cli.plan import plan
from app.models import DEFAULT_MODEL, model_path
from benchmarks.timing import print_table
from core.runtime import machine, use_threads

PHOTOS = Path(__file__).resolve().parents[1] / "assets" / "photos"
EDITS = ("colorize", "denoise")
COUNT, ROUNDS = 16, 3


def fill_folder(folder: Path, side: int) -> None:
    """COUNT crops of `side` pixels, from the example photographs in turn, each at another position."""
    photos = [Image.open(path).convert("RGB") for path in sorted(PHOTOS.glob("*.jpg"))]
    rng = np.random.default_rng(0)
    for number in range(COUNT):
        photo = photos[number % len(photos)]
        x, y = (int(rng.integers(0, length - side + 1)) for length in photo.size)
        photo.crop((x, y, x + side, y + side)).save(folder / f"{number:02d}.png")


def seconds(model: core.Model, line: list[str], *, batches: bool) -> float:
    """The processor time of one command over the folder, without loading the model."""
    options = build_parser().parse_args(line)
    tasks = [*plan(options)]
    began = time.process_time()
    with tqdm(disable=True) as bar:
        for group in [tasks] if batches else [[task] for task in tasks]:
            for _, report in edit_files(model, options, group, bar):
                assert "error" not in report, report
    return time.process_time() - began


def row(model: core.Model, edit: str, source: Path, out: Path) -> list[object]:
    """edit, photographs a minute alone, in batches, and their ratio; medians of ROUNDS."""
    line = [edit, str(source), "-o", str(out / edit)]
    seconds(model, line, batches=True)  # kernels are chosen at the first evaluation of a batch size
    times = [(seconds(model, line, batches=False), seconds(model, line, batches=True)) for _ in range(ROUNDS)]
    alone, together = (60 * COUNT / float(np.median(each)) for each in zip(*times, strict=True))
    ratio = float(np.median([one / other for one, other in times]))
    return [edit, f"{alone:.0f}", f"{together:.0f}", f"{ratio:.2f}"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.folders", description=__doc__)
    parser.add_argument("--threads", type=int, help="of torch (all cores)")
    use_threads(parser.parse_args().threads)
    model = core.load_model(model_path(DEFAULT_MODEL))
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in"), Path(folder, "out")
        source.mkdir()
        fill_folder(source, model.card.resolution)
        rows = [row(model, edit, source, out) for edit in EDITS]
    print(f"{machine()}; {COUNT} photographs of {model.card.resolution} px, medians of {ROUNDS} rounds in turns.\n")
    print_table(["edit", "alone, photos/min", "in batches, photos/min", "ratio"], rows)


if __name__ == "__main__":
    main()
