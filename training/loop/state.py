"""Everything a resume needs, as one file of tensors and numbers, written whole or not at all."""

import io
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from core.errors import CheckpointError
from core.images import write_whole
from core.models import ScaledModel
from training.config import Config, to_dict
from training.loop.sharding import gathered
from training.loop.weights import fingerprint

# What may change when a run goes on: its length, its machine, what it writes and how often, how fast its weights move.
MAY_CHANGE = {
    "start",  # it has had its effect
    "data.root",
    "data.validation",
    "data.workers",
    "optimiser.rate",
    "optimiser.ramp_kimg",
    "optimiser.root_after_kimg",
    "optimiser.decay_from",
    "optimiser.clip_norm",
    "optimiser.clip_median",
    "critic.rate",
    "critic.ramp_kimg",
    "critic.root_after_kimg",
    "critic.decay_from",
    "critic.clip_norm",
    "critic.clip_median",
    "run.kimg",
    "run.accumulate",
    "run.device",
    "run.precision",
    "run.compile",
    "run.shard",
    "run.save_kimg",
    "run.validate_kimg",
    "run.sample_kimg",
}


def lasting_settings(config: Config, teacher: ScaledModel | None) -> dict:
    """What makes a run the one that it is, by the names of its settings; of a teacher, the fingerprint of its weights.

    The card is what the model file says of itself: it may change.
    """
    values = to_dict(config)
    del values["card"]
    flat: dict[str, Any] = {}
    for section, entries in values.items():
        named = isinstance(entries, dict)
        flat |= {f"{section}.{name}": entry for name, entry in entries.items()} if named else {section: entries}
    kept = {name: value for name, value in flat.items() if name not in MAY_CHANGE}
    return kept | {"teacher": fingerprint(teacher) if teacher else ""}


def save_state(path: Path, trainer) -> None:
    """Weights, averages, optimiser, clipping history and counters of a Trainer.

    Every process has to call it: shards become whole tensors, which the first one writes.
    """
    state = {
        "settings": trainer.settings,
        "learner": trainer.learner.state(),
        "averages": [average.weights for average in trainer.averages],
        "movers": {name: mover.state() for name, mover in trainer.movers.items()},
        "scaler": trainer.scaler.state_dict(),
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
    """Put a Trainer back where `save_state` left it. Raises CheckpointError if the file does not fit the run.

    States of earlier versions hold no settings: of those only the networks, their weights' shapes and the number of
    averages are compared.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        stage = state["stage"]
        _compare(path, state.get("settings", {}), trainer.settings)
        if stage > 0:
            trainer.learner.hand_over()  # the teacher of later stages is a copy of the student
        trainer.learner.load(state["learner"])
        for name, mover in trainer.movers.items():
            mover.load(_movers(state)[name])
        if state["scaler"]:  # it was float16
            trainer.scaler.load_state_dict(state["scaler"])
        for average, weights in zip(trainer.averages, state["averages"], strict=True):
            average.load(weights)
    except (UnpicklingError, RuntimeError, LookupError, TypeError, ValueError, EOFError) as error:
        raise CheckpointError(f"{path} does not fit this configuration; another --out starts a new run.") from error
    trainer.seen, trainer.steps, trainer.seconds = state["seen"], state["steps"], state["seconds"]
    trainer.stage = stage


def _movers(state: dict) -> dict:
    """What moves each module; states of earlier versions had one mover only."""
    return state.get("movers") or {"student": {key: state[key] for key in ("optimiser", "recent_norms")}}


def _compare(path: Path, its: dict, mine: dict) -> None:
    """Raises CheckpointError for a setting that both have and that differs."""
    for name in mine:
        if name in its and its[name] != mine[name]:
            found = "another teacher" if name == "teacher" else f"{name} = {its[name]!r}, not {mine[name]!r}"
            raise CheckpointError(
                f"{path} does not fit this configuration: its run has {found}; another --out starts a new run."
            )


def clear_unfinished(folder: Path) -> None:
    """Remove the files that a kill left half-written (core.images.write_whole); each is as large as a state."""
    for path in folder.glob(".*.tmp"):
        path.unlink()
