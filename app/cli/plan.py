"""Which files a command reads and writes. Everything that can be found wrong with the paths is found here."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm")


class UsageError(Exception):
    """Arguments that cannot be used together. The message is a sentence."""


@dataclass(frozen=True)
class Task:
    """One input file (None for an edit without one), where its result is written, and its mask if it has one."""

    source: Path | None
    target: Path
    mask: Path | None = None


def plan(options: argparse.Namespace) -> Iterator[Task]:
    """The files to make. Raises UsageError for paths and options that cannot be used together."""
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
    masks = sorted(path for path in mask.iterdir() if path.stem == source.stem and path.suffix.lower() in SUFFIXES)
    return masks[0] if masks else mask / f"{source.stem}.png"  # it does not exist: reading it fails for this task only
