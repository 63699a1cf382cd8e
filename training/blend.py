"""`python -m training.blend MODEL TUNED --share 0.5 --out FILE`: a model between one and what it was tuned into.

Training that starts from a network's weights seldom leaves the valley that they lie in, so the straight line between
both is made of working models, and inside it some are better at what either end does (Wortsman et al. 2022, "Robust
fine-tuning of zero-shot models"). The card, and with it the sampler, stays that of MODEL, but for what is added to its
description and for `--guidance`, of which a model needs less that is on its way to one that has learnt it.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from core.card import ModelCard
from core.checkpoint import read_card, read_tensors, save_model
from core.errors import ConfigError, OnestrokeError


def blend(a: dict[str, Tensor], b: dict[str, Tensor], weight: float) -> dict[str, Tensor]:
    """(1 - weight) a + weight b, float32, of every tensor [...] by name."""
    return {name: values.float().lerp(b[name].float(), weight) for name, values in a.items()}


def blend_models(model: str | Path, tuned: str | Path, weight: float) -> tuple[ModelCard, dict[str, Tensor]]:
    """The card and the weights of a model file, moved by that part of the way, 0 to 1, to another.

    Raises ConfigError for a weight outside 0 .. 1 or networks that differ, CheckpointError for files that do not open.
    """
    if not 0 <= weight <= 1:
        raise ConfigError(f"The share of the tuned model must be 0 to 1, not {weight:g}.")
    card, other = read_card(model), read_card(tuned)
    if card.network != other.network:
        raise ConfigError(f"{card.name} and {other.name} have different networks: nothing lies between them.")
    blended = {"share": weight, "name": other.name, "training": other.training}
    added = f"Its weights lie {weight:.0%} of the way to {other.name}, which its training went on to."
    card = replace(
        card, description=f"{card.description} {added}".strip(), training=card.training | {"blended": blended}
    )
    return card, blend(read_tensors(model), read_tensors(tuned), weight)


def main(arguments: list[str] | None = None) -> int:
    """Write the file. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.blend", description=__doc__)
    parser.add_argument("model", help="gives the card")
    parser.add_argument("tuned", help="a model whose training started from the first")
    parser.add_argument("--share", type=float, default=0.5, help="of the second, 0 to 1")
    parser.add_argument("--guidance", type=float, help="of the model in between, instead of the first's")
    parser.add_argument("--out", required=True)
    options = parser.parse_args(arguments)
    try:
        card, weights = blend_models(options.model, options.tuned, options.share)
        if options.guidance is not None:
            card = replace(card, sampling=replace(card.sampling, guidance=options.guidance))
        save_model(options.out, card, weights)
    except OnestrokeError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
