"""How a person stops a run: Ctrl-C lets it end its step and save, twice ends it at once."""

import signal


class Interrupt:
    """A context in which the first Ctrl-C (or SIGTERM) sets `asked`, and the second acts as usual."""

    def __enter__(self) -> "Interrupt":
        self.asked = False
        self.previous = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def _ask(self, number, frame) -> None:
        self.asked = True
        signal.signal(number, self.previous[number])

    def __exit__(self, *exception) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)
