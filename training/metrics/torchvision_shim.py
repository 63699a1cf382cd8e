"""Import of torchvision with a torch build for which its compiled part was not made.

PyPI's torchvision is compiled for PyPI's torch, which on Linux is the CUDA build. With the CPU build of torch its
library of operators does not load, and the import fails where it registers shapes for two of them ("operator
torchvision::nms does not exist"). Networks such as VGG need none of these operators. This module declares the two, so
the rest of the package can be used. A call of one of them raises torch's error that it has no implementation.
"""

from types import ModuleType

import torch

_DECLARED: list[torch.library.Library] = []  # a declaration is valid as long as its library object exists


def import_torchvision() -> ModuleType:
    """The torchvision package. Call this before any other import of it. Raises ImportError if it is not installed."""
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        _declare_missing()
        import torchvision
    return torchvision


def _declare_missing() -> None:
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _DECLARED.append(library)
