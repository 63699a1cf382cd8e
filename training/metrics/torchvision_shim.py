"""Importing torchvision beside a torch that its compiled part was not built for.

PyPI's torchvision is compiled against PyPI's torch, which on Linux is the CUDA build. Beside the CPU build of torch its
library of operators does not load, and the import then stops at registering shapes for two of them ("operator
torchvision::nms does not exist"). Networks such as VGG need none of those operators: declaring the two lets the rest of
the package be used. Whoever calls them gets torch's error that they have no implementation.
"""

from types import ModuleType

import torch

_DECLARED: list[torch.library.Library] = []  # a declaration lives as long as its library object


def import_torchvision() -> ModuleType:
    """The torchvision package. To be called before anything else that imports it. Raises ImportError without it."""
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
