"""Edits at the photo's own size: noise and blur are a matter of single pixels, so the photo is not made smaller.

A photo is cut into overlapping tiles of the model's size (app/edits/tiles.py). A round is one group of tiles that the
network evaluates as a batch. A round is small enough that other visitors need not wait long for their turn.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

import core
from app.edits.base import PREVIEW_SIDE, BatchPicture, Edit
from app.edits.results import Finished
from app.edits.squares import photo_square, square_numbers
from app.edits.super_resolve import as_squares
from app.edits.tiles import Mosaic, tile_starts
from core.compose import Square
from core.errors import RequestError

MAX_PIXELS = 16_000_000  # of the part to work on
EVALUATION_PIXELS = 64 * 64 * 64  # of all tiles of a round, at most
GOOD_ROUNDS = 20  # enough that a person sees progress
EXACT_SIDE = 256  # pixels a side up to which the page shows the input pixel by pixel


@dataclass(frozen=True, kw_only=True, eq=False)
class TiledEdit(Edit):
    """A photo [H,W,3] uint8, its square to work on (None: all of it), and how many tiles and rounds that takes."""

    photo: np.ndarray
    square: Square | None = None
    tiles: int
    rounds: int

    @property
    def batch_size(self) -> int:
        """See app/edits/base.py. The tiles of a round."""
        return -(-self.tiles // self.rounds)

    @property
    def batch_key(self) -> tuple[Hashable, ...]:
        """See app/edits/base.py. A photo of several tiles is a batch already, so its key is equal to no other."""
        return *super().batch_key, self.tiles == 1 or object()

    @property
    def part(self) -> np.ndarray:
        """The square of the photo, or all of it, [h,w,3] uint8."""
        return self.photo if self.square is None else self.photo[self.square.inside(self.photo)]

    def settings(self) -> dict[str, Any]:
        """See app/edits/base.py."""
        return super().settings() | {"square": square_numbers(self.square)}

    def as_batch_picture(self, finish: Callable[[Mosaic], Finished]) -> BatchPicture:
        """This request as one picture of a batch. Its output is its mosaic: what is shown is the tiles put so far."""
        return BatchPicture(
            self.seeds[0], lambda mosaic: mosaic.preview(PREVIEW_SIDE), finish, square_numbers(self.square)
        )

    def whole(self, part: np.ndarray) -> np.ndarray:
        """The photo [H,W,3] with `part` [h,w,3] instead of its own; the pixels outside the square are unchanged."""
        if self.square is None:
            return part
        whole = self.photo.copy()
        whole[self.square.inside(whole)] = part
        return whole

    def input_picture(self) -> dict[str, bytes]:
        """{"input": PNG file of the part, each pixel enlarged}, for the page; {} unless the part is a small square."""
        rows, columns = self.part.shape[:2]
        return {"input": core.png_bytes(as_squares(self.part))} if rows == columns <= EXACT_SIDE else {}


def read_part(photo: np.ndarray, square: Any, resolution: int) -> dict[str, Any]:
    """The fields of a `TiledEdit`. photo [H,W,3] uint8; square: untrusted [x, y, side] or None; resolution: R.

    Raises RequestError for more than MAX_PIXELS and for an impossible square.
    """
    placed = photo_square(photo, square)
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
    """How many rounds the tiles take.

    A round has at most `most` tiles. There are up to GOOD_ROUNDS of them as long as each has most / 4 tiles or more:
    smaller batches would be slow.
    """
    return min(max(-(-tiles // most), min(GOOD_ROUNDS, -(-4 * tiles // most))), tiles)


def tiles_by_round(mosaics: Sequence[Mosaic], rounds: int) -> Iterator[list[tuple[int, tuple[int, int]]]]:
    """For each round its tiles: (index of the mosaic, corner of the tile in that mosaic)."""
    tiles = [(k, corner) for k, mosaic in enumerate(mosaics) for corner in mosaic.corners]
    for indices in np.array_split(np.arange(len(tiles)), rounds):
        yield [tiles[index] for index in indices]


def put_tiles(mosaics: Sequence[Mosaic], chosen: Sequence[tuple[int, tuple[int, int]]], x0: torch.Tensor) -> None:
    """Puts tiles x0 [B,3,R,R] in [-1, 1] into their mosaics. chosen: (index of the mosaic, corner) of each tile."""
    levels = x0.float().cpu().add(1).mul(127.5).permute(0, 2, 3, 1).numpy()
    for (k, corner), tile in zip(chosen, levels, strict=True):
        mosaics[k].put(corner, tile)
