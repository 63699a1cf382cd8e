"""`python -m app.cli TASK ...`: every edit without the page, for one file or a folder of them.

Exit codes: 0 all done, 1 something could not be done (a sentence for each on stderr), 2 wrong arguments, 130 stopped.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.models import DEFAULT_MODEL, MODEL_HELP, model_path

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm")
DEFAULT_STEPS = {"paint": 1, "denoise": 1}
STEPS = 4
PAINT_SIDE = 512  # pixels of a painting; larger ones are made smaller, which the model does not see


class UsageError(Exception):
    """Arguments that do not go together, in a sentence."""


@dataclass(frozen=True)
class Task:
    """One file to make: what it is made from, and where it goes."""

    source: Path | None
    target: Path
    mask: Path | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code. Nothing heavy is imported before the arguments are understood."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        tasks = [*plan(options)]
    except UsageError as error:
        print(f"{parser.prog} {options.task}: {error}", file=sys.stderr)
        return 2
    try:
        return run(options, tasks)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def build_parser() -> argparse.ArgumentParser:
    """One command for each task; what all of them take comes after the task's own."""
    parser = argparse.ArgumentParser("python -m app.cli", description="Onestroke's edits, for files and folders.")
    commands = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    paint = _command(
        commands, "paint", "a picture from strokes", "a picture of strokes, or a folder of them", "STROKES"
    )
    paint.add_argument("--strength", type=float, default=0.5, help="0 follows the strokes, 1 surprises (0.5)")
    inpaint = _command(commands, "inpaint", "fill what a mask marks", "a photo, or a folder of them", "PHOTO")
    inpaint.add_argument("mask", type=Path, nargs="?", metavar="MASK", help="white is filled; a folder: masks by name")
    inpaint.add_argument("--strokes", type=Path, help="strokes on transparency, painted inside the mask")
    inpaint.add_argument("--extend", type=int, nargs=4, metavar=("LEFT", "TOP", "RIGHT", "BOTTOM"), help="in pixels")
    inpaint.add_argument("--grow", type=int, default=0, help="pixels that the mask grows by; negative shrinks it (0)")
    inpaint.add_argument("--feather", type=float, help="pixels over which the result fades in (one of the model's)")
    inpaint.add_argument("--strength", type=float, default=0.5, help="of strokes: 0 follows them, 1 surprises (0.5)")
    colorize = _command(commands, "colorize", "colour a grey photo", "a photo, or a folder of them", "PHOTO")
    colorize.add_argument("--dabs", type=Path, help="dabs of colour on transparency, over the whole photo")
    larger = _command(commands, "super-resolve", "a small picture, larger", "a picture, or a folder of them", "PHOTO")
    larger.add_argument(
        "--factor", type=int, choices=(2, 4, 8), help="how many times larger (as the input's size asks)"
    )
    denoise = _command(commands, "denoise", "take the noise out", "a noisy picture, or a folder of them", "PHOTO")
    denoise.add_argument("--sigma", type=float, help="level of the noise, black to white being 2 (estimated)")
    between = _command(commands, "interpolate", "from one picture or seed to another")
    between.add_argument("pictures", type=Path, nargs="*", metavar="PICTURE", help="two: the first and the last")
    between.add_argument(
        "--seeds", type=int, nargs=2, metavar=("A", "B"), help="instead of pictures, or of their noise"
    )
    between.add_argument("--frames", type=int, default=9, help="2 to 32 (9)")
    between.add_argument("--amount", type=float, default=0.3, help="of noise over pictures: 0 little, 1 much (0.3)")
    generate = _command(commands, "generate", "pictures from seeds alone")
    generate.add_argument("--count", type=int, default=4, help="how many, with the seeds from --seed on (4)")
    generate.add_argument("--of", type=Path, metavar="PICTURE", help="variations of this picture")
    generate.add_argument("--amount", type=float, default=0.5, help="how far variations go: 0 near, 1 far (0.5)")
    for command in (inpaint, colorize, larger, denoise):
        command.add_argument(
            "--square", type=int, nargs=3, metavar=("X", "Y", "SIDE"), help="where on the photo to work"
        )
    return parser


