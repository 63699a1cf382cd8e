"""What is wrong with the files of a folder, found before anything is made of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tqdm import tqdm

import core
from app.cli.material import content
from app.cli.plan import Task
from app.edits.material import Material
from app.edits.squares import fit_mask
from core.pictures.read import picture_bytes

SMALL = 64  # pixels a side, at least, of a photo that is read to see whether it can be


def checked(tasks: Sequence[Task]) -> list[Task]:
    """The tasks of a folder. Those whose photo cannot be read, or whose mask does not fit it, have an error now.

    A single task is as it was.
    """
    if len(tasks) < 2:
        return list(tasks)
    return [
        replace(task, error=task.error or _problem(task))
        for task in tqdm(tasks, desc="looking at the files", unit="file", disable=None, leave=False)
    ]


def _problem(task: Task) -> str:
    """Why the photo of a task, or its mask, cannot be used; empty if nothing is found, or nothing is to be made."""
    if task.source is None or task.there:
        return ""
    try:
        photo = content(task.source)
        if task.mask is None:
            core.read_image(photo, at_least=SMALL, notes=[])
            return ""
        mask = Material(mask=picture_bytes(content(task.mask))).read_mask()
        assert mask is not None
        fit_mask(mask, np.asarray(core.read_image(photo, notes=[])))
    except core.OnestrokeError as error:
        return str(error)
    return ""
