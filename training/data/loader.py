"""Batches for the trainer: from memory, or from a stream that decodes pictures in the background.

Both give the pictures first .. last - 1 of the batch that starts after `seen` pictures. They depend on (seed, seen)
alone. So a run that is resumed at any point, on any number of processes, gets the same pictures as without the pause.

Shapes: B pictures in the part, C channels, R pixels along each side.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from core.errors import ConfigError, PictureError
from training.config import DataConfig
from training.data.memory import Pictures, batch_indices, left_out_messages, load_pictures
from training.data.shuffle import StreamShuffle
from training.data.dataset import PictureSet

BATCHES_AHEAD = 2  # batches that are decoded in advance while a step is computed
MOST_BROKEN = 100  # pictures in a row that do not open, after which the run ends


class Loader(Protocol):
    """The pictures of a data set in the order of training."""

    def __len__(self) -> int:
        """The number of pictures in an epoch."""

    def batch(self, seen: int, first: int, last: int) -> tuple[Tensor, Tensor]:
        """Pictures uint8 [B,C,R,R] and class numbers [B] (0 without classes): a part of the batch after `seen` pictures."""

    def sample(self, count: int) -> tuple[Tensor, Tensor]:
        """`count` pictures uint8 [count,C,R,R] and class numbers [count]: always the same ones of the set."""

    @property
    def identity(self) -> dict[str, int | str]:
        """What tells these pictures from others (`PictureSet.identity`)."""

    def new_messages(self) -> list[str]:
        """Messages for the log about pictures that do not open, since the last call."""

    def close(self) -> None:
        """Stop decoding in the background."""


def open_loader(
    data: DataConfig,
    classes: tuple[str, ...],
    resolution: int,
    device: torch.device,
    run_seed: int,
    batch: int,
    rank: int = 0,
    world: int = 1,
) -> Loader:
    """The training pictures of a run for the process `rank` of `world`, on that device.

    batch: pictures in a batch of all processes. Raises ConfigError for a source that cannot be used.
    """
    if not data.stream:
        loaded = load_pictures(data.root, data.train, classes, resolution, data.square)
        return MemoryLoader(loaded.to(device), batch, run_seed)
    pictures = PictureSet(data.root, data.train, classes, resolution, square=data.square, stream=True)
    shuffle = StreamShuffle(pictures.run_starts(), len(pictures), lanes=batch, buffer=data.buffer, seed=run_seed)
    own = range(rank * batch // world, (rank + 1) * batch // world)
    return StreamLoader(pictures, shuffle, device, batch=batch, own=own, workers=data.workers)


class MemoryLoader:
    """All pictures in the memory of the device. Each epoch is a random permutation."""

    def __init__(self, pictures: Pictures, batch: int, seed: int):
        self.pictures, self._batch, self._seed = pictures, batch, seed
        self._messages = pictures.messages()

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def identity(self) -> dict[str, int | str]:
        """That of the pictures that opened."""
        return self.pictures.identity

    def batch(self, seen: int, first: int, last: int) -> tuple[Tensor, Tensor]:
        """Pictures uint8 [B,C,R,R] and class numbers [B] on the device."""
        return self._take(batch_indices(len(self), self._batch, seen, self._seed)[first:last])

    def sample(self, count: int) -> tuple[Tensor, Tensor]:
        """The first `count` pictures uint8 [count,C,R,R] of the run's order, and their class numbers [count]."""
        return self._take(batch_indices(len(self), count, 0, self._seed))

    def _take(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        indices = indices.to(self.pictures.pixels.device)
        return self.pictures.pixels[indices], self.pictures.labels[indices]

    def new_messages(self) -> list[str]:
        """The names of pictures that did not open, in the first call; nothing later."""
        messages, self._messages = self._messages, []
        return messages

    def close(self) -> None:
        """Nothing runs in the background."""


class StreamLoader:
    """Pictures that threads decode, a few batches before they are needed.

    A picture that does not open is replaced by the next one in the set that does. So every batch is complete, and a
    resumed run gets the same pictures.
    """

    def __init__(
        self, pictures: PictureSet, shuffle: StreamShuffle, device: torch.device, *, batch: int, own: range, workers: int
    ):
        """batch: pictures in a batch. own: which of them this process computes. workers: threads that decode."""
        self._pictures, self._shuffle, self._device = pictures, shuffle, device
        self._batch, self._own = batch, own
        self._ahead = BATCHES_AHEAD + 2 * workers // len(own)  # in batches; more of them for small ones, so that no thread is idle
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self._pending: dict[int, Future] = {}  # decoded pictures by position in the stream
        self._broken: dict[int, None] = {}  # indices of pictures that did not open, in the order of discovery
        self._seen: int | None = None
        self._left_out = left_out_messages(pictures.left_out)  # that are not in the log yet
        self._reported, self._epoch = 0, 0  # broken pictures in the log, epoch of the last call of new_messages

    def __len__(self) -> int:
        return len(self._pictures)

    @cached_property
    def identity(self) -> dict[str, int | str]:
        """That of all pictures: one that does not open has its place in the order all the same."""
        return self._pictures.identity(range(len(self)))

    def batch(self, seen: int, first: int, last: int) -> tuple[Tensor, Tensor]:
        """Pictures uint8 [B,C,R,R] and class numbers [B] on the device. Raises ConfigError if too many do not open."""
        futures = [self._decoded(seen + slot) for slot in range(first, last)]
        if seen != self._seen:
            self._look_ahead(seen)
        return self._stack([future.result() for future in futures])

    def sample(self, count: int) -> tuple[Tensor, Tensor]:
        """`count` pictures uint8 [count,C,R,R] at equal distances in the set, and their class numbers [count]."""
        evenly_spaced = np.linspace(0, len(self), count, endpoint=False).astype(int)
        distinct, inverse = np.unique(evenly_spaced, return_inverse=True)  # small sets are decoded once
        pixels, labels = self._stack(list(self._threads.map(self._decode, distinct.tolist())))
        return pixels[inverse], labels[inverse]

    def new_messages(self) -> list[str]:
        """A message for each newly found picture that does not open, and a count at the end of an epoch."""
        broken = list(self._broken)
        messages, self._left_out = self._left_out, []
        messages += [f"left out, does not open: {self._pictures.name(index)}" for index in broken[self._reported :]]
        self._reported = len(broken)
        epoch = (self._seen or 0) // len(self)
        if broken and epoch > self._epoch:
            messages.append(f"epoch {epoch - 1} is over: {len(broken)} of {len(self)} pictures did not open here")
        self._epoch = epoch
        return messages

    def close(self) -> None:
        """Stop decoding; a picture that is being decoded is finished."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _look_ahead(self, seen: int) -> None:
        """Start to decode the next batches, and drop the pictures of earlier ones."""
        if self._seen is None:
            self._epoch = seen // len(self)
        self._seen = seen
        positions = range(seen, seen + (self._ahead + 1) * self._batch)
        for position in [position for position in self._pending if position not in positions]:
            self._pending.pop(position).cancel()
        for start in positions[:: self._batch]:
            for slot in self._own:
                self._decoded(start + slot)

    def _decoded(self, position: int) -> Future:
        """The picture at a position of the stream, whose decoding is started if it was not."""
        if position not in self._pending:
            self._pending[position] = self._threads.submit(self._decode, self._shuffle.at(position))
        return self._pending[position]

    def _decode(self, index: int) -> tuple[np.ndarray, int]:
        """The picture uint8 [C,R,R] with that index, or the next one that opens, and its class number."""
        for neighbour in range(index, index + MOST_BROKEN):
            neighbour %= len(self)
            try:
                return self._pictures.pixels(neighbour), self._pictures.labels[neighbour]
            except PictureError:
                self._broken.setdefault(neighbour)
        raise ConfigError(f"{MOST_BROKEN} pictures in a row do not open, from {self._pictures.name(index)} on.")

    def _stack(self, decoded: list[tuple[np.ndarray, int]]) -> tuple[Tensor, Tensor]:
        """Pictures uint8 [B,C,R,R] and class numbers [B], on the device."""
        pixels, labels = zip(*decoded)
        return torch.from_numpy(np.stack(pixels)).to(self._device), torch.from_numpy(np.array(labels)).to(self._device)
