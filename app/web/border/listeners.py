"""Whether anybody listens to a session: work whose answers nobody reads is not done.

Gradio runs a queued request whether or not its sender opens the stream of answers.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

PATIENCE_S = 10.0  # seconds without a listener: a page opens the stream at once, and again after each answer
MAX_SESSIONS = 10_000  # remembered after their last stream


class Listeners:
    """The open streams of answers, by session: a page's session hash, or the event id of a call."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic):
        self.clock = clock
        self.streams: Counter[str] = Counter()
        self.closed: OrderedDict[str, float] = OrderedDict()  # when the last stream of a session ended

    @contextmanager
    def stream(self, path: str, query: bytes) -> Iterator[None]:
        """Counts the stream that a request opens, while it is open; nothing for any other request."""
        session = _session(path, query)
        if session is None:
            yield
            return
        self.streams[session] += 1
        try:
            yield
        finally:
            self._close(session)

    def are_gone(self, session: str | None, since: float) -> bool:
        """Whether nobody listens, and nobody has for a while; since: when the work began, by the same clock.

        Never for None: work that no session waits for.
        """
        if session is None or session in self.streams:
            return False
        return self.clock() - max(since, self.closed.get(session, since)) > PATIENCE_S

    def _close(self, session: str) -> None:
        self.streams[session] -= 1
        if not self.streams[session]:
            del self.streams[session]
            self.closed[session] = self.clock()
            self.closed.move_to_end(session)
            while len(self.closed) > MAX_SESSIONS:
                self.closed.popitem(last=False)


def _session(path: str, query: bytes) -> str | None:
    if path.endswith("/queue/data"):
        return parse_qs(query.decode("latin-1")).get("session_hash", [None])[0]
    _, call, rest = path.partition("/gradio_api/call/")
    return rest.rpartition("/")[2] if call else None
