"""Batches for the trainer: from memory, or from a stream that decodes in the background.

Both answer the same question, "pictures first .. last - 1 of the batch that starts after `seen` pictures", from (seed,
seen) alone: a run that goes on at any point sees what it would have seen, on any number of processes.

Shapes: B pictures of the part, C channels, R side.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from core.errors import ConfigError, PictureError
from training.config import DataConfig
from training.data.memory import Pictures, batch_indices, load_pictures
from training.data.shuffle import StreamOrder
from training.data.dataset import PictureSet

BATCHES_AHEAD = 2  # that are decoded while a step is worked on
MOST_BROKEN = 100  # neighbours that do not open, before the set is taken to be lost


class Feed(Protocol):
    """Pictures of a data set in training order."""

    def __len__(self) -> int:
        """The pictures of one epoch."""

    def batch(self, seen: int, first: int, last: int) -> tuple[Tensor, Tensor]:
        """uint8 [B,C,R,R] and class numbers [B] (0 without classes): a part of the batch after `seen` pictures."""

    def sample(self, count: int) -> tuple[Tensor, Tensor]:
        """The same of `count` pictures of the set, always the same ones."""

    def news(self) -> list[str]:
        """Sentences for the log about pictures that do not open: what is new since the last call."""

    def close(self) -> None:
        """End what goes on in the background."""


def open_feed(
    data: DataConfig,
    classes: tuple[str, ...],
    resolution: int,
    device: torch.device,
    run_seed: int,
    batch: int,
    rank: int = 0,
    world: int = 1,
) -> Feed:
    """The training pictures of a run, for process `rank` of `world`. Raises ConfigError for sources without use."""
    if not data.stream:
        loaded = load_pictures(data.root, data.train, classes, resolution, data.square)
        return MemoryFeed(loaded.to(device), batch, run_seed)
    pictures = PictureSet(data.root, data.train, classes, resolution, square=data.square, stream=True)
    order = StreamOrder(pictures.row_starts(), len(pictures), lanes=batch, buffer=data.buffer, seed=run_seed)
    own = range(rank * batch // world, (rank + 1) * batch // world)
    return StreamFeed(pictures, order, device, batch=batch, own=own, workers=data.workers)


class MemoryFeed:
    """All pictures on the device; every epoch is a permutation of its own."""

    def __init__(self, pictures: Pictures, batch: int, seed: int):
        self.pictures, self._batch, self._seed = pictures, batch, seed
        self._news = [f"left out, does not open: {name}" for name in pictures.broken]

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, seen: int, first: int, last: int) -> tuple[Tensor, Tensor]:
        return self._take(batch_indices(len(self), self._batch, seen, self._seed)[first:last])

    def sample(self, count: int) -> tuple[Tensor, Tensor]:
        return self._take(batch_indices(len(self), count, 0, self._seed))

    def _take(self, chosen: Tensor) -> tuple[Tensor, Tensor]:
        chosen = chosen.to(self.pictures.pixels.device)
        return self.pictures.pixels[chosen], self.pictures.labels[chosen]

    def news(self) -> list[str]:
        news, self._news = self._news, []
        return news

    def close(self) -> None:
        pass


class StreamFeed:
    """Pictures decoded by threads, a few batches ahead of the step that needs them.

    own: the pictures of every batch that this process works on. A picture that does not open is replaced by its next
    neighbour that does, so that every batch is whole and the same again in a run that goes on.
    """

    def __init__(
        self, pictures: PictureSet, order: StreamOrder, device: torch.device, *, batch: int, own: range, workers: int
    ):
        self._pictures, self._order, self._device = pictures, order, device
        self._batch, self._own = batch, own
        self._ahead = BATCHES_AHEAD + 2 * workers // len(own)  # small batches leave no thread idle
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self._coming: dict[int, Future] = {}  # by position in the stream
        self._broken: dict[int, None] = {}  # pictures that did not open, in the order in which they were found
        self._seen: int | None = None
        self._told, self._epoch = 0, 0

    def __len__(self) -> int:
        return len(self._pictures)

    def batch(self, seen: int, first: int, last: int) -> tuple[Tensor, Tensor]:
        wanted = [self._decoded(seen + slot) for slot in range(first, last)]
        if seen != self._seen:
            self._look_ahead(seen)
        return self._stack([future.result() for future in wanted])

    def sample(self, count: int) -> tuple[Tensor, Tensor]:
        spread = np.linspace(0, len(self), count, endpoint=False).astype(int)
        distinct, places = np.unique(spread, return_inverse=True)  # small sets are decoded once
        pixels, labels = self._stack(list(self._threads.map(self._decode, distinct.tolist())))
        return pixels[places], labels[places]

    def news(self) -> list[str]:
        found = list(self._broken)
        news = [f"left out, does not open: {self._pictures.name(index)}" for index in found[self._told :]]
        self._told = len(found)
        epoch = (self._seen or 0) // len(self)
        if found and epoch > self._epoch:
            news.append(f"epoch {epoch - 1} is over: {len(found)} of {len(self)} pictures did not open here")
        self._epoch = epoch
        return news

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _look_ahead(self, seen: int) -> None:
        """Begin to decode what comes next, and forget what is over."""
        if self._seen is None:
            self._epoch = seen // len(self)
        self._seen = seen
        coming = range(seen, seen + (self._ahead + 1) * self._batch)
        for position in [position for position in self._coming if position not in coming]:
            self._coming.pop(position).cancel()
        for start in coming[:: self._batch]:
            for slot in self._own:
                self._decoded(start + slot)

    def _decoded(self, position: int) -> Future:
        if position not in self._coming:
            self._coming[position] = self._threads.submit(self._decode, self._order.at(position))
        return self._coming[position]

    def _decode(self, index: int) -> tuple[np.ndarray, int]:
        """The picture, or the next that opens, and its class."""
        for neighbour in range(index, index + MOST_BROKEN):
            neighbour %= len(self)
            try:
                return self._pictures.pixels(neighbour), self._pictures.labels[neighbour]
            except PictureError:
                self._broken.setdefault(neighbour)
        raise ConfigError(f"{MOST_BROKEN} pictures in a row do not open, from {self._pictures.name(index)} on.")

    def _stack(self, decoded: list[tuple[np.ndarray, int]]) -> tuple[Tensor, Tensor]:
        pixels, labels = zip(*decoded)
        return torch.from_numpy(np.stack(pixels)).to(self._device), torch.from_numpy(np.array(labels)).to(self._device)
