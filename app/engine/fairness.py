"""Who is next, so that all get the same time: start-time fair queueing (Goyal, Vin, Cheng 1996).

Each key has a time on a common clock: when it began last, plus the seconds that this took. The key with the earliest
time is next. The clock shows the time of who began last. A newcomer begins there, and nobody is owed for time in which
they asked for nothing.
"""

from collections.abc import Hashable

LINE = 64  # keys: the clock goes at least as fast as if so many took part, so that newcomers never keep anybody waiting


class FairClock:
    """The times of all keys that are ahead of the clock, in seconds. Any other key's time is `now`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ahead: dict[Hashable, float] = {}

    def time_of(self, key: Hashable) -> float:
        """When this key would begin: the key with the least is next."""
        return max(self.now, self.ahead.get(key, 0.0))

    def begin(self, key: Hashable) -> float:
        """The key is next. Returns the time at which it begins."""
        self.now = self.time_of(key)
        return self.now

    def charge(self, key: Hashable, began: float, seconds: float) -> None:
        """What the key began then has taken so many seconds."""
        self.ahead[key] = max(began, self.ahead.get(key, 0.0)) + seconds
        self.now += seconds / LINE
        self.ahead = {each: time for each, time in self.ahead.items() if time > self.now}
