"""Edits at a photo's own size: what a small model cleans is a matter of single pixels, so nothing is made smaller.

A photo larger than the model is worked on in overlapping tiles of the model's own size (app/edits/tiles.py), as many of
them in one evaluation as others can wait for.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

import core
from app.edits.base import PREVIEW_SIDE, Edit, Part
from app.edits.results import Finished
from app.edits.squares import read_square, within
from app.edits.super_resolve import as_squares
from app.edits.tiles import Mosaic, tile_starts
from core.compose import Square
from core.errors import RequestError

MAX_PIXELS = 16_000_000
EVALUATION_PIXELS = 64 * 64 * 64  # at most in one evaluation: others wait for their turn meanwhile
GOOD_ROUNDS = 20  # a person sees that it goes on
EXACT_SIDE = 256  # pixels up to which the page is shown what was given, pixel by pixel


@dataclass(frozen=True, kw_only=True, eq=False)
class TiledEdit(Edit):
    """A photo [H,W,3] uint8 and the part of it to work on (None: all), in so many tiles and rounds of them."""

    photo: np.ndarray
    square: Square | None = None
    tiles: int
    rounds: int

    @property
    def shares(self) -> tuple[Hashable, ...]:
        return *super().shares, self.tiles == 1 or object()  # a photo of several tiles is a batch already

    @property
    def part(self) -> np.ndarray:
        """The part of the photo, [H,W,3] uint8."""
        return self.photo if self.square is None else self.photo[self.square.inside(self.photo)]

    @property
    def place(self) -> tuple[int, int, int] | None:
        """x, y and side of the square."""
        return None if self.square is None else (self.square.x, self.square.y, self.square.side)

    def settings(self) -> dict[str, Any]:
        return super().settings() | {"square": self.place and list(self.place)}

    def as_part(self, finish: Callable[[Mosaic], Finished]) -> Part:
        """It as one picture of a batch: shown as the mosaic stands, finished when all tiles are there."""
        return Part(self.seeds[0], lambda mosaic: mosaic.preview(PREVIEW_SIDE), finish, self.place)

    def whole(self, part: np.ndarray) -> np.ndarray:
        """The photo with a new part in its place: every other pixel is its own."""
        if self.square is None:
            return part
        whole = self.photo.copy()
        whole[self.square.inside(whole)] = part
        return whole

    def given(self) -> dict[str, bytes]:
        """What the page shows pixel by pixel beside the result, if it is a small square: {"input": PNG file}."""
        rows, columns = self.part.shape[:2]
        return {"input": core.png_bytes(as_squares(self.part))} if rows == columns <= EXACT_SIDE else {}


def read_part(photo: np.ndarray, square: Any, resolution: int) -> dict[str, Any]:
    """The fields of a `TiledEdit`. Raises RequestError for more than 16 million pixels and for an impossible square."""
    placed = within(photo, read_square(square))
    part = photo if placed is None else photo[placed.inside(photo)]
    rows, columns = part.shape[:2]
    if rows * columns > MAX_PIXELS:
        raise RequestError(
            f"This is a photo of {rows * columns / 1e6:.0f} million pixels; up to {MAX_PIXELS // 1_000_000} million"
            " can be worked on at once. Place the square over a part of it."
        )
    tiles = len(tile_starts(rows, resolution)) * len(tile_starts(columns, resolution))
    rounds = _rounds(tiles, max(EVALUATION_PIXELS // resolution**2, 1))
    return {"photo": photo, "square": placed, "tiles": tiles, "rounds": rounds}


def _rounds(tiles: int, most: int) -> int:
    """How many rounds of at most `most` tiles. Up to 20 where each round still has a quarter of that."""
    return min(max(-(-tiles // most), min(GOOD_ROUNDS, -(-4 * tiles // most))), tiles)


def rounds_of(mosaics: Sequence[Mosaic], rounds: int) -> Iterator[list[tuple[int, tuple[int, int]]]]:
    """The tiles of each round: the number of their mosaic, and their corner in it."""
    work = [(k, corner) for k, mosaic in enumerate(mosaics) for corner in mosaic.corners]
    for some in np.array_split(np.arange(len(work)), rounds):
        yield [work[at] for at in some]


def put_all(mosaics: Sequence[Mosaic], chosen: Sequence[tuple[int, tuple[int, int]]], x0: torch.Tensor) -> None:
    """The model's tiles [B,3,R,R], in model range, in their places."""
    levels = x0.float().cpu().add(1).mul(127.5).permute(0, 2, 3, 1).numpy()
    for (k, corner), tile in zip(chosen, levels, strict=True):
        mosaics[k].put(corner, tile)
