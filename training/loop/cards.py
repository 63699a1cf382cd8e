"""The card of a model in training (core/card.py), from its configuration and what it has seen so far."""

from dataclasses import replace

import torch

from core.card import ModelCard
from core.errors import ConfigError
from core.files import read_regular
from core.open_model import read_card
from core.runtime import machine
from core.sampling_rules import SamplingRules
from training.config import Config, to_dict
from training.loop.weights import FROM_TEACHER

MAX_CREDITS = 1_000_000  # bytes


def make_card(config: Config) -> ModelCard:
    """The model card of a run before its first picture. It names the models that the run begins with.

    Raises ConfigError without the credits file, CheckpointError without the model file of the start or the teacher.
    """
    objective = config.objective
    return ModelCard(
        name=config.card.name,
        parameterisation=objective.parameterisation,
        network=config.network,
        sampling=_rules(config),
        classes=config.classes,
        subject=config.card.subject,
        stroke_sigmas=config.card.stroke_sigmas,
        default_steps=config.card.default_steps,
        schedules=_schedules(config),
        description=config.card.description,
        limits=config.card.limits,
        licence=config.card.licence,
        credits=_credits(config.card.credits_file),
        training={
            "objective": to_dict(config)["objective"],
            "data": config.card.data,
            "start": _name_in(config.teacher if config.start == FROM_TEACHER else config.start),
            "teacher": _name_in(config.teacher),
            "batch": config.run.batch,
        },
    )


def after_training(
    card: ModelCard, *, seen: int, seconds: float, pair_evaluations: int, device: torch.device
) -> ModelCard:
    """The card with the cost of the run so far: pictures seen, seconds spent in training steps, the machine's name.

    pair_evaluations: evaluations of the teacher that made the pairs, 0 without pairs.
    """
    spent = {"pictures_seen": seen, "seconds": round(seconds), "pair_evaluations": pair_evaluations}
    return replace(card, training=card.training | spent | {"machine": machine(device)})


def _rules(config: Config) -> SamplingRules:
    """The objective's, with what the configuration says of walks."""
    own = {name: getattr(config.card, name) for name in ("carry_end", "guidance", "shifts")}
    return replace(config.objective.sampling(), **own)


def _schedules(config: Config) -> dict:
    """The levels of pictures from noise that the configuration names, else the objective's own."""
    levels = list(config.card.generate_sigmas)
    if not levels:
        return config.objective.schedules()
    return {edit: {str(len(levels)): levels} for edit in ("generate", "interpolate")}


def _name_in(path: str) -> str:
    """The name in the card of a model file: of a run before this one, the file's own is always the same."""
    return read_card(path).name if path else ""


def _credits(path: str) -> tuple[str, ...]:
    """The lines of a text file that say something. Raises ConfigError if the file is missing, or is no text."""
    if not path:
        return ()
    try:
        text = read_regular(path, MAX_CREDITS).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"There is no credits file {path}; card.credits_file names it.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The credits file {path} cannot be read as text: {error}.") from error
    return tuple(line for line in text.splitlines() if line.strip())
