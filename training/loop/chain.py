"""Runs that begin with other runs: a teacher or a start that is a configuration is trained first.

RUN/teacher and RUN/start hold them. They get this run's pictures and what it is told of the machine, and they go on
where they stopped, so that one command makes teacher and student however often it is interrupted.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch

from core.errors import ConfigError
from core.files import overwritten
from training.config import Config, load_config
from training.loop.trainer import WRITTEN, Trainer
from training.metrics.pairwise import metric_of

# Overrides that hold for the runs before, too.
PASSED_ON = ("data.", "run.device", "run.precision", "run.compile", "run.shard")
DEEPEST = 8  # a chain longer than this goes in a circle


class Outcome(NamedTuple):
    """Of the last run that was trained: its model file, and whether it came to its end or was stopped and saved."""

    model: Path
    finished: bool


def train_chain(path: str | Path, overrides: list[str], folder: Path) -> Path:
    """Train the run of this configuration, and before it the runs that it names as teacher or start.

    Returns its model file. If one of those was stopped, it is saved and its model file is returned: the same call goes
    on. Raises ConfigError for runs that begin with each other in a circle.
    """
    return _train(path, overrides, folder, depth=0).model


def _train(path: str | Path, overrides: list[str], folder: Path, depth: int) -> Outcome:
    if depth > DEEPEST:
        raise ConfigError(f"{path} begins with a run that begins with it.")
    config = load_config(path, overrides)
    _check_given(path, config, folder)
    _try_metric(config.objective.metric)
    for role in ("teacher", "start"):
        name = getattr(config, role)
        if Path(name).suffix == ".toml":
            passed = [override for override in overrides if override.startswith(PASSED_ON)]
            before = _train(Path(path).parent / name, passed, folder / role, depth + 1)
            if not before.finished:
                return before
            begins: dict[str, Any] = {role: str(before.model)}
            config = replace(config, **begins)
    trainer = Trainer(config, folder)
    return Outcome(trainer.train(), finished=trainer.progress == 1)


def _check_given(path: str | Path, config: Config, folder: Path) -> None:
    """Raises ConfigError if a file that the run writes would take the place of one that it is given."""
    sources = [Path(config.data.root, source.path) for source in config.data.train + config.data.validation]
    files = [Path(name) for name in (path, config.teacher, config.start, config.card.credits_file) if name]
    lost = overwritten((folder / name for name in WRITTEN), files + [source for source in sources if source.is_file()])
    if lost is not None:
        raise ConfigError(f"The run would overwrite {lost}, which it is given: choose another --out, or give a copy.")


def _try_metric(name: str) -> None:
    """Use the metric once: weights that it lacks are missed now, not after hours of training a teacher."""
    if name:
        nothing = torch.zeros(1, 3, 32, 32)
        metric_of(name)(nothing, nothing)
