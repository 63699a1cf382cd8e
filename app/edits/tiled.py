"""Edits of single pixels: they work at the photo's own size, or make it larger, and never make it smaller.

A photo is cut into overlapping tiles that have the model's size when they are put back (app/edits/tiles.py). A round is
one group of tiles that the network evaluates as a batch. A round is small enough that other visitors need not wait long
for their turn.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch

import core
from app.edits.base import PREVIEW_SIDE, BatchConstraint, BatchPicture, Edit, labels_of, sigmas_of
from app.edits.results import Finished
from app.edits.spec import MAX_SEED
from app.edits.squares import photo_square, square_numbers
from app.edits.tiles import Mosaic, tile_starts
from core.compose import Square
from core.errors import RequestError

MAX_PIXELS = 16_000_000  # of the part to work on, as large as it will be
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
    def evaluations(self) -> int:
        """All noise levels, for one group of tiles after the other."""
        return self.rounds * super().evaluations

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
        """See app/edits/base.py. The steps are those of one tile."""
        return super().settings() | {
            "steps": self.evaluations // self.rounds,
            "square": square_numbers(self.square),
        }

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


T = TypeVar("T", bound=TiledEdit)


def read_part(photo: np.ndarray, square: Any, resolution: int) -> dict[str, Any]:
    """The fields of a `TiledEdit` that keeps the photo's size.

    photo [H,W,3] uint8; square: untrusted [x, y, side] or None; resolution: R. Raises RequestError for more than
    MAX_PIXELS and for an impossible square.
    """
    placed, (rows, columns) = placed_part(photo, square)
    if rows * columns > MAX_PIXELS:
        raise RequestError(
            f"This is a photo of {rows * columns / 1e6:.0f} million pixels; up to {MAX_PIXELS // 1_000_000} million"
            " can be worked on at once. Place the square over a part of it."
        )
    return {"photo": photo, "square": placed, **tiles_and_rounds((rows, columns), resolution)}


def placed_part(photo: np.ndarray, square: Any) -> tuple[Square | None, tuple[int, int]]:
    """The untrusted square [x, y, side] or None, checked, and (rows, columns) of the photo in it.

    Raises RequestError for an impossible square.
    """
    placed = photo_square(photo, square)
    part = photo if placed is None else photo[placed.inside(photo)]
    return placed, part.shape[:2]


def tiles_and_rounds(size: tuple[int, int], resolution: int, factor: int = 1) -> dict[str, Any]:
    """Fields of a `TiledEdit` for (rows, columns) that are enlarged by the factor. resolution: R."""
    rows, columns = (len(tile_starts(length, resolution // factor)) for length in size)
    return {"tiles": rows * columns, "rounds": _rounds(rows * columns, max(EVALUATION_PIXELS // resolution**2, 1))}


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


def tiled_edit_steps(
    model: core.Model,
    requests: Sequence[T],
    mosaics: Sequence[Mosaic],
    prepared: Callable[[T, torch.Tensor], tuple[core.Constraint, torch.Tensor]],
) -> Iterator[Sequence[Mosaic] | None]:
    """Algorithm 4 (core/sampling.py) on every tile. Yields the mosaics after each evaluation, None for a pause.

    After the last noise level of a round its tiles are put in. prepared: (request, tile [1,3,r,r]) -> what is known of
    the tile, and the start [1,3,R,R]. Each tile has noise of its own.
    """
    sigmas = sigmas_of(model, requests[0])
    for chosen in tiles_by_round(mosaics, requests[0].rounds):
        tiles = [core.to_model(mosaics[k].tile(corner)).to(model.device) for k, corner in chosen]
        pairs = [prepared(requests[k], tile) for tile, (k, _) in zip(tiles, chosen, strict=True)]
        constraint = BatchConstraint([known for known, _ in pairs])
        start = torch.cat([start for _, start in pairs])
        seeds = [requests[k].seeds[0] + mosaics[k].corners[corner] for k, corner in chosen]
        noise = core.SeededNoise([seed % (MAX_SEED + 1) for seed in seeds])
        labels = labels_of(model, requests[0], len(chosen))
        left = len(sigmas)
        for x0 in core.edit_steps(model, constraint, sigmas, noise, start=start, labels=labels, pauses=True):
            left -= x0 is not None
            if x0 is not None and not left:
                put_tiles(mosaics, chosen, x0)
            yield None if x0 is None else mosaics


def plane(pixels: np.ndarray, channel: int) -> torch.Tensor:
    """One channel of levels [H,W,3], 0 to 255, as [1,1,H,W] in [-1, 1]: a large photo is worked on by channels."""
    return torch.from_numpy(pixels[..., channel].astype(np.float32)).div_(127.5).sub_(1)[None, None]


def as_squares(small: np.ndarray) -> np.ndarray:
    """[h,w,3] uint8 with each pixel as a square, so that the longer side has PREVIEW_SIDE pixels or more."""
    times = -(-PREVIEW_SIDE // max(small.shape[:2]))
    return small.repeat(times, 0).repeat(times, 1)
