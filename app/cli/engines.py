"""Who edits the files of a command: this process, or workers in a Ray cluster."""

import argparse
import os
import sys
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path

from tqdm import tqdm

import core
from app.cli.check import checked
from app.cli.edit import Report, blocks_of, edit_files, report_of
from app.cli.plan import Task
from core.compiled import compile_behind
from core.runtime import use_threads

WORKER_ENDED = "It could not be made: the worker that made it ended each time, as when a picture takes all memory."


def edit_here(
    options: argparse.Namespace, source: Path, tasks: Sequence[Task], bar: tqdm
) -> Generator[tuple[Task, Report], None, None]:
    """Yields the report of each task. The files of a folder are looked at before the model is loaded.

    source: of the model. Raises OnestrokeError where it cannot be loaded.
    """
    tasks = checked(tasks)
    yield from edit_files(_model(options, source), options, tasks, bar)


def edit_in_cluster(
    options: argparse.Namespace, source: Path, tasks: Sequence[Task], bar: tqdm
) -> Generator[tuple[Task, Report], None, None]:
    """The same by workers of Ray's, a block of files at a time. Whoever is done first comes first.

    Nobody looks at the files before: that would take one machine as long as many machines take to edit them.
    """
    from app.cluster.workers import each_block

    blocks = [block for block in blocks_of(tasks) if not all(task.there for task in block)]
    threads = use_threads(options.threads)
    placed = argparse.Namespace(**vars(options) | {"threads": threads})
    begin = partial(_begin, placed, source.resolve() if source.exists() else source, Path.cwd())
    core.read_card(source)  # a file that is no model is told at once
    gpus = options.device != "cpu"
    for block, reports in each_block(
        blocks, begin, address=options.address, workers=options.workers, threads=threads, gpus=gpus
    ):
        if reports is None:
            reports = [report_of(options, task, {"error": WORKER_ENDED}) for task in block if not task.there]
        told = {str(task.source): task for task in block}
        for report in reports:
            yield told[report["input"]], report


def _begin(options: argparse.Namespace, source: Path, folder: Path) -> Callable[[Sequence[Task]], list[Report]]:
    """In a worker: the function that edits a block. folder: that paths without a beginning are in."""
    if folder.is_dir():
        os.chdir(folder)
    model = _model(options, source)
    return lambda block: [report for _, report in edit_files(model, options, block, tqdm(disable=True))]


def _model(options: argparse.Namespace, source: Path) -> core.Model:
    use_threads(getattr(options, "threads", None))
    model = core.load_model(source, device=options.device)
    if options.compile:
        compile_behind(model.network, partial(print, file=sys.stderr, flush=True))
    return model
