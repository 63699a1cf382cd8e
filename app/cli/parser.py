"""The options of the command line, made of the descriptions of the edits (app/edits/registry.py)."""

import argparse
from collections.abc import Callable
from typing import Any

from app.cli.storage import location
from app.counts import count
from app.edits.registry import EDITS
from app.edits.spec import SEED, STEP_COUNT, EditSpec, Field
from app.models import COMPILE_HELP, DEFAULT_MODEL, MODEL_HELP

PROGRAM = "python -m app.cli"
TYPES: dict[str, Callable[[str], Any]] = {
    "whole": int, "number": float, "word": str, "seed": int, "box": int, "text": str, "file": location,
}  # fmt: skip
ENDS = ("picture_a", "picture_b")  # the fields that two positional arguments give
ENGINE_HELP = "where a folder is edited: here, or in a Ray cluster, told in the order in which files are done (here)"
ADDRESS_HELP = "of the Ray cluster: HOST:PORT, auto, or local for one of this command's own, which ends with it (local)"
FLAGS = {"picture": "of"}  # fields whose option has another name


def build_parser(program: str = PROGRAM) -> argparse.ArgumentParser:
    """One command for each edit, with an option for each of its fields. program: how a person starts it."""
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
            "source", type=location, metavar=spec.source.name.upper(), help=f"{spec.source.help}, or a folder of them"
        )
    command.add_argument("-o", "--out", type=location, required=True, help="a PNG file, or a folder")
    for field in spec.takes:
        if field is not spec.source:
            _add_option(command, spec, field)
    for field in (SEED, STEP_COUNT):  # so that one line serves every edit, also one that does not depend on them
        if not spec.takes_a(field.name):
            command.add_argument(f"--{field.name}", type=int, default=field.default, help=argparse.SUPPRESS)
    command.add_argument("--model", default=DEFAULT_MODEL, help=MODEL_HELP)
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (auto)")
    command.add_argument("--compile", action="store_true", help=COMPILE_HELP)
    command.add_argument("--json", action="store_true", help="tell each file as a line of JSON")
    if spec.source:
        _add_folder_options(command)


def _add_folder_options(command: argparse.ArgumentParser) -> None:
    """What only matters to a folder."""
    command.add_argument("--resume", action="store_true", help="make what is missing; what is there stays")
    command.add_argument("--threads", type=count, help="of the processor, for each evaluation (all of its cores)")
    command.add_argument("--engine", choices=("here", "ray"), default="here", help=ENGINE_HELP)
    command.add_argument("--address", default="local", help=ADDRESS_HELP)
    command.add_argument("--workers", type=count, help="that hold the model, with ray (as many as find room)")


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
        flag = f"--{FLAGS.get(field.name, field.name)}"
        choices = field.choices or field.words or None
        command.add_argument(flag, dest=field.name, type=kind, default=default, choices=choices, help=about)
