"""Sharded runs, as one process of several: `torchrun ... -m tests.training.loop.shards RUN.toml ...`, each in RUN.

Each leaves RUN/held-RANK.json: the part of all elements that this process holds, by what they are. The last run is left
after two steps, between which the disk is full.
"""

import json
import sys
from pathlib import Path
from unittest import mock

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from training.config import load_config
from training.loop.trainer import Trainer


def share_of(tensors: list[Tensor]) -> float:
    held = [tensor.to_local() if isinstance(tensor, DTensor) else tensor for tensor in tensors]
    return sum(map(Tensor.numel, held)) / sum(map(Tensor.numel, tensors))


def held(trainer: Trainer) -> dict[str, float]:
    """Shares of everything that has the size of the weights, after a backward pass."""
    trainer._backward()
    weights = list(trainer.learner.parameters())
    averages = [value for average in trainer.averages for value in average.weights.values()]
    moments = [value for state in trainer.movers["student"].optimiser.state.values() for value in state.values()]
    things = {"weights": weights, "gradients": [p.grad for p in weights], "averages": averages, "moments": moments}
    if trainer.learner.target is not None:
        things["target"] = list(trainer.learner.target.parameters())
    return {name: share_of(tensors) for name, tensors in things.items()}


def fail(*_) -> None:
    raise OSError("no space")


def main(*configs: str) -> None:
    """Train as these configurations say, one after another."""
    torch.set_num_threads(1)
    *others, last = (Trainer(load_config(path), Path(path).with_suffix("")) for path in configs)
    for trainer in others:
        trainer.train()
    last.step()
    with mock.patch("training.loop.state.write_whole", fail):
        last._write(["save"], {}, None)
    last.step()
    last.save()
    for trainer in (*others, last):
        (trainer.folder / f"held-{trainer.processes.rank}.json").write_text(json.dumps(held(trainer)))


if __name__ == "__main__":
    main(*sys.argv[1:])
