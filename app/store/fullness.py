"""What leaves a full store: something of whoever has most there, so that nobody's things make way for a stranger's."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeVar


class Owned(Protocol):
    """Something that is stored. owner: the address for which it is."""

    @property
    def owner(self) -> str: ...


T = TypeVar("T", bound=Owned)


def too_much(stored: Mapping[str, T], limit: int, size: Callable[[T], int]) -> Iterator[str]:
    """The names of what has to leave so that all sizes together are at most `limit`.

    stored: by name, what was unused for longest first; the last one is new and stays. Of the owner with the largest
    part the first ones leave first.
    """
    total, held = 0, Counter[str]()
    waiting: dict[str, list[str]] = {}
    for name, each in stored.items():
        held[each.owner] += size(each)
        total += size(each)
        waiting.setdefault(each.owner, []).append(name)
    if stored:
        waiting[stored[name].owner].pop()
    while total > limit and (owners := [owner for owner, names in waiting.items() if names]):
        owner = max(owners, key=lambda each: held[each])
        name = waiting[owner].pop(0)
        held[owner] -= size(stored[name])
        total -= size(stored[name])
        yield name