def _command(commands, name: str, does: str, source: str | None = None, metavar: str = "") -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=does, description=f"{does.capitalize()}.")
    if source:
        command.add_argument("source", type=Path, metavar=metavar, help=source)
    command.add_argument("-o", "--out", type=Path, required=True, help="a PNG file, or a folder")
    if name != "interpolate":
        command.add_argument("--seed", type=int, default=0, help="the same seed gives the same picture (0)")
    command.add_argument("--steps", type=int, default=DEFAULT_STEPS.get(name, STEPS), help="noise levels")
    if name != "paint":
        command.add_argument("--schedule", choices=("default", "paper"), default="default", help="the paper's takes 40")
    command.add_argument("--model", default=DEFAULT_MODEL, help=MODEL_HELP)
    command.add_argument("--look", help="one of the model's looks (the first)")
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (auto)")
    command.add_argument("--json", action="store_true", help="tell each file as a line of JSON")
    return command


def plan(options: argparse.Namespace) -> Iterator[Task]:
    """The files to make. Raises UsageError before anything is made."""
    if options.task == "inpaint" and not (options.mask or options.strokes or options.extend):
        raise UsageError("give a MASK, --strokes or --extend: they say what is to be filled.")
    if options.task == "interpolate":
        _check_ends(options)
    if not hasattr(options, "source"):
        yield Task(None, options.out)
        return
    if not options.source.exists():
        raise UsageError(f"there is no {options.source}.")
    if options.source.is_dir():
        yield from _plan_folder(options)
        return
    target = _target(options.source, options.out)
    if target.exists() and target.samefile(options.source):
        raise UsageError("the result would take the place of its original. Give another name with -o.")
    yield Task(options.source, target, _mask_for(options, options.source))


def _check_ends(options: argparse.Namespace) -> None:
    if len(options.pictures) not in (0, 2) or not (options.pictures or options.seeds):
        raise UsageError("give two pictures, or --seeds A B.")
    for picture in options.pictures:
        if not picture.is_file():
            raise UsageError(f"there is no {picture}.")
        if options.out.exists() and options.out.samefile(picture):
            raise UsageError("the result would take the place of a picture. Give another name with -o.")


