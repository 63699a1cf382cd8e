"""What an earlier run of a command has made. Files are written whole or not at all, so what is there is finished.

It was made by the same command only if the record inside says so. Otherwise nothing is made: new results would stand
among others, or in the place of something that a person has made.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import core
from app.cli.plan import Task, UsageError
from app.cli.storage import Location
from app.edits.inputs import read_look
from app.edits.record import MAX_TEXT, read_record
from app.edits.registry import EDITS

HEAD = MAX_TEXT + 4096  # bytes of a result, in which its record is
ROUNDED = 0.01  # as a part of a number, by which a record may differ
OTHERWISE = "{} {}. Leave --resume out to make everything again, or give another folder with -o."


def resumed(options: argparse.Namespace, source: Path, tasks: Sequence[Task]) -> list[Task]:
    """The tasks, with `there` for each whose file is there, and a line on stderr that says how many these are.

    source: of the model. Raises UsageError for a file that was made with other settings, or that is no result.
    """
    if len(tasks) > 1:  # one listing, whatever the number of files
        names = {path.name for path in options.out.iterdir()} if options.out.is_dir() else set()
        found = [replace(task, there=task.outputs[0].name in names) for task in tasks]
    else:
        found = [replace(task, there=task.outputs[0].is_file()) for task in tasks]
    there = [task.outputs[0] for task in found if task.there]
    if there:
        wanted = _wanted(options, core.read_card(source))
        for place in there:
            _check(place, wanted)
        print(f"{len(there)} of {len(found)} files are there already.", file=sys.stderr)
    return found


def _wanted(options: argparse.Namespace, card: core.ModelCard) -> dict[str, Any]:
    """What the record of a result says where the command line says it, by its keys in the record."""
    spec, values = EDITS[options.task], vars(options)
    own = {
        field.name: values.get(field.name) for field in (*spec.own, *spec.takes) if field.kind not in ("file", "text")
    }
    wanted = {
        "task": spec.name,
        "model": card.name,
        "seed": options.seed,
        "look": read_look(options.look or None, card.classes),
    }
    if values.get("schedule") == "paper":
        del own["steps"]  # they are ignored
    return {key: value for key, value in (own | wanted).items() if value is not None}


def _check(place: Location, wanted: dict[str, Any]) -> None:
    record = read_record(_head(place))
    if record is None:
        raise UsageError(OTHERWISE.format(place, "is no result of Onestroke"))
    for key, value in wanted.items():
        if not _equal(record.get(key, value), value):
            raise UsageError(OTHERWISE.format(place, f"has {key} {record[key]}, not {value}"))


def _head(place: Location) -> bytes:
    if not isinstance(place, Path):
        return place.read(HEAD)
    with place.open("rb") as file:
        return file.read(HEAD)


def _equal(recorded: Any, value: Any) -> bool:
    if isinstance(value, float) and isinstance(recorded, int | float):
        return math.isclose(recorded, value, rel_tol=ROUNDED)
    return recorded == value
