"""Which files a command reads and writes. Everything that can be found wrong with the paths is found here."""

import argparse
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.cli.masks import Masks
from app.cli.storage import Location
from app.edits.registry import EDITS
from app.edits.spec import MAX_SEED

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm")
FILE_SUFFIXES = (*SUFFIXES, ".apng", ".avif", ".heic", ".mp4", ".webm", ".zip")  # -o with one of them means a file


class UsageError(Exception):
    """Arguments that cannot be used together. The message is a sentence."""


@dataclass(frozen=True)
class Task:
    """One input file (None for an edit without one), the files that are written of it, and its mask if it has one.

    error: why this file cannot be edited, as a sentence; empty if nothing is known. there: what is written of it is
    there already, and stays.
    """

    source: Location | None
    outputs: tuple[Location, ...]
    mask: Location | None = None
    error: str = ""
    there: bool = False


def plan(options: argparse.Namespace) -> Iterator[Task]:
    """The files to make. Raises UsageError for paths and options that cannot be used together."""
    if options.task == "inpaint" and not (options.mask or options.strokes or options.extend):
        raise UsageError("give a MASK, --strokes or --extend: they say what is to be filled.")
    if options.task == "interpolate":
        _check_ends(options)
    if not hasattr(options, "source"):
        yield Task(None, _outputs_of_many(options))
        return
    if not options.source.exists():
        raise UsageError(f"there is no {options.source}.")
    if options.source.is_dir():
        yield from _plan_folder(options)
    else:
        mask, error = Masks.of(options, SUFFIXES).mask_for(options.source)
        yield Task(options.source, (_target(options.source, options.out),), mask, error)


def given_files(options: argparse.Namespace) -> list[Location]:
    """Every file that the command line names, or that lies in a folder that it names. Some may not be there."""
    values = vars(options)
    named = [values.get("source"), *values.get("pictures", [])]
    named += [values.get(field.name) for field in EDITS[options.task].files]
    paths = [path for path in named if path is not None]
    return [file for path in paths for file in (path.iterdir() if path.is_dir() else [path])]


def _check_ends(options: argparse.Namespace) -> None:
    if len(options.pictures) not in (0, 2) or not (options.pictures or options.seeds):
        raise UsageError("give two pictures, or --seeds A B.")
    for picture in options.pictures:
        if not picture.is_file():
            raise UsageError(f"there is no {picture}.")


def _outputs_of_many(options: argparse.Namespace) -> tuple[Location, ...]:
    """The files of an edit that makes several pictures: a file where one holds them all, else files in a folder."""
    spec, out = EDITS[options.task], options.out
    if not out.is_dir() and out.suffix.lower() in _files_for_all(options):
        return (out,)
    if spec.animated:
        _check_folder(out, "frames are written into a folder, or into one PNG or WebP file")
        frames = min(options.frames, int(spec["frames"].high))  # more are refused later
        return *(out / f"{k:02d}.png" for k in range(1, frames + 1)), out / "animation.webp"
    _check_folder(out, "several pictures need a folder, one (--count 1) is a PNG file")
    count = min(options.count, int(spec["count"].high))
    return tuple(out / f"{(options.seed + k) % (MAX_SEED + 1)}.png" for k in range(count))


def _files_for_all(options: argparse.Namespace) -> tuple[str, ...]:
    """The suffixes of a file that can hold everything that an edit makes."""
    if EDITS[options.task].animated:
        return ".png", ".webp"
    return (".png",) if options.count == 1 else ()


def _check_folder(out: Location, needed: str) -> None:
    """Raises UsageError for a path that is a file, or has the name of one: no folder is made of it."""
    if out.is_file() or (not out.is_dir() and out.suffix.lower() in FILE_SUFFIXES):
        raise UsageError(f"{out} is the name of a file: {needed}.")


def _plan_folder(options: argparse.Namespace) -> Iterator[Task]:
    files = sorted(path for path in options.source.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not files:
        raise UsageError(f"there are no pictures in {options.source}.")
    _check_folder(options.out, "the results of a folder need a folder")
    if type(options.out) is type(options.source) and options.out.is_dir() and options.out.samefile(options.source):
        raise UsageError("the results would mix with their originals. Give another folder with -o.")
    masks = Masks.of(options, SUFFIXES)
    for path, name in zip(files, output_names(files)):
        mask, error = masks.mask_for(path)
        yield Task(path, (options.out / f"{name}.png",), mask, error)


def output_names(files: Sequence[Location]) -> list[str]:
    """A name for the result of each file, without a suffix: its stem where no other file has it.

    No two names are equal, nor differ only in upper and lower case, which some file systems take for equal.
    """
    stems = Counter(_folded(path.stem) for path in files)
    taken = {stem for stem, count in stems.items() if count == 1}
    return [path.stem if stems[_folded(path.stem)] == 1 else _free(path, taken) for path in files]


def _free(path: Location, taken: set[str]) -> str:
    """A name that is not taken, made of the whole name of the file. It is taken then."""
    name = whole = path.name.replace(".", "-")
    number = 1
    while _folded(name) in taken:
        number += 1
        name = f"{whole}-{number}"
    taken.add(_folded(name))
    return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _target(source: Location, out: Location) -> Location:
    if out.is_dir() or not out.suffix:
        return out / f"{source.stem}.png"
    if out.suffix.lower() != ".png":
        raise UsageError(f"results are PNG files: {out.with_suffix('.png')}, or a folder.")
    return out
