"""Loads the model, edits the files in batches, and reports each file as it is done."""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from tqdm import tqdm

import core
from app.cli.check import checked
from app.cli.material import request_of
from app.cli.output import write
from app.cli.plan import Task, given_files
from app.edits.base import Edit
from app.edits.group import BatchRequest, fits_batch
from app.edits.registry import EDITS
from app.edits.requests import evaluations_of
from app.edits.results import Finished
from app.models import model_path
from core.compiled import compile_behind
from core.console import unbreakable_output
from core.files import overwritten
from core.runtime import use_threads

Report = dict[str, Any]  # of one file, as --json prints it


@unbreakable_output()
def run(options: argparse.Namespace, tasks: Sequence[Task]) -> int:
    """Load the model, make every file and report it. Returns the exit code."""
    path = model_path(options.model)
    lost = overwritten((output for task in tasks for output in task.outputs), [path, *given_files(options)])
    if lost is not None:
        print(f"A result would take the place of {lost}, which is given. Give another name with -o.", file=sys.stderr)
        return 2
    tasks = checked(tasks)
    try:
        use_threads()
        model = core.load_model(path, device=options.device)
        if options.compile:
            compile_behind(model.network, partial(print, file=sys.stderr, flush=True))
    except core.OnestrokeError as error:
        print(error, file=sys.stderr)
        return 1
    failed = 0
    with tqdm(total=len(tasks), unit="file", disable=None, leave=False) as bar:
        for task, report in edit_files(model, options, tasks, bar):
            failed += "error" in report
            _print_report(options, task, report)
            bar.update()
    return 1 if failed else 0


def _print_report(options: argparse.Namespace, task: Task, report: Report) -> None:
    if options.json:
        print(json.dumps(report), flush=True)
    elif "error" in report:
        print(f"{task.source or options.task}: {report['error']}", file=sys.stderr)
    else:
        if "note" in report:
            print(f"{task.source or options.task}: {report['note']}", file=sys.stderr)
        print(*report["outputs"], sep="\n", flush=True)


def edit_files(
    model: core.Model, options: argparse.Namespace, tasks: Sequence[Task], bar: tqdm
) -> Iterator[tuple[Task, Report]]:
    """Makes the file of each task, in order, and yields its report. Neighbouring tasks are one batch where they can be.

    A file that cannot be read, edited or written gives a report with "error" and does not stop the others.
    """
    for batch, requests in _batches(model, options, tasks):
        if isinstance(requests, str):
            reports: Iterable[Report] = [{"error": requests} for _ in batch]
        else:
            reports = _edit_batch(model, batch, requests, bar)
        for task, report in zip(batch, reports, strict=True):
            yield task, {"task": options.task, "input": str(task.source) if task.source else None} | report


def _batches(
    model: core.Model, options: argparse.Namespace, tasks: Sequence[Task]
) -> Iterator[tuple[list[Task], list[Edit] | str]]:
    """Tasks that can be one batch, with their requests; or one task whose request fails, with the error message."""
    batch: list[Task] = []
    requests: list[Edit] = []
    for task in tasks:
        request = _request_or_error(model, options, task)
        full = isinstance(request, str) or not (EDITS[options.task].several and fits_batch(requests, request))
        if batch and full:
            yield batch, requests
            batch, requests = [], []
        if isinstance(request, str):
            yield [task], request
        else:
            batch.append(task)
            requests.append(request)
    if batch:
        yield batch, requests


def _request_or_error(model: core.Model, options: argparse.Namespace, task: Task) -> Edit | str:
    try:
        return task.error or request_of(model, options, task)
    except core.OnestrokeError as error:
        return str(error)


def _edit_batch(model: core.Model, batch: Sequence[Task], requests: Sequence[Edit], bar: tqdm) -> Iterator[Report]:
    """The report of each task. ms and model_ms are what the batch has taken so far, divided by its tasks."""
    began = time.perf_counter()
    try:
        finished, model_ms = _evaluate(model, requests, bar)
    except core.OnestrokeError as error:
        yield from ({"error": str(error)} for _ in batch)
        return
    for index, (task, request) in enumerate(zip(batch, requests, strict=True)):
        results = finished.results if len(batch) == 1 else finished.results[index : index + 1]
        try:
            outputs = write(results, finished.animation, task.outputs)
        except OSError as error:
            yield {"error": f"{error.filename} cannot be written: {error.strerror}."}
            continue
        facts = request.facts | finished.facts
        yield {
            "outputs": [str(path) for path in outputs],
            "seeds": list(request.seeds),
            "steps": request.evaluations,
            **{key: value for key, value in facts.items() if not isinstance(value, bytes)},
            **({"note": request.note} if request.note else {}),
            "ms": round(1000 * (time.perf_counter() - began) / len(batch), 1),
            "model_ms": round(model_ms / len(batch), 1),
        }


def _evaluate(model: core.Model, requests: Sequence[Edit], bar: tqdm) -> tuple[Finished, float]:
    """The results of the requests as one batch, and the milliseconds that the model took. Raises OnestrokeError."""
    model_ms, step = 0.0, 0
    for evaluation in evaluations_of(model, requests[0] if len(requests) == 1 else BatchRequest(tuple(requests))):
        model_ms += evaluation.model_ms
        step += bool(evaluation.pictures)  # a pause has none
        bar.set_postfix_str(f"step {step} of {requests[0].evaluations}")
    assert evaluation.finish is not None  # the last evaluation has it
    return evaluation.finish(), model_ms