def _plan_folder(options: argparse.Namespace) -> Iterator[Task]:
    files = sorted(path for path in options.source.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not files:
        raise UsageError(f"there are no pictures in {options.source}.")
    if options.out.is_file():
        raise UsageError(f"{options.out} is a file; the results of a folder need a folder.")
    if options.out.is_dir() and options.out.samefile(options.source):
        raise UsageError("the results would mix with their originals. Give another folder with -o.")
    stems = [path.stem for path in files]
    for path in files:
        name = path.stem if stems.count(path.stem) == 1 else path.name.replace(".", "-")
        yield Task(path, options.out / f"{name}.png", _mask_for(options, path))


def _target(source: Path, out: Path) -> Path:
    if out.is_dir() or not out.suffix:
        return out / f"{source.stem}.png"
    if out.suffix.lower() != ".png":
        raise UsageError(f"results are PNG files: {out.with_suffix('.png')}, or a folder.")
    return out


def _mask_for(options: argparse.Namespace, source: Path) -> Path | None:
    mask = getattr(options, "mask", None)
    if mask is None or not mask.is_dir():
        return mask
    found = sorted(path for path in mask.iterdir() if path.stem == source.stem and path.suffix.lower() in SUFFIXES)
    return found[0] if found else mask / f"{source.stem}.png"  # which does not exist: told for this file alone


def run(options: argparse.Namespace, tasks: Sequence[Task]) -> int:
    """Load the model, make every file. Returns the exit code."""
    from tqdm import tqdm

    import core
    from core.runtime import use_threads

    try:
        use_threads()
        model = core.load_model(model_path(options.model), device=options.device)
    except core.OnestrokeError as error:
        print(error, file=sys.stderr)
        return 1
    failed = 0
    with tqdm(total=len(tasks), unit="file", disable=None, leave=False) as bar:
        for task in tasks:
            told = make(model, options, task, bar)
            failed += "error" in told
            if options.json:
                print(json.dumps(told), flush=True)
            elif "error" in told:
                print(f"{task.source or options.task}: {told['error']}", file=sys.stderr)
            else:
                print(*told["outputs"], sep="\n", flush=True)
            bar.update()
    return 1 if failed else 0


def make(model, options: argparse.Namespace, task: Task, bar) -> dict[str, Any]:
    """One task, told as what --json prints: its files and figures, or the error. Writes files whole or not at all."""
    import core
    from app.edits.registry import work

    began, model_ms = time.perf_counter(), 0.0
    about = {"task": options.task, "input": str(task.source) if task.source else None}
    try:
        request = request_of(model, options, task)
        step = 0
        for evaluation in work(model, request):
            model_ms += evaluation.model_ms
            step += bool(evaluation.pictures)  # it may also pause
            bar.set_postfix_str(f"step {step} of {request.evaluations}")
        finished = evaluation.finish and evaluation.finish()
    except core.OnestrokeError as error:
        return about | {"error": str(error)}
    try:
        outputs = write(evaluation.pictures, finished, options, task)
    except OSError as error:
        return about | {"error": f"{error.filename or task.target} cannot be written: {error.strerror}."}
    figures = {"ms": round(1000 * (time.perf_counter() - began), 1), "model_ms": round(model_ms, 1)}
    facts = finished.facts if finished else {}
    return about | {
        "outputs": [str(path) for path in outputs],
        "seeds": list(request.seeds),
        "steps": request.evaluations,
        **{key: value for key, value in facts.items() if not isinstance(value, bytes)},
        **figures,
    }


def request_of(model, options: argparse.Namespace, task: Task):
    """The request for one file. Raises OnestrokeError."""
    from app.edits.requests import Material, edit_request, read_photo

    if options.task == "paint":
        return _paint_request(model, options, task)
    source = getattr(options, "of", None) or task.source
    layer = getattr(options, "strokes", None) or getattr(options, "dabs", None)
    material = Material(
        photo=read_photo(source) if source else None,
        mask=task.mask,
        layer=layer,
        square=getattr(options, "square", None),
        frame=getattr(options, "extend", None),
        ends=tuple(path.read_bytes() for path in getattr(options, "pictures", [])) or (None, None),
    )
    first, second = (options.seeds or (0, 1)) if options.task == "interpolate" else (options.seed, None)
    settings = {"look": options.look, "steps": options.steps, "seed": first, "schedule": options.schedule}
    names = ("grow", "feather", "strength", "factor", "sigma", "frames", "count", "amount")
    extra = {name: getattr(options, name) for name in names if hasattr(options, name)} | {"seed_b": second}
    return edit_request(options.task, material, settings=settings, extra=extra, card=model.card)


def _paint_request(model, options: argparse.Namespace, task: Task):
    import core
    from app.edits.inputs import read_look, read_seed, read_steps, read_strength
    from app.edits.paint import PaintRequest

    strokes = core.read_image(task.source)
    if max(strokes.size) > PAINT_SIDE:
        strokes = core.to_uint8(core.to_model(strokes, resolution=PAINT_SIDE))[0]
    return PaintRequest(
        strokes=core.png_bytes(core.to_uint8(core.to_model(strokes))[0]),
        strength=read_strength(options.strength),
        seeds=(read_seed(options.seed),),
        steps=read_steps(options.steps),
        look=read_look(options.look, model.card.classes),
    )


def write(pictures, finished, options: argparse.Namespace, task: Task) -> list[Path]:
    """The files of a finished task. Raises OSError."""
    from core.images import write_whole

    if options.task == "paint":
        _folder_for(task.target)
        return [write_whole(task.target, pictures[0].png)]
    if options.task == "interpolate":
        return _write_frames(finished, options.out)
    if options.task == "generate":
        options.out.mkdir(parents=True, exist_ok=True)
        return [write_whole(options.out / f"{r.seed}.png", r.png()) for r in finished.results]
    _folder_for(task.target)
    return [write_whole(task.target, finished.results[0].png())]


def _write_frames(finished, out: Path) -> list[Path]:
    """OUT.webp: the animation; OUT.png: the frames side by side; a folder: each frame, and the animation."""
    import numpy as np

    from core.images import png_bytes, write_whole

    if out.suffix.lower() == ".webp":
        _folder_for(out)
        return [write_whole(out, finished.animation)]
    if out.suffix.lower() == ".png":
        _folder_for(out)
        return [write_whole(out, png_bytes(np.concatenate([r.pixels for r in finished.results], axis=1)))]
    out.mkdir(parents=True, exist_ok=True)
    frames = [write_whole(out / f"{k:02d}.png", r.png()) for k, r in enumerate(finished.results, 1)]
    return [*frames, write_whole(out / "animation.webp", finished.animation)]


def _folder_for(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    sys.exit(main())
