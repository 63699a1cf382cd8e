"""Makes the files of a command, here or in a cluster, and reports each file as it is done."""

import argparse
import json
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

import core
from app.cli.edit import Report
from app.cli.engines import edit_here, edit_in_cluster
from app.cli.plan import Task, UsageError, given_files
from app.cli.resume import resumed
from app.cli.storage import Location, RemotePath
from app.cluster.connect import check_installed
from app.models import model_path
from core.console import alone_on_terminal, unbreakable_output
from core.files import overwritten


@unbreakable_output()
def run(options: argparse.Namespace, tasks: Sequence[Task]) -> int:
    """Make every file and report it. Returns the exit code."""
    path = model_path(options.model)
    lost = _overwritten((output for task in tasks for output in task.outputs), [path, *given_files(options)])
    if lost is not None:
        print(f"A result would take the place of {lost}, which is given. Give another name with -o.", file=sys.stderr)
        return 2
    in_cluster = len(tasks) > 1 and options.engine == "ray"
    try:
        if in_cluster:
            check_installed()
        if getattr(options, "resume", False):
            tasks = resumed(options, path, tasks)
    except (core.RequestError, UsageError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        if in_cluster:
            with alone_on_terminal() as (told, errors):
                return _made(options, partial(edit_in_cluster, options, path, tasks), tasks, told, errors)
        return _made(options, partial(edit_here, options, path, tasks), tasks, sys.stdout, sys.stderr)
    except core.OnestrokeError as error:
        print(error, file=sys.stderr)
        return 1


def _made(
    options: argparse.Namespace,
    edit: Callable[[tqdm], Generator[tuple[Task, Report], None, None]],
    tasks: Sequence[Task],
    told: TextIO,
    errors: TextIO,
) -> int:
    """Edit, and print the reports as they come. Returns the exit code."""
    left, failed = sum(not task.there for task in tasks), 0
    with tqdm(total=left, unit="file", disable=None, leave=False, file=errors) as bar, closing(edit(bar)) as reports:
        for task, report in reports:
            failed += "error" in report
            _print_report(options, task, report, told, errors)
            bar.update()
    return 1 if failed else 0


def _overwritten(outputs: Iterable[Location], inputs: Iterable[Location]) -> Location | None:
    """The first output that would take the place of an input; None if none would."""
    results, given = list(outputs), list(inputs)
    far = {place for place in given if isinstance(place, RemotePath)}
    near = ([place for place in places if isinstance(place, Path)] for places in (results, given))
    return next((place for place in results if place in far), None) or overwritten(*near)


def _print_report(options: argparse.Namespace, task: Task, report: Report, told: TextIO, errors: TextIO) -> None:
    if options.json:
        print(json.dumps(report), file=told, flush=True)
    elif "error" in report:
        print(f"{task.source or options.task}: {report['error']}", file=errors)
    else:
        if "note" in report:
            print(f"{task.source or options.task}: {report['note']}", file=errors)
        print(*report["outputs"], sep="\n", file=told, flush=True)
