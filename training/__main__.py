"""`python -m training CONFIG.toml [--out RUN] [--set section.key=value ...]`: once more goes on where it stopped.

On many machines or GPUs: `torchrun [its options] -m training CONFIG.toml ...`.
"""

import argparse
import sys
from pathlib import Path

from core.console import unbreakable_output
from core.errors import OnestrokeError
from core.runtime import use_threads
from training.config import load_config, to_toml


@unbreakable_output()
def main(arguments: list[str] | None = None) -> int:
    """Train one model. Returns the exit code: 0 done or stopped and saved, 2 a mistake in what was asked,
    130 stopped outside the training loop."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("config", help="TOML file, e.g. training/configs/photos-64.toml")
    parser.add_argument("--out", help="run folder; by default runs/ and the configuration's name")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="e.g. run.kimg=20")
    parser.add_argument("--dry-run", action="store_true", help="print the whole configuration and stop")
    parser.add_argument("--threads", type=int, help="processor threads; by default all")
    options = parser.parse_args(arguments)
    try:
        config = load_config(options.config, options.set)
        if options.dry_run:
            print(to_toml(config), end="")
            return 0
        use_threads(options.threads)
        from training.loop.chain import train_chain  # data and networks come only once the configuration is sound

        print(train_chain(options.config, options.set, Path(options.out or Path("runs") / Path(options.config).stem)))
    except OnestrokeError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from the last state.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"The run folder could not be written: {error}. The last state is untouched.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
