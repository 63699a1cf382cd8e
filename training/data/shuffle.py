"""The order of a stream's pictures: shuffled, and yet read in rows, from anywhere on, by any number of processes.

Every epoch puts the rows of the set (pictures of an archive that lie next to each other) in a new order and cuts the
result into as many lanes as a batch has pictures. Picture s of every batch comes from lane s. So a process, which works
on some pictures of every batch, reads those lanes only, and it reads them row by row: all of them together, at any
moment, are in a window of `buffer` pictures, among which they are shuffled.

Everything is arithmetic on numbers: nothing is read to find out what comes next.
"""

from functools import lru_cache

import numpy as np


class StreamOrder:
    """Which of `count` pictures comes at any time. row_starts: the pictures at which rows begin (ascending, from 0)."""

    def __init__(self, row_starts: np.ndarray, count: int, *, lanes: int, buffer: int, seed: int):
        self._row_starts, self._count, self._seed = row_starts, count, seed
        self._lanes = min(lanes, count)
        self._window = max(buffer // self._lanes, 1)
        lengths = np.full(self._lanes, count // self._lanes)
        lengths[: count % self._lanes] += 1
        self._lengths, self._starts = lengths.tolist(), (lengths.cumsum() - lengths).tolist()
        self._epoch = lru_cache(maxsize=4)(self._shuffled)  # lanes that are a picture shorter are ahead of the others

    def at(self, position: int) -> int:
        """The picture at this position of the endless stream; position // lanes is its place in lane position % lanes.

        Every lane goes through its part of epoch 0, then of epoch 1, and so on: each picture once an epoch.
        """
        place, lane = divmod(position, self._lanes)
        epoch, offset = divmod(place, self._lengths[lane])
        return int(self._epoch(epoch)[self._starts[lane] + offset])

    def _shuffled(self, epoch: int) -> np.ndarray:
        """All pictures, lane after lane."""
        rng = np.random.Generator(np.random.Philox(key=[self._seed, epoch]))
        rows = rng.permutation(len(self._row_starts))
        lengths = np.diff(self._row_starts, append=self._count)[rows]
        order = np.arange(self._count) + np.repeat(self._row_starts[rows] - (lengths.cumsum() - lengths), lengths)
        places = np.arange(self._count) - np.repeat(self._starts, self._lengths)
        in_a_lane = self._lengths[0] // self._window + 1
        windows = np.repeat(np.arange(self._lanes) * in_a_lane, self._lengths) + places // self._window
        return order[np.argsort(windows + rng.random(self._count) / 2, kind="stable")]  # half: never the next number
