"""A real model whose memory runs out above so many pictures at once."""

import torch

from core.micro_batches import MicroBatches
from core.models import ScaledModel
from core.unet import UNet
from tests import tiny

CPU = torch.device("cpu")
ON_CPU = RuntimeError(
    "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 9"
    " bytes. Error code 12 (Cannot allocate memory)"
)
ON_WINDOWS = RuntimeError("[enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: not enough memory: you tried")
ON_CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
ON_MPS = RuntimeError("MPS backend out of memory (MPS allocated: 6 GB, other allocations: 2 GB, max allowed: 9 GB).")
ERRORS = [MemoryError(), ON_CPU, ON_WINDOWS, ON_CUDA, ON_MPS]


class CrampedUNet(UNet):
    """Has room for so many pictures; `sizes` are those of all its evaluations, of those that ran out of memory, too."""

    def __init__(self, config, room: int, error: BaseException):
        super().__init__(config)
        self.room, self.error = room, error
        self.sizes: list[int] = []

    def forward(self, u, *conditions, guidance=0.0):
        """As a UNet's, or the error. A guided picture takes the room of two."""
        self.sizes.append(len(u))
        if len(u) * (2 if guidance else 1) > self.room:
            raise self.error
        return super().forward(u, *conditions, guidance=guidance)


def cramped(room: int, error: BaseException = ON_CPU, *, available=lambda device: None, **changes) -> ScaledModel:
    """A tiny model with that network. available: what the device says it has left."""
    model = tiny.model(**changes)
    network = CrampedUNet(model.network.config, room, error).requires_grad_(False).eval()
    network.load_state_dict(model.network.state_dict())
    network.evaluate = MicroBatches(CPU, available)
    return type(model)(network, model.card)
