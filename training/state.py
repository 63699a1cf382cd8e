"""Everything a resume needs, as one file of tensors and numbers, written whole or not at all."""

import io
from pathlib import Path
from pickle import UnpicklingError

import torch

from core.errors import CheckpointError
from core.images import write_whole
from training.sharding import gathered, load_optimiser


def save_state(path: Path, trainer) -> None:
    """Weights, averages, optimiser, clipping history and counters of a Trainer.

    Every process has to call it: shards become whole tensors, which the first one writes.
    """
    state = {
        "learner": trainer.learner.state(),
        "averages": [average.weights for average in trainer.averages],
        "optimiser": trainer.optimiser.state_dict(),
        "scaler": trainer.scaler.state_dict(),
        "recent_norms": list(trainer.clipper.recent),
        "seen": trainer.seen,
        "steps": trainer.steps,
        "seconds": trainer.seconds,
        "stage": trainer.stage,
    }
    first = trainer.machines.first
    state = gathered(state, keep=first)
    if not first:
        return
    stream = io.BytesIO()
    torch.save(state, stream)
    write_whole(path, stream.getvalue())


def load_state(path: Path, trainer) -> None:
    """Put a Trainer back where `save_state` left it. Raises CheckpointError if the file does not fit the run."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        if state["stage"] > 0:
            trainer.learner.hand_over()  # the teacher of later stages is a copy of the student
        trainer.learner.load(state["learner"])
        load_optimiser(trainer.optimiser, state["optimiser"])
        trainer.scaler.load_state_dict(state["scaler"])
        for average, weights in zip(trainer.averages, state["averages"], strict=True):
            average.load(weights)
    except (UnpicklingError, RuntimeError, LookupError, TypeError, ValueError, EOFError) as error:
        raise CheckpointError(f"{path} does not fit this configuration; another --out starts a new run.") from error
    trainer.clipper.recent.extend(state["recent_norms"])
    trainer.seen, trainer.steps, trainer.seconds = state["seen"], state["steps"], state["seconds"]
    trainer.stage = state["stage"]


def clear_unfinished(folder: Path) -> None:
    """Remove the files that a kill left half-written (core.images.write_whole); each is as large as a state."""
    for path in folder.glob(".*.tmp"):
        path.unlink()
