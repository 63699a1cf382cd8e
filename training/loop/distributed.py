"""The processes of a run: one alone, or those that torchrun started, each with its part of every batch.

torchrun gives every process its rank and the address of the others in the environment; nothing is home-made. Gradients
are averaged by DDP, or by FSDP2 (training/loop/sharding.py), while they are computed. A process that dies takes the run
down, and torchrun's restart goes on from the last state: `torchrun --standalone --nproc-per-node 2 --max-restarts 3 -m
training CONFIG.toml`. Restarts over several nodes need TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1 in torchrun's environment,
see `_store`.
"""

import atexit
import os
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from core.errors import ConfigError
from training.loop.learner import Learner
from training.loop.sharding import check, shard

PATIENCE = timedelta(days=2)  # for a process that is late, e.g. while the first one makes pairs


@dataclass(frozen=True)
class Processes:
    """The number of this process, from 0, and the number of all processes of the run."""

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes the run folder."""
        return self.rank == 0

    def wrap(self, learner: Learner, device: torch.device, *, sharded: bool) -> nn.Module:
        """The learner with its gradients averaged over all processes, each of which has all of it or a shard.

        Raises ConfigError for an objective that cannot be sharded here.
        """
        if self.count == 1:
            return learner
        if sharded:
            check(learner.objective)
            shard(learner, device)
            if learner.target is not None:
                shard(learner.target.network, device)
            return learner
        devices = [device.index] if device.type == "cuda" else None
        wrapped = DistributedDataParallel(learner, device_ids=devices)
        wrapped.broadcast_buffers = False  # they never change; the argument's name depends on torch's version
        return wrapped

    def unsynchronised(self, learner: nn.Module, last: bool):
        """The context for one part of a step. DDP exchanges gradients with the last part only.

        FSDP2 exchanges them with every part, since no process has the memory for all of them.
        """
        return learner.no_sync() if isinstance(learner, DistributedDataParallel) and not last else nullcontext()

    def total(self, value: Tensor) -> Tensor:
        """The sum over all processes of a tensor [...], in place."""
        if self.count > 1:
            distributed.all_reduce(value)
        return value

    def average_gradients(self, module: nn.Module) -> None:
        """The mean over all processes of the gradients of a module that neither DDP nor FSDP2 wraps."""
        if self.count > 1:
            for parameter in module.parameters():
                if parameter.grad is not None:
                    distributed.all_reduce(parameter.grad)
                    parameter.grad.div_(self.count)

    def any(self, flag: bool, device: torch.device) -> bool:
        """Whether the flag is set in any process. All processes then stop at the same step."""
        return flag if self.count == 1 else bool(self.total(torch.tensor(float(flag), device=device)) > 0)

    def wait(self) -> None:
        """Return when every process has come here."""
        if self.count > 1:
            distributed.barrier()

    def parts(self, batch: int, accumulate: int) -> list[tuple[int, int]]:
        """(first, last) of this process's parts of a batch. Raises ConfigError if it does not divide."""
        if batch % (self.count * accumulate):
            raise ConfigError(
                f"run.batch is {batch}, which does not divide into {self.count} x {accumulate} parts"
                " (processes x run.accumulate)."
            )
        size = batch // (self.count * accumulate)
        return [(n * size, (n + 1) * size) for n in range(self.rank * accumulate, (self.rank + 1) * accumulate)]


def join(device: str) -> tuple[Processes, str]:
    """This process among those of torchrun, and the device that it is to use: its own GPU if "auto" finds some."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return Processes(), device
    local = int(os.environ["LOCAL_RANK"])
    if device in ("auto", "cuda") and torch.cuda.is_available():
        device = f"cuda:{local}"
        torch.cuda.set_device(local)
    if not distributed.is_initialized():
        backend = "nccl" if device.startswith("cuda") else "gloo"
        store, rank, count = _store()
        distributed.init_process_group(backend, store=store, rank=rank, world_size=count, timeout=PATIENCE)
        atexit.register(distributed.destroy_process_group)
        _share_processors()
    return Processes(distributed.get_rank(), distributed.get_world_size()), device


def _store() -> tuple[distributed.Store, int, int]:
    """Where the processes find each other, and this one's rank among how many.

    torchrun keeps one store over all attempts, with the addresses of processes that are dead by then, so each attempt
    gets keys of its own. Nodes count their attempts differently: there torchrun has to make new stores instead.
    """
    store, rank, count = next(distributed.rendezvous("env://", timeout=PATIENCE))
    if os.environ["GROUP_WORLD_SIZE"] == "1":
        store = distributed.PrefixStore(f"attempt {os.environ['TORCHELASTIC_RESTART_COUNT']}", store)
    return store, rank, count


def _share_processors() -> None:
    """The threads of this machine, divided among its processes."""
    torch.set_num_threads(max(1, torch.get_num_threads() // int(os.environ["LOCAL_WORLD_SIZE"])))
