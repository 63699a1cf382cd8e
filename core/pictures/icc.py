"""ICC profiles (ICC.1:2022) made of a curve and three primaries, for files that state these without a profile."""

import struct
from collections.abc import Sequence

import numpy as np

Colours = Sequence[float]  # x and y of white, red, green and blue, eight numbers

D50 = np.array([0.9642, 1.0, 0.8249])  # white of the profile connection space
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
SRGB_COLOURS = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
GREATEST = 32767.0  # of the profile's fixed-point numbers


def gamma_curve(gamma: float) -> bytes:
    """The curve value**gamma, from a file's value to light."""
    return b"para" + bytes(4) + struct.pack(">HH", 0, 0) + _fixed(min(gamma, GREATEST))


def srgb_curve() -> bytes:
    """The curve of sRGB (IEC 61966-2-1)."""
    numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return b"para" + bytes(4) + struct.pack(">HH", 3, 0) + b"".join(map(_fixed, numbers))


def matrix_profile(curve: bytes, colours: Colours) -> bytes | None:
    """A profile of RGB pictures; None for colours that span nothing."""
    columns = _matrix(colours)
    if columns is None:
        return None
    tags = {b"wtpt": _xyz(D50)} | {name + b"TRC": curve for name in (b"r", b"g", b"b")}
    tags |= {name + b"XYZ": _xyz(column) for name, column in zip((b"r", b"g", b"b"), columns.T)}
    table, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    size = 128 + len(table) + len(bodies)
    head = struct.pack(">I4sI", size, bytes(4), 0x04300000) + b"mntrRGB XYZ " + bytes(12) + b"acsp"
    return head + bytes(28) + b"".join(map(_fixed, D50)) + bytes(48) + table + bodies


def _matrix(colours: Colours) -> np.ndarray | None:
    """XYZ of red, green and blue as columns, for a white of D50."""
    xy = np.reshape(colours, (4, 2))
    if (xy[:, 1] <= 0).any():
        return None
    xyz = np.stack([xy[:, 0], xy[:, 1], 1 - xy.sum(1)]) / xy[:, 1]
    white, primaries = xyz[:, 0], xyz[:, 1:]
    if abs(np.linalg.det(primaries)) < 1e-6:
        return None
    cones = (BRADFORD @ D50) / (BRADFORD @ white)
    adapted = np.linalg.inv(BRADFORD) @ np.diag(cones) @ BRADFORD
    return adapted @ (primaries * np.linalg.solve(primaries, white))


def _xyz(numbers: Sequence[float] | np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, numbers))


def _fixed(number: float) -> bytes:
    return struct.pack(">i", round(65536 * float(np.clip(number, -GREATEST, GREATEST))))
