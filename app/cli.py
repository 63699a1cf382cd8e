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

from app.edits.registry import EDITS
from app.edits.spec import SCHEDULES, SEED, STEP_COUNT, EditSpec, Field
from app.models import DEFAULT_MODEL, MODEL_HELP, model_path

PROGRAM = "python -m app.cli"
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm")
PAINT_SIDE = 512  # pixels of a painting; larger ones are made smaller, which the model does not see
TYPES = {"whole": int, "number": float, "seed": int, "box": int, "text": str, "file": Path}
ENDS = ("picture_a", "picture_b")  # two pictures without a name of an option
FLAGS = {"picture": "of"}  # options of other names than the endpoints' parameters


class UsageError(Exception):
    """Arguments that do not go together, in a sentence."""


@dataclass(frozen=True)
class Task:
    """One file to make: what it is made from, and where it goes."""

    source: Path | None
    target: Path
    mask: Path | None = None


def main(arguments: Sequence[str] | None = None, *, program: str = PROGRAM) -> int:
    """Returns the exit code. Nothing heavy is imported before the arguments are understood.

    program: how a person starts it, for the help.
    """
    parser = build_parser(program)
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


def build_parser(program: str = PROGRAM) -> argparse.ArgumentParser:
    """One command for each edit, with an option for each thing that it takes."""
    parser = argparse.ArgumentParser(program, description="Onestroke's edits, for files and folders.")
    commands = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    for spec in EDITS.values():
        _add_command(commands, spec)
    return parser


def _add_command(commands, spec: EditSpec) -> None:
    does = f"{spec.does[0].upper()}{spec.does[1:]}."
    command = commands.add_parser(spec.name, help=spec.does, description=f"{does} {spec.about}".strip())
    if spec.source:
        command.add_argument(
            "source", type=Path, metavar=spec.source.name.upper(), help=f"{spec.source.help}, or a folder of them"
        )
    command.add_argument("-o", "--out", type=Path, required=True, help="a PNG file, or a folder")
    for field in spec.takes:
        if field is not spec.source:
            _add_option(command, spec, field)
    for field in (SEED, STEP_COUNT):  # so that one line serves every edit, also one that does not depend on them
        if not spec.takes_a(field.name):
            command.add_argument(f"--{field.name}", type=int, default=field.default, help=argparse.SUPPRESS)
    command.add_argument("--model", default=DEFAULT_MODEL, help=MODEL_HELP)
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (auto)")
    command.add_argument("--json", action="store_true", help="tell each file as a line of JSON")


def _add_option(command: argparse.ArgumentParser, spec: EditSpec, field: Field) -> None:
    kind, default = TYPES[field.kind], spec.steps if field.name == "steps" else field.default
    about = field.help if default in (None, "") else f"{field.help} ({default})"
    if field.name == ENDS[0]:
        command.add_argument("pictures", type=kind, nargs="*", metavar="PICTURE", help="two: the first and the last")
    elif field.name == "seed" and spec.takes_a("seed_b"):
        two = "of the first and of the last picture, or of their noise"
        command.add_argument("--seeds", type=kind, nargs=2, metavar=("A", "B"), help=two)
    elif field.name in (ENDS[1], "seed_b"):  # the second of a pair
        return
    elif field.name == "mask":
        command.add_argument("mask", type=kind, nargs="?", metavar="MASK", help=f"{about}; a folder: masks by name")
    elif field.parts:
        names = tuple(part.upper() for part in field.parts)
        command.add_argument(f"--{field.name}", type=kind, nargs=len(names), metavar=names, help=about)
    else:
        choices = SCHEDULES if field.name == "schedule" else field.choices or None
        flag = f"--{FLAGS.get(field.name, field.name)}"
        command.add_argument(flag, dest=field.name, type=kind, default=default, choices=choices, help=about)


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
        for some, requests in batches(model, options, tasks):
            for task, told in zip(some, make(model, options, some, requests, bar), strict=True):
                failed += "error" in told
                _tell(options, task, told)
                bar.update()
    return 1 if failed else 0


def _tell(options: argparse.Namespace, task: Task, told: dict[str, Any]) -> None:
    if options.json:
        print(json.dumps(told), flush=True)
    elif "error" in told:
        print(f"{task.source or options.task}: {told['error']}", file=sys.stderr)
    else:
        print(*told["outputs"], sep="\n", flush=True)


def batches(model, options: argparse.Namespace, tasks: Sequence[Task]) -> Iterator[tuple[list[Task], list | str]]:
    """Neighbouring tasks that can share every evaluation, with their requests; one that cannot be done, with why."""
    import core
    from app.edits.group import fits

    some: list[Task] = []
    requests: list = []
    for task in tasks:
        try:
            request = request_of(model, options, task)
        except core.OnestrokeError as error:
            if some:
                yield some, requests
            some, requests = [], []
            yield [task], str(error)
            continue
        if some and not (EDITS[options.task].several and fits(requests, request)):
            yield some, requests
            some, requests = [], []
        some.append(task)
        requests.append(request)
    if some:
        yield some, requests


