"""How much memory a computation takes at most, on any device: the bytes of the tensors that live at the same time.

What an operator takes for itself while it runs is not in it.
"""

import weakref

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class PeakMemory(TorchDispatchMode):
    """A context in which `bytes` becomes the most that the tensors made inside of it have taken at one time."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0
        self._living: dict[int, int] = {}  # bytes by storage

    def __torch_dispatch__(self, operator, types, arguments=(), options=None):
        """The operator's own result; what it has made is counted until it is gone."""
        made = operator(*arguments, **(options or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, Tensor) and tensor.layout == torch.strided:
                self._count(tensor.untyped_storage())
        return made

    def _count(self, storage: torch.UntypedStorage) -> None:
        key = id(storage)
        if key not in self._living:
            self._living[key] = storage.nbytes()
            self.bytes = max(self.bytes, sum(self._living.values()))
            weakref.finalize(storage, self._living.pop, key).atexit = False
