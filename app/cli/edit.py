"""Edits files with a model, in batches of neighbours, and reports each file.

Files are taken in blocks of neighbours, and no batch reaches from one block into the next. So which files are evaluated
together depends on their order alone: not on which were made before, nor by whom. In a batch the kernels add in another
order, and only so a block that is made again, or on another machine, gives the same bytes.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Any

from tqdm import tqdm

import core
from app.cli.material import request_of
from app.cli.output import write
from app.cli.plan import Task
from app.edits.base import Edit
from app.edits.group import MAX_BATCH, BatchRequest, fits_batch
from app.edits.registry import EDITS
from app.edits.requests import evaluations_of
from app.edits.results import Finished

BLOCK = MAX_BATCH  # files

Report = dict[str, Any]  # of one file, as --json prints it


def blocks_of(tasks: Sequence[Task]) -> list[tuple[Task, ...]]:
    """All tasks of a folder, BLOCK neighbours at a time."""
    return [tuple(tasks[first : first + BLOCK]) for first in range(0, len(tasks), BLOCK)]


def edit_files(
    model: core.Model, options: argparse.Namespace, tasks: Sequence[Task], bar: tqdm
) -> Iterator[tuple[Task, Report]]:
    """Makes the file of each task and yields its report. Neighbours in a block are one batch where they can be.

    A file that cannot be read, edited or written gives a report with "error" and does not stop the others. Errors that
    are known already come first. Of what is there already nothing is written or told.
    """
    for task in tasks:
        if task.error and not task.there:
            yield task, report_of(options, task, {"error": task.error})
    for block in blocks_of(tasks):
        for task, report in _edit_block(model, options, [task for task in block if not task.error], bar):
            yield task, report_of(options, task, report)


def report_of(options: argparse.Namespace, task: Task, report: Report) -> Report:
    """The report with the edit and its file in front."""
    return {"task": options.task, "input": str(task.source) if task.source else None} | report


def _edit_block(
    model: core.Model, options: argparse.Namespace, block: Sequence[Task], bar: tqdm
) -> Iterator[tuple[Task, Report]]:
    if all(task.there for task in block):
        return
    for batch, requests in _batches(model, options, block):
        if isinstance(requests, str):
            reports: Iterator[Report] = ({"error": requests} for _ in batch)
        elif all(task.there for task in batch):
            continue
        else:
            reports = _edit_batch(model, batch, requests, bar)
        for task, report in zip(batch, reports, strict=True):
            if not task.there:
                yield task, report


def _batches(
    model: core.Model, options: argparse.Namespace, block: Sequence[Task]
) -> Iterator[tuple[list[Task], list[Edit] | str]]:
    """Tasks that can be one batch, with their requests; or one task whose request fails, with the error message.

    Such a task parts no batch: where it is known before that it fails, it is not in the block at all.
    """
    batch: list[Task] = []
    requests: list[Edit] = []
    for task in block:
        try:
            request = request_of(model, options, task)
        except core.OnestrokeError as error:
            yield [task], str(error)
            continue
        if batch and not (EDITS[options.task].several and fits_batch(requests, request)):
            yield batch, requests
            batch, requests = [], []
        batch.append(task)
        requests.append(request)
    if batch:
        yield batch, requests


def _edit_batch(model: core.Model, batch: Sequence[Task], requests: Sequence[Edit], bar: tqdm) -> Iterator[Report]:
    """The report of each task. ms and model_ms are what the batch has taken so far, divided by its tasks.

    What is there already is made with the others, so that they are what they would be, and not written.
    """
    began = time.perf_counter()
    try:
        finished, model_ms = _evaluate(model, requests, bar)
    except core.OnestrokeError as error:
        yield from ({"error": str(error)} for _ in batch)
        return
    for index, (task, request) in enumerate(zip(batch, requests, strict=True)):
        results = finished.results if len(batch) == 1 else finished.results[index : index + 1]
        try:
            if not task.there:
                write(results, finished.animation, task.outputs)
        except OSError as error:
            yield {"error": f"{error.filename} cannot be written: {error.strerror}." if error.filename else str(error)}
            continue
        facts = request.facts | finished.facts
        yield {
            "outputs": [str(path) for path in task.outputs],
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