def make(
    model, options: argparse.Namespace, tasks: Sequence[Task], requests: list | str, bar
) -> Iterator[dict[str, Any]]:
    """Tasks that share their evaluations, each told as --json prints it. Writes files whole or not at all.

    ms and model_ms are a task's share of what all of them took.
    """
    import core
    from app.edits.group import Together
    from app.edits.requests import work

    abouts = [{"task": options.task, "input": str(task.source) if task.source else None} for task in tasks]
    if isinstance(requests, str):
        yield from (about | {"error": requests} for about in abouts)
        return
    began, model_ms, step = time.perf_counter(), 0.0, 0
    try:
        for evaluation in work(model, requests[0] if len(requests) == 1 else Together(tuple(requests))):
            model_ms += evaluation.model_ms
            step += bool(evaluation.pictures)  # it may also pause
            bar.set_postfix_str(f"step {step} of {requests[0].evaluations}")
        assert evaluation.finish is not None  # the last one has it
        finished = evaluation.finish()
    except core.OnestrokeError as error:
        yield from (about | {"error": str(error)} for about in abouts)
        return
    for at, (about, task, request) in enumerate(zip(abouts, tasks, requests, strict=True)):
        results = finished.results if len(tasks) == 1 else finished.results[at : at + 1]
        try:
            outputs = write(results, finished.animation, options, task)
        except OSError as error:
            yield about | {"error": f"{error.filename or task.target} cannot be written: {error.strerror}."}
            continue
        facts = request.facts | finished.facts
        yield about | {
            "outputs": [str(path) for path in outputs],
            "seeds": list(request.seeds),
            "steps": request.evaluations,
            **{key: value for key, value in facts.items() if not isinstance(value, bytes)},
            "ms": round(1000 * (time.perf_counter() - began) / len(tasks), 1),
            "model_ms": round(model_ms / len(tasks), 1),
        }


def request_of(model, options: argparse.Namespace, task: Task):
    """The request for one file. Raises OnestrokeError."""
    from app.edits.material import Material
    from app.edits.requests import edit_request

    spec, given = EDITS[options.task], vars(options)
    files = {field.name: given.get(field.name) for field in spec.files} | {"mask": task.mask}
    files |= zip(ENDS, [path.read_bytes() for path in given.get("pictures", [])])
    if spec.source:
        assert task.source is not None
        files[spec.source.name] = task.source if spec.begins_with_photo else _painting(task.source)
    seed, seed_b = given.get("seeds") or (given.get("seed", 0), None)
    steps, schedule = given.get("steps", spec.steps), given.get("schedule")
    return edit_request(
        spec.name,
        Material.of(files, square=given.get("square"), frame=given.get("extend")),
        settings={"look": options.look, "steps": steps, "seed": seed, "schedule": schedule},
        extra=given | {"seed_b": seed_b},
        card=model.card,
    )


def _painting(source: Path) -> bytes:
    """A picture of strokes of any size as a PNG file."""
    import core

    strokes = core.read_image(source)
    if max(strokes.size) > PAINT_SIDE:
        strokes = core.to_uint8(core.to_model(strokes, resolution=PAINT_SIDE))[0]
    return core.png_bytes(core.to_uint8(core.to_model(strokes))[0])


def write(results, animation: bytes | None, options: argparse.Namespace, task: Task) -> list[Path]:
    """The files of a finished task. Raises OSError."""
    from core.files import write_whole

    if animation is not None:
        return _write_frames(results, animation, options.out)
    if task.source is None:
        options.out.mkdir(parents=True, exist_ok=True)
        return [write_whole(options.out / f"{result.seed}.png", result.png()) for result in results]
    _folder_for(task.target)
    return [write_whole(task.target, results[0].png())]


def _write_frames(results, animation: bytes, out: Path) -> list[Path]:
    """OUT.webp: the animation; OUT.png: the frames side by side; a folder: each frame, and the animation."""
    import numpy as np

    from core.files import write_whole
    from core.images import png_bytes

    if out.suffix.lower() == ".webp":
        _folder_for(out)
        return [write_whole(out, animation)]
    if out.suffix.lower() == ".png":
        _folder_for(out)
        return [write_whole(out, png_bytes(np.concatenate([result.pixels for result in results], axis=1)))]
    out.mkdir(parents=True, exist_ok=True)
    frames = [write_whole(out / f"{k:02d}.png", result.png()) for k, result in enumerate(results, 1)]
    return [*frames, write_whole(out / "animation.webp", animation)]


def _folder_for(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    sys.exit(main())
