"""`python -m training.evaluate MODEL --data FOLDER_OR_TAR`: how good are pictures over strokes and from noise?

Strokes are made from held-out photographs and painted over with the seeds 0, 1, 2, ... As many pictures are made from
noise, with the same seeds. For each number of steps a row of figures is printed:

KID, Fréchet   distances to the photographs by features of EfficientNet-Lite0, not of Inception
SWD            distance to the photographs by patches, times 1000, mean over levels (metrics/sliced_wasserstein.py)
variety        how much the pictures differ from each other (metrics/variety.py)
top octave     power of the finest details (metrics/spectrum.py)
grid           peaks of a grid of four pixels in the spectrum (metrics/spectrum.py)
strokes kept   correlation of 8x8 block means with the strokes

The best distance is 0. Distances can only be compared if they were measured at one size and with one number of
pictures. Variety, top octave and grid are relative to those of the photographs: 1 is best. Two rows are yardsticks: a
random half of the photographs against the other half (these are fewer pictures, so Fréchet distance and SWD are larger
than for all), and all photographs blurred.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

import core
from core.console import unbreakable_output
from core.files import overwritten
from core.runtime import use_threads
from training.config import Source
from training.data.memory import load_pictures
from training.evaluation import tables
from training.evaluation.comparison import Comparison
from training.evaluation.report import Report
from training.evaluation.results import Results
from training.metrics.features import NAME, ImageNetFeatures
from training.metrics.sliced_wasserstein import SMALLEST

COSTS = """
On one core of a slow processor an evaluation of the network takes 45 ms for a picture of 128 pixels, and at least twice
that with guidance. n steps are n evaluations, or n + 3 with 4 shifts. So for 328 photographs, without guidance and
shifts, the pictures of each of the two tables take 4 minutes, with guidance and 4 shifts 15 minutes. The figures take
half a minute per row. --paintings takes two seconds per painting, --copies a minute and one more for each thousand
training pictures.
"""


@unbreakable_output()
def main(arguments: list[str] | None = None) -> int:
    """Print the tables. Returns the exit code: 2 after an error, which is printed, never raised."""
    options = _options(arguments)
    report = Report(silent=options.json)
    try:
        _check_out(options)
        use_threads(options.threads)
        model = core.load_model(options.model)
        photos = _photos([options.data], model.card.resolution)[: options.count]
        if len(photos) < 4:
            raise core.RequestError("Figures need at least 4 photographs.")
        if not options.json:
            print(f"{model.card.name}, {len(photos)} photographs, features of {NAME}")
        _fill(report, Results(model, _with_rules(model.card, options)), photos, options)
    except core.OnestrokeError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return 2
    if options.json:
        print(report.json(model=model.card.name, photographs=len(photos)))
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate",
        description=__doc__,
        epilog=COSTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model")
    parser.add_argument("--data", required=True, help="held-out photographs: a folder or a tar file")
    parser.add_argument("--count", type=int, help="only the first N photographs")
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 2, 4, 8], help="numbers of steps (1 2 4 8)")
    parser.add_argument("--carry-end", type=float, help="end a denoiser's walk at another noise level than the card's")
    parser.add_argument("--guidance", type=float, help="instead of the card's; 0 for none")
    parser.add_argument("--shifts", type=int, help="instead of the card's; 1 for none")
    parser.add_argument("--side", type=int, help="measure distances at this side, so that models of two sizes compare")
    parser.add_argument(
        "--paintings", help="a folder of PNG files: how far 8x8 block means move in CIELAB when they are painted over"
    )
    parser.add_argument(
        "--copies",
        nargs="+",
        metavar="DATA",
        help="training pictures: the share of the last pictures from noise that are nearer to one of them than 99 of"
        " 100 held-out photographs are",
    )
    parser.add_argument("--out", help="with --copies: a PNG file for 16 pictures and what is nearest to them")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--json", action="store_true", help="one JSON object, with SWD by level, instead of tables")
    options = parser.parse_args(arguments)
    if bool(options.copies) != bool(options.out):
        parser.error("--copies and --out need each other")
    if options.side is not None and options.side < SMALLEST:
        parser.error(f"--side takes {SMALLEST} or more")
    if options.out and not Path(options.out).absolute().parent.is_dir():
        parser.error(f"there is no folder for {options.out}")
    return options


def _check_out(options: argparse.Namespace) -> None:
    """Raises RequestError if the picture of the copies would take the place of something that is given."""
    given = [options.model, options.data, options.paintings, *(options.copies or [])]
    if options.out and overwritten([Path(options.out)], [Path(name) for name in given if name]):
        raise core.RequestError(f"The picture would overwrite {options.out}, which is given: choose another --out.")


def _fill(report: Report, results: Results, photos: np.ndarray, options: argparse.Namespace) -> None:
    """All tables that the options request. The files that they name are read first, so a wrong path costs no time."""
    resolution = results.card.resolution
    paintings = _paintings(options.paintings, resolution) if options.paintings else None
    training = _photos(options.copies, resolution) if options.copies else None
    features, side = ImageNetFeatures(), options.side or resolution
    comparison = Comparison(photos, features, side)
    tables.over_strokes(report, results, comparison, photos, options.steps)
    samples = tables.from_noise(report, results, comparison, photos, options.steps)
    tables.yardsticks(report, comparison, photos, features, side)
    if paintings is not None:
        tables.over_paintings(report, results, paintings)
    if training is not None:
        core.write_png(options.out, tables.copies(report, samples, photos, training, features))


def _photos(sources: list[str], resolution: int) -> np.ndarray:
    """The pictures [N,R,R,3] uint8 of these folders or tar files."""
    pixels = load_pictures(".", tuple(Source(source) for source in sources), (), resolution).pixels
    return pixels.permute(0, 2, 3, 1).contiguous().numpy()


def _paintings(folder: str, resolution: int) -> np.ndarray:
    """The PNG files of a folder, [K,R,R,3] uint8. Raises RequestError for a folder without any."""
    paths = sorted(Path(folder).glob("*.png"))
    if not paths:
        raise core.RequestError(f"There are no PNG files in {folder}.")
    return np.concatenate([core.to_uint8(core.to_model(core.read_image(path), resolution)) for path in paths])


def _with_rules(card: core.ModelCard, options: argparse.Namespace) -> core.ModelCard:
    """The card, with the options in place of its own sampling rules where they are given."""
    rules = card.sampling
    guidance = rules.guidance if options.guidance is None else options.guidance
    shifts, carry_end = options.shifts or rules.shifts, options.carry_end or rules.carry_end
    return replace(card, sampling=replace(rules, guidance=guidance, shifts=shifts, carry_end=carry_end))


if __name__ == "__main__":
    sys.exit(main())
