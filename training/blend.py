"""`python -m training.blend MODEL TUNED --share 0.5 --out FILE`: a model between another and its fine-tuning.

Training that starts from the weights of a network seldom leaves their valley of the loss. So all models on the straight
line between both work, and some of them are better than either end (Wortsman et al. 2022, "Robust fine-tuning of
zero-shot models"). The result has the card of MODEL, and so its sampler, with a sentence added to its description.
`--guidance` replaces the card's guidance: if TUNED has learnt the effect of guidance, the result needs less of it.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from core.card import ModelCard
from core.checkpoint import open_checkpoint, read_tensors, save_model
from core.console import unbreakable_output
from core.errors import ConfigError, OnestrokeError
from core.files import overwritten


def blend(a: dict[str, Tensor], b: dict[str, Tensor], weight: float) -> dict[str, Tensor]:
    """(1 - weight) a + weight b for each tensor by name, float32, of the same shape [...]. weight: 0 to 1."""
    return {name: values.float().lerp(b[name].float(), weight) for name, values in a.items()}


def blend_models(model: str | Path, tuned: str | Path, blend_weight: float) -> tuple[ModelCard, dict[str, Tensor]]:
    """The card of `model`, and the weights between both model files, each tensor in its shape [...].

    blend_weight: that of `tuned`, 0 to 1. Raises ConfigError for another weight and for networks that differ,
    CheckpointError for files that do not open.
    """
    if not 0 <= blend_weight <= 1:
        raise ConfigError(f"The share of the tuned model must be 0 to 1, not {blend_weight:g}.")
    card, other = (open_checkpoint(path)[0] for path in (model, tuned))
    if card.network != other.network:
        raise ConfigError(f"{card.name} and {other.name} have different networks: nothing lies between them.")
    record = {"share": blend_weight, "name": other.name, "training": other.training}
    sentence = f"Its weights lie {blend_weight:.0%} of the way to {other.name}, which its training went on to."
    card = replace(
        card, description=f"{card.description} {sentence}".strip(), training=card.training | {"blended": record}
    )
    return card, blend(read_tensors(model), read_tensors(tuned), blend_weight)


@unbreakable_output()
def main(arguments: list[str] | None = None) -> int:
    """Write the model file. Returns the exit code: 2 after an error, which is printed."""
    parser = argparse.ArgumentParser(prog="python -m training.blend", description=__doc__)
    parser.add_argument("model", help="gives the card")
    parser.add_argument("tuned", help="a model whose training started from the first")
    parser.add_argument("--share", type=float, default=0.5, help="of the second, 0 to 1")
    parser.add_argument("--guidance", type=float, help="of the model in between, instead of the first's")
    parser.add_argument("--out", required=True)
    options = parser.parse_args(arguments)
    try:
        if overwritten([Path(options.out)], [Path(options.model), Path(options.tuned)]):
            raise ConfigError(f"The result would overwrite {options.out}, which is given: choose another --out.")
        card, weights = blend_models(options.model, options.tuned, options.share)
        if options.guidance is not None:
            card = replace(card, sampling=replace(card.sampling, guidance=options.guidance))
        save_model(options.out, card, weights)
    except OnestrokeError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.out} cannot be written: {error.strerror}.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
