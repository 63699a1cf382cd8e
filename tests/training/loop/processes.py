"""Runs as one of several processes: `torchrun ... -m tests.training.loop.processes RUN.toml ...`, each in folder RUN.

In the last of them the last process kills itself after three steps, and after four in torchrun's second attempt.
"""

import os
import signal
import sys
from pathlib import Path

import torch

from training.config import load_config
from training.loop.trainer import Trainer

DIES_AT = (3, 4)  # steps, by attempt


class Mortal(Trainer):
    """A run whose last process dies."""

    def step(self):
        attempt = int(os.environ["TORCHELASTIC_RESTART_COUNT"])
        if self.state.steps in DIES_AT[attempt : attempt + 1] and self.processes.rank == self.processes.count - 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().step()


def main(*configs: str) -> None:
    """Train as these configurations say, one after another."""
    torch.set_num_threads(1)
    *others, last = map(Path, configs)
    for path in others:
        Trainer(load_config(path), path.with_suffix("")).train()
    Mortal(load_config(last), last.with_suffix("")).train()


if __name__ == "__main__":
    main(*sys.argv[1:])
