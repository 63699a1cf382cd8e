"""`python -m core.convert SOURCE TARGET.safetensors`: any model that can be loaded as a file of ours.

SOURCE is a file, a diffusers folder or the id of one on the Hugging Face Hub. With `--to diffusers` TARGET is a folder,
which diffusers' ConsistencyModelPipeline loads. Tensors are converted one by one. docs/models.md has examples.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from core.checkpoint import save_weights
from core.console import unbreakable_output
from core.errors import CheckpointError, OnestrokeError
from core.files import overwritten
from core.open_model import open_model
from core.published.export import FILES, export_folder

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@unbreakable_output()
def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file or folder. Returns the exit code: 2 after an error, which is printed."""
    options = _parser().parse_args(arguments)
    try:
        print(convert(options))
    except OnestrokeError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or options.target} cannot be written: {error.strerror}.", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.convert", description=__doc__)
    parser.add_argument("source", help="a model file, a diffusers folder, or OWNER/NAME on the Hugging Face Hub")
    parser.add_argument("target", type=Path, help="the file to write, NAME.safetensors; with --to diffusers a folder")
    parser.add_argument("--to", choices=("onestroke", "diffusers"), default="onestroke", help="layout (onestroke)")
    parser.add_argument("--dtype", choices=DTYPES, help="precision of the weights (that of the source)")
    parser.add_argument("--name", help="of the model, in its card (that of the source)")
    parser.add_argument(
        "--parameterisation", choices=("consistency", "edm"), help="of a published model whose name does not say it"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a target that is there")
    return parser


def convert(options: argparse.Namespace) -> Path:
    """The path of what was written. Raises OnestrokeError and OSError; then an old target is as it was."""
    target: Path = options.target
    _check_target(options)
    card, weights = open_model(options.source, options.parameterisation)
    if options.name is not None:
        card = replace(card, name=options.name)
    write = export_folder if options.to == "diffusers" else save_weights
    return write(target, card, weights, dtype=DTYPES.get(options.dtype))


def _check_target(options: argparse.Namespace) -> None:
    """Raises CheckpointError for a target that must not be written."""
    target: Path = options.target
    if options.to == "onestroke" and target.suffix != ".safetensors":
        raise CheckpointError(f"The target {target} must end in .safetensors; for a folder add --to diffusers.")
    outputs = [target / name for name in FILES] if options.to == "diffusers" else [target]
    if overwritten(outputs, [Path(options.source)]) is not None:
        raise CheckpointError(f"The result would overwrite {options.source}, which is given: choose another target.")
    if target.exists() and (target.is_dir() != (options.to == "diffusers")):
        raise CheckpointError(f"{target} is there already, and is {'a folder' if target.is_dir() else 'no folder'}.")
    if target.exists() and not options.overwrite:
        raise CheckpointError(f"{target} is there already: choose another target, or add --overwrite.")


if __name__ == "__main__":
    sys.exit(main())
