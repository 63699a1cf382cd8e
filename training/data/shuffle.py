"""The order of a stream's pictures: shuffled, and still mostly sequential reading for any number of processes.

A run is a group of pictures that lie next to each other in an archive. Each epoch puts the runs in a new random order
and divides the result into lanes, as many as a batch has pictures. Picture s of every batch comes from lane s. So a
process, which computes some pictures of every batch, reads only their lanes, and each lane run by run. Within a lane
pictures are shuffled inside windows; the windows of all lanes together hold `buffer` pictures.

The order is computed from numbers alone. No picture is read to find the next one, so a stream can start anywhere.
"""

from functools import lru_cache

import numpy as np


class StreamShuffle:
    """The endless shuffled order of `count` pictures."""

    def __init__(self, run_starts: np.ndarray, count: int, *, lanes: int, buffer: int, seed: int):
        """run_starts: the indices at which runs start, ascending from 0. lanes: pictures in a batch. buffer: pictures."""
        self._run_starts, self._count, self._seed = run_starts, count, seed
        self._lanes = min(lanes, count)
        self._window = max(buffer // self._lanes, 1)
        lengths = np.full(self._lanes, count // self._lanes)
        lengths[: count % self._lanes] += 1
        self._lengths, self._starts = lengths.tolist(), (lengths.cumsum() - lengths).tolist()
        self._epoch = lru_cache(maxsize=4)(self._shuffled)  # not all lanes change epochs at the same time

    def at(self, position: int) -> int:
        """The index of the picture at this position of the stream, which belongs to lane position % lanes.

        Each lane goes through its part of epoch 0, then of epoch 1, and so on: each picture once per epoch.
        """
        step, lane = divmod(position, self._lanes)
        epoch, offset = divmod(step, self._lengths[lane])
        return int(self._epoch(epoch)[self._starts[lane] + offset])

    def _shuffled(self, epoch: int) -> np.ndarray:
        """[count] the indices of all pictures in the order of this epoch, lane after lane."""
        rng = np.random.Generator(np.random.Philox(key=[self._seed, epoch]))
        runs = rng.permutation(len(self._run_starts))
        lengths = np.diff(self._run_starts, append=self._count)[runs]
        indices = np.arange(self._count) + np.repeat(self._run_starts[runs] - (lengths.cumsum() - lengths), lengths)
        offsets = np.arange(self._count) - np.repeat(self._starts, self._lengths)
        windows_per_lane = self._lengths[0] // self._window + 1
        windows = np.repeat(np.arange(self._lanes) * windows_per_lane, self._lengths) + offsets // self._window
        return indices[np.argsort(windows + rng.random(self._count) / 2, kind="stable")]  # at most 1/2, so that no picture leaves its window
