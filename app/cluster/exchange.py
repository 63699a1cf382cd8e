"""What goes between a page process and a replica for one evaluation, as plain arrays.

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass

import numpy as np

Walk = tuple[tuple[float, ...], float]  # noise levels and guidance, as `Model.walking` takes them


@dataclass(frozen=True, eq=False)
class Question:
    """Noisy pictures that wait for an estimate, and all that it depends on. Any replica can answer, at any time."""

    x: np.ndarray  # [B,C,H,W] float32
    sigma: np.ndarray  # [B] float32, or [] for one noise level of all
    labels: np.ndarray | None  # [B] int64
    walk: Walk | None  # None: the plain model


@dataclass(frozen=True, eq=False)
class Estimate:
    """x0 [B,C,H,W] float32, and the seconds of the model's time that these pictures have taken."""

    x0: np.ndarray
    seconds: float
