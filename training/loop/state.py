"""Everything a resume needs, as one file of tensors and numbers, written whole or not at all."""

import io
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as shortened
from typing import Any

import torch

from core.errors import CheckpointError
from core.files import write_whole
from core.json_values import is_number
from core.models import ScaledModel
from training.config import Config, to_dict
from training.loop.ema import Ema
from training.loop.learner import Learner
from training.loop.optimiser import Mover
from training.loop.sharding import gathered
from training.loop.weights import fingerprint

MOST_COUNTED = 2**53  # pictures, steps or seconds: numbers beyond are no counts
PICTURES = "data.pictures"  # in a run's settings: what tells its pictures from others

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


@dataclass
class RunState:
    """What of a run changes while it goes on, and the settings that it depends on."""

    settings: dict[str, Any]  # of `lasting_settings`: a state with other ones is another run's
    learner: Learner
    movers: dict[str, Mover]  # by the name of the module that each moves: "student", "critic"
    averages: list[Ema]
    scaler: torch.amp.GradScaler
    seen: int = 0  # pictures
    steps: int = 0  # of the optimiser: those whose gradients were finite
    seconds: float = 0.0  # spent in steps
    stage: int = 0  # how often the student has become the teacher


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


def save_state(path: Path, run: RunState, *, write: bool) -> None:
    """Write weights, averages, optimisers, clipping histories and counters of a run, as a file that is whole or absent.

    Every process has to call it, since shards become whole tensors; one of them with `write`. Raises OSError.
    """
    values = {
        "settings": run.settings,
        "learner": run.learner.state(),
        "averages": [average.weights for average in run.averages],
        "movers": {name: mover.state() for name, mover in run.movers.items()},
        "scaler": run.scaler.state_dict(),
        "seen": run.seen,
        "steps": run.steps,
        "seconds": run.seconds,
        "stage": run.stage,
    }
    values = gathered(values, here=write)
    if not write:
        return
    stream = io.BytesIO()
    torch.save(values, stream)
    write_whole(path, stream.getvalue())


def load_state(path: Path, run: RunState) -> None:
    """Put a run back where `save_state` left it. Raises CheckpointError if the file does not fit the run.

    States of earlier versions hold no settings: of those only the networks, their weights' shapes and the number of
    averages are compared.
    """
    values = _read(path)
    try:
        counts = _counts(values, len(run.learner.objective.hand_overs))
        _compare(path, values.get("settings", {}), run.settings)
        if counts["stage"] > 0:
            run.learner.hand_over()  # the teacher of later stages is a copy of the student
        run.learner.load(values["learner"])
        for name, mover in run.movers.items():
            mover.load(_movers(values)[name])
        if values["scaler"]:  # it was float16
            run.scaler.load_state_dict(values["scaler"])
        for average, weights in zip(run.averages, values["averages"], strict=True):
            average.load(weights)
    except (RuntimeError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{path} does not fit this configuration; another --out starts a new run.") from error
    run.seen, run.steps, run.stage, run.seconds = counts["seen"], counts["steps"], counts["stage"], counts["seconds"]


def _read(path: Path) -> Any:
    """The values of a state file. Raises CheckpointError for one that is empty, damaged, or no file."""
    if not path.is_file():
        raise CheckpointError(f"{path} is no file, so the run cannot go on; another --out starts a new run.")
    if not path.stat().st_size:
        raise CheckpointError(f"{path} is empty, so the run cannot go on; another --out starts a new run.")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch and the pickle format raise many kinds for what is damaged
        raise CheckpointError(f"{path} is damaged, so the run cannot go on; another --out starts a new run.") from error


def _counts(values: dict, stages: int) -> dict:
    """How far a run was. Raises ValueError for what no run has counted, LookupError and TypeError for no counts."""
    most = {"seen": MOST_COUNTED, "steps": MOST_COUNTED, "stage": stages}
    counts = {name: values[name] for name in (*most, "seconds")}
    whole = all(type(counts[name]) is int and 0 <= counts[name] <= high for name, high in most.items())
    if not whole or not is_number(counts["seconds"], 0, MOST_COUNTED):
        raise ValueError("The state has counts that are none.")
    return counts


def _movers(values: dict) -> dict:
    """What moves each module; states of earlier versions had one mover only."""
    return values.get("movers") or {"student": {key: values[key] for key in ("optimiser", "recent_norms")}}


def _compare(path: Path, its: dict, mine: dict) -> None:
    """Raises CheckpointError for a setting that both have and that differs."""
    for name in mine:
        if name in its and its[name] != mine[name]:
            raise CheckpointError(
                f"{path} does not fit this configuration: its run has {_difference(name, its[name], mine[name])};"
                " another --out starts a new run."
            )


def _difference(name: str, its: Any, mine: Any) -> str:
    if name == PICTURES:
        return f"other pictures, {its['count']} of them, where now there are {mine['count']}"
    return "another teacher" if name == "teacher" else f"{name} = {shortened(its)}, not {mine!r}"
