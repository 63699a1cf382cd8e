"""A batch in as many parts as the memory of the device asks for.

How much an evaluation needs is measured once, at one picture alone, which is then evaluated again with its batch: so
the parts of a batch depend on the memory, and not on what was evaluated before. Before each larger one the device is
asked what it has left. Where it runs out of memory all the same, what is cached is released and the parts are half as
large from then on. Noise and labels belong to each picture, so the parts give the pictures of the whole batch, up to
rounding.

Shapes: B pictures of a batch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.available_memory import available_memory
from core.errors import NotEnoughMemory
from core.freed_memory import release_memory
from core.peak_memory import PeakMemory

USABLE = 0.7  # of what is available: operators take memory of their own while they run, and so do other programs
LITTLE = 64 << 20  # bytes for which nobody asks: so the quick evaluations of small models stay quick
TOO_LITTLE = "There is not enough memory for a single picture. Close other programs, or choose a smaller model{}."
OUT_OF_MEMORY = (  # how torch's allocators, oneDNN and NVIDIA's libraries say it
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "bad_alloc",
    "alloc_failed",
    "could not create a memory object",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the memory of a device, or of the computer, is too small."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in OUT_OF_MEMORY)


@dataclass
class _Known:
    """What is known of a kind of evaluation."""

    bytes: int = 0  # that a picture needs; 0: not measured
    most: int | None = None  # pictures at a time, since more were too many once


class MicroBatches:
    """Evaluates batches on one device in parts that fit into its memory."""

    def __init__(self, device: torch.device, available: Callable[[torch.device], int | None] = available_memory):
        self.device, self._available = device, available
        self._known: dict[bool, _Known] = {}  # by whether it is guided: that makes two of a picture

    def __call__(
        self, network: Callable[..., Tensor], inputs: Sequence[Tensor | None], *, guidance: float = 0.0
    ) -> Tensor:
        """network(*inputs, guidance=guidance) [B,...] of inputs [B,...], the first of which is not None.

        Raises NotEnoughMemory if there is too little for a single picture.
        """
        assert inputs[0] is not None
        known, whole = self._known.setdefault(bool(guidance), _Known()), len(inputs[0])
        parts: list[Tensor] = []
        done = 0
        while done < whole:
            size, measured = self._size(known, whole - done), bool(known.bytes)
            chosen = [None if each is None else each[done : done + size] for each in inputs]
            part = self._part(known, network, chosen, guidance)
            if part is None and size == 1:
                raise NotEnoughMemory(TOO_LITTLE.format("" if self.device.type == "cpu" else ", or --device cpu"))
            if part is None:
                known.most = (size + 1) // 2
                release_memory()
            elif measured or whole == 1:
                parts.append(part)
                done += size
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def _size(self, known: _Known, left: int) -> int:
        """Pictures of the next part: of equal parts that fit."""
        if left == 1 or not known.bytes:
            return 1
        most = min(left, known.most or left)
        if known.bytes * most > LITTLE and (available := self._available(self.device)) is not None:
            most = min(most, max(int(USABLE * available) // known.bytes, 1))
        return -(-left // -(-left // most))

    def _part(
        self, known: _Known, network: Callable[..., Tensor], inputs: Sequence[Tensor | None], guidance: float
    ) -> Tensor | None:
        """None where the memory is too small. By then the error, which held the tensors made so far, is gone."""
        try:
            if known.bytes:
                return network(*inputs, guidance=guidance)
            with PeakMemory() as peak:
                part = network(*inputs, guidance=guidance)
            known.bytes = peak.bytes
            return part
        except Exception as error:
            if is_out_of_memory(error):
                return None
            raise
