"""`python -m benchmarks.enlarging --data FOLDER_OR_TAR`: the model's super-resolution beside filters, on photographs.

Each photograph's central square is brought to every size of `--sizes`, reduced by area means and enlarged again: by
Lanczos and by a cubic filter as Pillow has them, as the page enlarges its previews (Lanczos on unsoftened pixels), by
what super-resolution starts from, and by the model in tiles. Photographs below a size are left out of it.

Distance: as in docs/editing.md, on pieces of the model's side, so that figures of different sizes can be compared.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

import core
from app.edits.material import Material
from app.edits.previews import enlarged
from app.edits.requests import edit_request, evaluations_of
from app.models import DEFAULT_MODEL, model_path
from benchmarks.timing import print_table
from core.block_means import round_keeping_means
from core.first_guess import enlarged as first_guess
from core.runtime import use_threads
from training.config import Source
from training.data.memory import load_pictures
from training.metrics.features import ImageNetFeatures

Enlarge = Callable[[np.ndarray, int], np.ndarray]  # ([h,w,3] uint8, factor) -> [FH,FW,3] uint8


def by_filter(method: Image.Resampling) -> Enlarge:
    """Pillow's enlargement."""
    return lambda small, factor: np.asarray(
        Image.fromarray(small).resize((small.shape[1] * factor, small.shape[0] * factor), method)
    )


def by_first_guess(small: np.ndarray, factor: int) -> np.ndarray:
    """What super-resolution starts from: a cubic enlargement with exact block means."""
    return round_keeping_means(first_guess(core.SuperResolve(core.to_model(small), factor)), small, factor)


def by_model(model: core.Model, small: np.ndarray, factor: int) -> np.ndarray:
    """The edit, with its usual number of steps and seed 0."""
    settings = {"look": None, "steps": 1, "seed": 0, "schedule": "default"}
    request = edit_request(
        "super-resolve", Material(photo=small), settings=settings, extra={"factor": factor}, card=model.card
    )
    *_, last = evaluations_of(model, request)
    assert last.finish is not None
    return last.finish().results[0].pixels


def photographs(path: str, size: int, count: int | None) -> list[np.ndarray]:
    """Central squares [size,size,3] uint8, in the order of their names, of the pictures that are large enough."""
    if Path(path).is_dir():
        pictures = [np.asarray(core.read_image(file)) for file in sorted(Path(path).iterdir())]
    else:
        pictures = [pixels.permute(1, 2, 0).numpy() for pixels in load_pictures(".", (Source(path),), (), size).pixels]
    large = [picture for picture in pictures if min(picture.shape[:2]) >= size]
    return [core.to_uint8(core.to_model(picture, size))[0] for picture in large[:count]]


def pieces(picture: np.ndarray, side: int) -> np.ndarray:
    """[N,side,side,3]: a square picture cut up."""
    n = len(picture) // side
    return picture.reshape(n, side, n, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)


def rows(ways: dict[str, Enlarge], originals: list[np.ndarray], factor: int, side: int) -> Iterator[list]:
    """For each way its name, mean distance and PSNR in dB. side: of the pieces that distances are measured on."""
    features = ImageNetFeatures()
    smalls = [core.to_uint8(core.to_model(each, len(each) // factor))[0] for each in originals]
    for name, enlarge in ways.items():
        large = [enlarge(small, factor) for small in smalls]
        pairs = [(pieces(a, side), pieces(b, side)) for a, b in zip(large, originals, strict=True)]
        distance = np.mean([features.distances(a, b).mean() for a, b in pairs])
        errors = [np.square((a.astype(float) - b) / 255).mean() for a, b in zip(large, originals, strict=True)]
        yield [name, f"{distance:.4f}", f"{-10 * np.log10(np.mean(errors)):.2f}"]


def main() -> None:
    """Measure and print a row for each size, factor and way."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.enlarging", description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--data", required=True, help="photographs: a folder of pictures, or a tar")
    parser.add_argument("--sizes", type=int, nargs="+", default=[128, 256, 512], help="of the originals, in pixels")
    parser.add_argument("--factors", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--count", type=int, help="only the first N photographs of each size")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    use_threads(options.threads)
    model = core.load_model(model_path(options.model))
    ways: dict[str, Enlarge] = {
        "Lanczos": by_filter(Image.Resampling.LANCZOS),
        "cubic": by_filter(Image.Resampling.BICUBIC),
        "Lanczos, unsoftened": lambda small, factor: enlarged(small, factor),
        "the first guess": by_first_guess,
        "the model": lambda small, factor: by_model(model, small, factor),
    }
    table = []
    for size in options.sizes:
        originals = photographs(options.data, size, options.count)
        for factor in options.factors if originals else ():
            head = [f"{size // factor} to {size}", len(originals)]
            table += [head + row for row in rows(ways, originals, factor, model.card.resolution)]
    print_table(["pixels", "photographs", "by", "distance", "PSNR, dB"], table)


if __name__ == "__main__":
    main()
