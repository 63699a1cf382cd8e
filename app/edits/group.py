"""Several photos with the same edit as one request: their pictures are one batch at every evaluation of the model.

What the model sees of a photo has the model's own size whatever the photo's, so most of what is asked for with the same
settings can share a batch; where it cannot, `shares` of the requests differ.
"""

from dataclasses import dataclass
from typing import ClassVar

from app.edits.base import Edit

MOST = 8  # photos of one batch: others wait for their turn meanwhile
MOST_PIXELS = 60_000_000  # of all photos of one batch, which are decoded together


@dataclass(frozen=True, eq=False)
class Together:
    """Requests that share every evaluation, in the order of their pictures."""

    many: ClassVar[bool] = False

    requests: tuple[Edit, ...]

    @property
    def evaluations(self) -> int:
        return self.requests[0].evaluations

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(request.seeds[0] for request in self.requests)


def fits(requests: list[Edit], request: Edit) -> bool:
    """Whether one more can share the batch of these."""
    if not requests:
        return True
    pixels = sum(each.pixels for each in (*requests, request))
    return len(requests) < MOST and pixels <= MOST_PIXELS and request.shares == requests[0].shares
