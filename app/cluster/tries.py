"""How often each block of work was begun: Ray Data itself would begin it for ever.

A module of its own, so that the process that counts is small.
"""

from collections import Counter


class Tries:
    """Counts by the number of the block."""

    def __init__(self) -> None:
        self._begun: Counter[int] = Counter()

    def begin(self, number: int) -> int:
        """Count one more, and return the count."""
        self._begun[number] += 1
        return self._begun[number]
