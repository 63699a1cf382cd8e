"""The card of a model in training (core/card.py), from its configuration and what it has seen so far."""

from core.card import ModelCard, SamplingRules
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
        credits=config.card.credits,
        training={
            "objective": objective,
            "data": config.card.data,
            "start": config.start,
            "pictures_seen": seen,
            "seconds": round(seconds),
            "batch": config.run.batch,
        },
    )
