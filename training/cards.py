"""The card of a model in training (core/card.py), from its configuration and what it has seen so far."""

from pathlib import Path

from core.card import ModelCard, SamplingRules
from core.errors import ConfigError
from training.config import Config, to_dict


def make_card(config: Config, *, seen: int = 0, seconds: float = 0.0) -> ModelCard:
    """What the model file will say of itself. seconds: time spent in training steps."""
    parameterisation = config.objective.parameterisation
    objective = to_dict(config)["objective"]
    return ModelCard(
        name=config.card.name,
        parameterisation=parameterisation,
        network=config.network,
        # A consistency function gets fresh noise between steps; a denoiser must keep the noise it has.
        sampling=SamplingRules(move="renoise" if parameterisation == "consistency" else "carry"),
        classes=config.classes,
        stroke_sigmas=config.card.stroke_sigmas,
        default_steps=config.card.default_steps,
        description=config.card.description,
        limits=config.card.limits,
        licence=config.card.licence,
        credits=_credits(config.card.credits_file),
        training={
            "objective": objective,
            "data": config.card.data,
            "start": config.start,
            "pictures_seen": seen,
            "seconds": round(seconds),
            "batch": config.run.batch,
        },
    )


def _credits(path: str) -> tuple[str, ...]:
    """The lines of a text file that say something. Raises ConfigError if the file is missing."""
    if not path:
        return ()
    try:
        return tuple(line for line in Path(path).read_text("utf-8").splitlines() if line.strip())
    except OSError as error:
        raise ConfigError(f"There is no credits file {path}; card.credits_file names it.") from error
