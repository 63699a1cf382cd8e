"""`python -m benchmarks.recolour`: time and memory of editing a photograph of 4000 x 3000 pixels, without the model.

The aim for colouring is at most 3 s, and 1.5 GB of memory for the whole process. The other rows are parts of inpainting
and denoising. The photograph is synthetic, smooth colours and noise. The model's result is random, which takes most
time.
"""

import resource
import sys
from collections.abc import Callable

import cv2
import numpy as np
import torch

import core
from benchmarks.timing import milliseconds, print_table
from core.runtime import machine

WIDTH, HEIGHT, RESOLUTION = 4000, 3000, 64  # pixels: of the photograph, and the model's side
REPEATS = 5  # timed calls of each step


def photograph() -> np.ndarray:
    """[3000,4000,3] uint8: smooth colours and a little noise."""
    rng = np.random.default_rng(0)
    colours = cv2.resize(
        rng.integers(40, 216, (9, 12, 3), dtype=np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC
    )
    return cv2.add(colours, rng.integers(0, 24, colours.shape, dtype=np.uint8))


def peak_gigabytes() -> float:
    """The largest memory of this process so far, in GB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6 / 1.024)


def row(name: str, call: Callable[[], object]) -> list[object]:
    """A row: name, median milliseconds, peak memory in GB so far."""
    call()
    peak = f"{peak_gigabytes():.2f}"
    return [name, milliseconds(call, repeats=REPEATS, warm_up=0), peak]


def main() -> None:
    """Measure and print the table."""
    start = f"{peak_gigabytes():.2f}"
    photo = photograph()
    result = torch.rand(1, 3, RESOLUTION, RESOLUTION, generator=torch.Generator().manual_seed(0)) * 2 - 1
    square = core.Square.centred(WIDTH, HEIGHT)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[800:2000, 1200:2600] = 255
    parts = {
        "make grey": lambda: core.to_grey(photo),
        "what the model sees": lambda: core.view(photo, None, RESOLUTION),
        "**colour the whole photograph**": lambda: core.recolour(photo, result),
        "what the model sees of a mask": lambda: core.view_mask(mask, square, RESOLUTION),
        "grow the mask by 40 pixels": lambda: core.grow(mask, 40),
        "paste into the mask, feather of 40 pixels": lambda: core.paste(photo, result, square, mask, 40),
        "paste into the whole square": lambda: core.paste(photo, result, square),
        "estimate the noise": lambda: core.estimate_sigma(photo),
    }
    print(f"{machine()}; a photograph of {WIDTH} x {HEIGHT}, a model of {RESOLUTION} px. Before: {start} GB.\n")
    print_table(["step", "ms", "peak GB so far"], [row(name, call) for name, call in parts.items()])


if __name__ == "__main__":
    main()
