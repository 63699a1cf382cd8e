"""`python -m tests.faults [--kills 200] [--seed 0]`: programs that are killed at random moments, again and again.

Half of the kills hit a tiny training, half the command line over a folder (tests/faults/kills.py). The first fault ends
it with a message and code 1.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.kills import FaultError, kill_folder, kill_training

os.environ["PYTHONWARNINGS"] = "ignore"  # of Python's own helper, about locks that the killed have left


def main() -> int:
    """Print a line for each program. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="in all (200)")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments (0)")
    options = parser.parse_args()
    print(f"{options.kills} kills, seed {options.seed}", flush=True)
    for name, kill in {"training": kill_training, "folder": kill_folder}.items():
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            try:
                deaths = kill(Path(folder), options.kills // 2, random.Random(options.seed))
            except FaultError as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 1
            print(
                f"{name}: killed {deaths.killed} times, {deaths.ended} times at its end, as if never killed;"
                f" {deaths.unfinished} hidden half-written files; {time.monotonic() - began:.0f} s",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
