"""Several photos with the same edit as one request: the network evaluates their pictures as one batch.

The network sees each photo at its own size, whatever the size of the photo. So requests with the same settings can
mostly be one batch. Where they cannot, their `batch_key` differs.
"""

from dataclasses import dataclass
from typing import ClassVar

from app.edits.base import Edit

MAX_BATCH = 8  # photos in one batch: while it is evaluated, other visitors wait for their turn
MAX_BATCH_PIXELS = 60_000_000  # of all photos in one batch, which are decoded at the same time


@dataclass(frozen=True, eq=False)
class BatchRequest:
    """Requests that are evaluated as one batch, in the order of their pictures."""

    many: ClassVar[bool] = False
    live: ClassVar[bool] = False

    requests: tuple[Edit, ...]

    @property
    def evaluations(self) -> int:
        """How many times the network is evaluated, each time for all pictures."""
        return self.requests[0].evaluations

    @property
    def batch_size(self) -> int:
        """How many pictures the network gets at each evaluation, at most."""
        return sum(request.batch_size for request in self.requests)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of each picture."""
        return tuple(request.seeds[0] for request in self.requests)


def fits_batch(requests: list[Edit], request: Edit) -> bool:
    """Whether a batch of these requests has room for one more request, and the request has the same batch key."""
    if not requests:
        return True
    pixels = sum(each.pixels for each in (*requests, request))
    return len(requests) < MAX_BATCH and pixels <= MAX_BATCH_PIXELS and request.batch_key == requests[0].batch_key
